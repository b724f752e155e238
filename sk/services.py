"""What every part works with, and the one place where adapters are picked."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from sk.ask import outside, outside_or_here
from sk.bus.local import LocalBus
from sk.bus.port import Bus
from sk.clock import Clock, SystemClock
from sk.config import Settings
from sk.crypto.keyring import KeyRing, load_keys
from sk.errors import Invalid
from sk.jwks import Jwks
from sk.mail.port import Mailer
from sk.mail.smtp import open_smtp
from sk.objects.files import open_files
from sk.objects.port import ObjectStore
from sk.renderer import Renderer, renderer_of
from sk.scanner import Scanner, scanner_of
from sk.store.port import Store
from sk.store.sqlite import open_sqlite


@dataclass(frozen=True)
class Services:
    """The things that handlers work with. Tests replace single ones."""

    settings: Settings
    clock: Clock
    store: Store
    objects: ObjectStore
    bus: Bus
    mailer: Mailer
    scanner: Scanner
    renderer: Renderer
    keys: KeyRing
    jwks: Jwks
    base_url: str


@asynccontextmanager
async def open_services(
    settings: Settings,
    roles: Sequence[str],
    *,
    base_url: str = "",
    wake: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
    only_these_keys: bool = True,
) -> AsyncIterator[Services]:
    """Open everything that processes in these roles need, and close it in the reverse order.

    `wake` is called after a write that left events due, for the relay to look at once.
    """
    if "evidence" in roles and not settings.is_embedded and not settings.objects.get_secret_value():
        raise Invalid("the evidence worker needs SK_OBJECTS: each checkpoint is written there before it is shown")
    keys = load_keys(settings.keys_folder(), roles, only_these=only_these_keys)
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        yield Services(
            settings=settings,
            clock=clock,
            store=await stack.enter_async_context(_open_store(settings.store_url(), wake)),
            objects=await stack.enter_async_context(open_objects(settings.objects_url())),
            bus=await stack.enter_async_context(_open_bus(settings.bus.get_secret_value())),
            mailer=await stack.enter_async_context(open_smtp(settings)),
            scanner=scanner_of(settings.scanner),
            renderer=renderer_of(settings.render, settings.render_max_bytes),
            keys=keys,
            jwks=Jwks(clock, sockets_to_strangers(settings)),
            base_url=base_url or settings.base_url,
        )


def sockets_to_strangers(settings: Settings) -> aiohttp.SocketFactoryType:
    """Return what judges where an address of somebody else leads: in a trial, to this machine as well."""
    return outside_or_here if settings.is_trial else outside


# The libraries of the distributed adapters are loaded where they are used: together they take half as long as all else,
# at every start of every process and command, and an installation in one folder never needs them.


def _open_store(url: str, wake: Callable[[], None]) -> AbstractAsyncContextManager[Store]:
    if url.startswith("sqlite://"):
        return open_sqlite(Path(url.removeprefix("sqlite://")), wake)
    if url.startswith("mongodb://"):
        from sk.store.mongo import open_mongo  # noqa: PLC0415 - see above

        return open_mongo(url, wake)
    raise Invalid("SK_STORE must be sqlite:///PATH or mongodb://…")


def open_objects(url: str) -> AbstractAsyncContextManager[ObjectStore]:
    """Open the object store alone."""
    if url.startswith("file://"):
        return open_files(Path(url.removeprefix("file://")))
    if url.startswith("s3://"):
        from sk.objects.s3 import open_s3  # noqa: PLC0415 - see above

        return open_s3(url)
    raise Invalid("SK_OBJECTS must be file:///FOLDER or s3://…")


def _open_bus(url: str) -> AbstractAsyncContextManager[Bus]:
    if url == "local":
        return nullcontext(LocalBus())
    if url.startswith(("amqp://", "amqps://")):
        from sk.bus.rabbit import open_rabbit  # noqa: PLC0415 - see above

        return open_rabbit(url)
    raise Invalid("SK_BUS must be local or amqp://…")
