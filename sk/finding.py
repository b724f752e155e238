"""What `sk doctor` finds, and how it reads a store in which something may be damaged."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from sk.services import Services
from sk.store.port import A, get_readable


class Finding(NamedTuple):
    """Something that is wrong, and how it is mended, if it can be. A remark is only worth knowing."""

    sentence: str
    repair: Callable[[], Awaitable[None]] | None = None
    is_remark: bool = False


async def pages(services: Services, kind: type[A]) -> AsyncIterator[dict[str, A | None]]:
    """Yield every aggregate of a kind by its id, a page at a time, and None in the place of one that cannot be read."""
    after = ""
    while ids := await services.store.scan(kind, after=after):
        yield await get_readable(services.store, kind, ids)
        after = ids[-1]
