"""The web application once more, with other parts than the world's own."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from aiohttp import web

from sk.auth.passwords import Passwords
from sk.errors import Unavailable
from sk.services import Services
from sk.store.port import Store
from sk.web.app import make_app
from sk.web.keys import PASSWORDS

REAL = "smtp://127.0.0.1:1"
"""A mail server that makes an installation a real one. Nobody listens there: tests send no mails."""


class BreaksOnSave:
    """`Store` that answers until something is to be written."""

    def __init__(self, store: Store) -> None:
        """Read from a store that works."""
        self._store = store

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has there
        """Hand everything on."""
        return getattr(self._store, name)

    async def save(self, *_: object, **__: object) -> None:
        """Be down."""
        raise Unavailable


def breaks_on_save(store: Store) -> Store:
    """Return a store that goes down between reading and writing."""
    return cast("Store", BreaksOnSave(store))


@asynccontextmanager
async def serving(services: Services, passwords: Passwords | None = None, *, host: str = "") -> AsyncIterator[str]:
    """Serve an application on a free port, whatever it believes its base URL to be, and yield its address.

    With `host`, that is its base URL.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://{host or '127.0.0.1'}:{listening.getsockname()[1]}"
        app = make_app(replace(services, base_url=address) if host else services)
        app[PASSWORDS] = passwords or app[PASSWORDS]
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            yield address
        finally:
            await runner.cleanup()
