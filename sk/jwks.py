"""Keys that somebody publishes under an address of their own (`jwks_uri`), fetched when they are needed."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp

from sk.ask import ask
from sk.clock import Clock
from sk.crypto.sign import read_strictly
from sk.errors import Unavailable

KEPT: Final = timedelta(hours=1)
AGAIN: Final = timedelta(minutes=1)
"""How long nobody is asked again, whatever key somebody says that they have signed with."""
WHO: Final = "the address of the keys"
SECONDS: Final = 10
MAX_BYTES: Final = 64 * 1024


@dataclass
class _Set:
    """A set of keys as it was fetched, or None where nobody has answered yet."""

    at: datetime
    keys: list[dict[str, Any]] | None


NEVER: Final = _Set(datetime.min.replace(tzinfo=UTC), None)


@dataclass
class Jwks:
    """The key sets that this process knows. `sockets` judges where their addresses lead."""

    clock: Clock
    sockets: aiohttp.SocketFactoryType
    _sets: dict[str, _Set] = field(default_factory=dict)
    _fetching: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def keys(self, url: str, kid: object) -> list[dict[str, Any]]:
        """Return the keys under an address; they are fetched anew if a kid is not among them, and every hour.

        Of many who ask at once one fetches. While the address does not answer, the keys fetched last go on; where
        there are none, `Unavailable` is raised.
        """
        async with self._fetching[url]:
            known, now = self._sets.get(url, NEVER), self.clock.now()
            has_it = any(key.get("kid") == kid for key in known.keys or ())
            if now - known.at >= (KEPT if has_it else AGAIN):
                self._sets[url] = _Set(now, known.keys)
                try:
                    known = self._sets[url] = _Set(now, await self._fetch(url))
                except Unavailable:
                    if known.keys is None:
                        raise
            if known.keys is None:
                raise Unavailable(f"{WHO} has not answered within the last minute")
            return known.keys

    async def _fetch(self, url: str) -> list[dict[str, Any]]:
        headers = {"Accept": "application/jwk-set+json, application/json"}
        raw = await ask(WHO, url, None, headers, seconds=SECONDS, max_bytes=MAX_BYTES, sockets=self.sockets)
        try:
            keys = read_strictly(raw).get("keys")
        except ValueError:
            keys = None
        if not isinstance(keys, list):
            raise Unavailable(f"{WHO} answers with something else")
        return [key for key in keys if isinstance(key, dict)]
