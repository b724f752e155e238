"""An authority that posts many notices at once to a platform that keeps dying, and remembers what it was told."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp

from sk.client import AuthorityClient, File
from tests.upload import Document, post_in_pieces
from tests.world import a_notice

AT_ONCE = 8
PATIENCE = aiohttp.ClientTimeout(total=20)
AGAIN_SECONDS = 0.05
TROUBLE = (aiohttp.ClientError, TimeoutError, RuntimeError)  # the last one: no token
IMPATIENT, BROKEN = 0.2, 0.04
"""How many senders do not try again after a failure, and how many end in the middle of their request."""


@dataclass
class Posting:
    """One notice as its sender knows it."""

    notice: dict[str, Any]
    file: File
    sent_whole: bool = False
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """Return the sender's own name for it."""
        return str(self.notice["reference"])


class Crowd:
    """Clients of one authority that work beside each other."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, authority: AuthorityClient, random: Random) -> None:
        """Post as one authority."""
        self._http = http
        self._base_url = base_url
        self._authority = authority
        self._random = random
        self.postings: list[Posting] = []
        self.dealt_with = 0

    @property
    def acknowledged(self) -> list[Posting]:
        """Return what the platform has taken on, and said so."""
        return [posting for posting in self.postings if posting.answers]

    async def post(self, handle: str, number: int) -> None:
        """Post so many notices, each again and again until it is acknowledged; some senders give up or break off."""
        self.postings = [self._posting(handle) for _ in range(number)]
        left = iter(self.postings)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(self._work_off(left))

    async def again(self, posting: Posting) -> tuple[int, dict[str, Any]]:
        """Post a notice once more, and remember the answer if it is an acknowledgement."""
        posting.sent_whole = True
        status, answer = await self._authority.post(posting.notice, [posting.file])
        if status in (200, 202):
            posting.answers.append(answer)
        return status, answer

    def _posting(self, handle: str) -> Posting:
        reference, size = self._random.randbytes(8).hex(), self._random.randrange(1, 60_000)
        file = File(f"{reference}.txt", self._random.randbytes(size).replace(b"\0", b" "), "text/plain")
        return Posting(a_notice(handle, reference=reference, subject=f"Bescheid {reference}"), file)

    async def _work_off(self, left: Iterator[Posting]) -> None:
        for posting in left:
            if self._random.random() < BROKEN:
                await self._break_off(posting)
            else:
                await self._insist(posting, patient=self._random.random() > IMPATIENT)
            self.dealt_with += 1

    async def _insist(self, posting: Posting, *, patient: bool) -> None:
        while not posting.answers:
            try:
                status, answer = await self.again(posting)
                assert status in (200, 202, 503), answer
            except TROUBLE:
                status = 0
            if not posting.answers:
                if not patient:
                    return
                await asyncio.sleep(AGAIN_SECONDS)

    async def _break_off(self, posting: Posting) -> None:
        data, document = posting.file.data, Document(**posting.file.declared())

        async def half() -> AsyncIterator[bytes]:
            yield data[: len(data) // 2]
            raise ConnectionAbortedError

        try:
            await post_in_pieces(self._http, self._base_url, self._authority, posting.notice, document, half())
        except (*TROUBLE, ConnectionAbortedError):
            return
        raise AssertionError("half a request was answered as if it were a whole one")
