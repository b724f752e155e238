"""The requests in hand: counted, so that a process that is told to stop ends when the last of them is answered.

aiohttp's own way of ending drops every byte that arrives from then on: no upload under way could ever be finished.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web
from aiohttp.typedefs import Handler

from sk.web.keys import STOPPING


class InHand:
    """How many requests are being answered."""

    def __init__(self) -> None:
        """Begin with none."""
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a request for as long as the block lasts."""
        self._count += 1
        self._none.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._none.set()

    async def none_left(self, seconds: float) -> None:
        """Wait until all are answered, but no longer than this."""
        try:
            async with asyncio.timeout(seconds):
                await self._none.wait()
        except TimeoutError:
            return


IN_HAND = web.AppKey("in_hand", InHand)


@web.middleware
async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count a request while it is answered; once the process is to stop, its connection ends with the answer."""
    with request.app[IN_HAND].one_more():
        response = await handler(request)
        if request.app[STOPPING].is_set():
            response.force_close()
        return response
