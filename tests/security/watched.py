"""A platform of which every call to the store and every run of Argon2 is counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import aiohttp

from sk.services import Services
from sk.store.port import Store
from tests.auth.visitors import CountingPasswords
from tests.security.serving import serving
from tests.security.tab import FORM_TOKEN, Answer, Tab


@dataclass
class Watched:
    """A platform of which every call to the store and every run of Argon2 is counted."""

    tab: Tab
    passwords: CountingPasswords
    calls: list[str] = field(default_factory=list)

    async def ask(self, path: str, **fields: str) -> tuple[Answer, list[str], int]:
        """Send a form; return the answer, the calls to the store, and how often Argon2 ran."""
        self.calls.clear()
        before = self.passwords.runs
        answer = await self.tab.ask("POST", path, data={"csrf": FORM_TOKEN, **fields})
        return answer, [*self.calls], self.passwords.runs - before


class CountingStore:
    """`Store` that notes what it is called for."""

    def __init__(self, store: Store, calls: list[str]) -> None:
        """Work with a store."""
        self._store, self._calls = store, calls

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has there
        """Note it and hand it on."""
        self._calls.append(name)
        return getattr(self._store, name)


@asynccontextmanager
async def watched(services: Services) -> AsyncIterator[Watched]:
    """Serve a platform that is watched."""
    calls: list[str] = []
    passwords = CountingPasswords()
    counted = replace(services, store=cast("Store", CountingStore(services.store, calls)))
    async with serving(counted, passwords) as address, aiohttp.ClientSession() as http:
        yield Watched(Tab(http, address, "", ""), passwords, calls)
