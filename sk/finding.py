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


def damaged_anchor(name: str) -> str:
    """Say which anchor cannot be read, and what to do about it."""
    return (
        f"the anchor {name} in the object store is damaged: put it back from a copy of the object store, or else move "
        "it away; then nobody can name what it alone has told"
    )


def foreign_anchor(log_number: int, size: int) -> str:
    """Say which anchor, the newest by its name, is nobody's that is known here, and what to do about it."""
    return (
        f"the newest anchor in the object store (log-{log_number:04}-{size:018}) is signed by no key of this log: look "
        "whose it is, and move it away if it is nobody's"
    )


async def pages(services: Services, kind: type[A]) -> AsyncIterator[dict[str, A | None]]:
    """Yield every aggregate of a kind by its id, a page at a time, and None in the place of one that cannot be read."""
    after = ""
    while ids := await services.store.scan(kind, after=after):
        yield await get_readable(services.store, kind, ids)
        after = ids[-1]
