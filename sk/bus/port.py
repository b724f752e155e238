"""What every bus promises: it carries ids of events to workers, at least once or not at all.

The store holds the truth. An id that gets lost is published again when its lease runs out; one that comes twice
finds its event ended.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

Receive = Callable[[str], Awaitable[None]]


class Bus(Protocol):
    """Carries nudges."""

    async def publish(self, queue: str, event_ids: Sequence[str]) -> None:
        """Hand ids to the workers of a queue. Returns when the bus has them; raises `Unavailable` if it has not."""
        ...

    def consume(self, queue: str, receive: Receive, *, at_once: int) -> AbstractAsyncContextManager[None]:
        """Call `receive` for every id that arrives, for at most `at_once` at a time.

        At the end of the block no more are taken, and those in hand are waited for. `receive` must not raise.
        """
        ...

    async def check(self) -> None:
        """Raise `Unavailable`, saying why, unless ids can be published."""
        ...
