"""Passwords: Argon2id over a peppered HMAC that takes in the account, in a bounded pool of threads."""

import asyncio
import os
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from sk.crypto.lock import IndexKey
from sk.errors import Invalid, Unavailable

# One of OWASP's equivalent settings for Argon2id; 60 ms on one core, 46 MiB each.
HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
WAITING_MAX = 64
MIN_CHARACTERS = 15
MAX_CHARACTERS = 1000
SCORED_CHARACTERS = 40
"""What is looked at to say how easily a password is guessed: the time it takes grows with the square of it."""
LEET = "4@8({[<369!1|7$50+%2"
LEET_KINDS = 4
LEET_PLAIN = str.maketrans("@{[<!|$+", "4(((1157")
"""What stands for a letter, and one sign for those of the same letter: zxcvbn tries all readings of all of them."""
SCORE_MIN = 3
"""Of 4: at least a hundred million guesses, which throttling makes years and the hash makes months."""
GUESSED_BY = ("repeat", "sequence", "spatial", "date", "dictionary")
"""Why a password is easily guessed, in the order in which it helps most to be told."""
T = TypeVar("T")


OUR_WORDS = ("servicekonto", "nutzerkonto", "postfach", "behoerde", "bescheid", "ausweis", "buergerkonto", "anmelden")
"""What whoever attacks an account of ours tries first, whoever it belongs to."""


def check_password(password: str, known: Sequence[str] = ()) -> None:
    """Refuse a password that is too short to stand alone (NIST SP 800-63B-4), or easily guessed.

    `known` are words that whoever attacks this person tries first. No kinds of characters are asked for.
    """
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        said = f"a password has at least {MIN_CHARACTERS} characters and at most {MAX_CHARACTERS}"
        raise Invalid(said, field="password", problem="password-short")
    found = zxcvbn(_scored(password), [*OUR_WORDS, *(word for word in known if word)])
    if found["score"] < SCORE_MIN:
        patterns = {match["pattern"] for match in found["sequence"]}
        why = next((pattern for pattern in GUESSED_BY if pattern in patterns), "other")
        said = "this password is easily guessed"
        raise Invalid(said, field="password", problem="password-guessable", more={"why": why})


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


def _scored(password: str) -> str:
    """Return what is looked at of a password; no password costs more than some 20 ms."""
    scored = password[:SCORED_CHARACTERS]
    return scored.translate(LEET_PLAIN) if len({*scored} & {*LEET}) > LEET_KINDS else scored


def _peppered(password: str, account_id: str, pepper: IndexKey) -> str:
    normal = unicodedata.normalize("NFC", password)
    return pepper.blind("password", f"{account_id} {normal}")
