"""Passwords: Argon2id over a peppered HMAC that takes in the account, in a bounded pool of threads."""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from sk.crypto.lock import IndexKey
from sk.errors import Unavailable

# One of OWASP's equivalent settings for Argon2id; 60 ms on one core, 46 MiB each.
HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
WAITING_MAX = 64
MIN_CHARACTERS = 15
MAX_CHARACTERS = 1000
T = TypeVar("T")


class Passwords:
    """Hashes and checks passwords, as many at a time as there are cores."""

    def __init__(self) -> None:
        """Begin with an idle pool."""
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, "argon2")
        self._waiting = 0

    async def close(self, _: object = None) -> None:
        """Wait for what is being hashed."""
        self._threads.shutdown()

    async def hash(self, password: str, account_id: str, pepper: IndexKey) -> str:
        """Return the hash to keep for an account."""
        return await self._run(lambda: HASHER.hash(_peppered(password, account_id, pepper)))

    async def matches(self, password: str, hashed: str, account_id: str, pepper: IndexKey) -> bool:
        """Tell whether a password is the one; an empty hash costs the same time and never matches."""
        peppered = _peppered(password, account_id, pepper)
        if not hashed:
            await self._run(lambda: HASHER.hash(peppered))
            return False
        try:
            return await self._run(lambda: HASHER.verify(hashed, peppered))
        except (VerifyMismatchError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_MAX:
            raise Unavailable("too many people are logging in right now; try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _peppered(password: str, account_id: str, pepper: IndexKey) -> str:
    normal = unicodedata.normalize("NFC", password)
    return pepper.blind("password", f"{account_id} {normal}")
