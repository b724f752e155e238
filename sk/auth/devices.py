"""Devices: which accounts somebody has logged in to with this browser before, as only the browser keeps it.

The cookie holds a random name of the device and, for some accounts, a proof that only we can make and only we can tell
the account of. It opens nothing: a device that is known is throttled for itself, and no mail tells of its log-in.
"""

import hmac
import re
import secrets
from typing import NamedTuple, Self

from sk.services import Services

ACCOUNTS_MAX = 5
NAME_BYTES = 16
COOKIE = re.compile(r"[\w-]{22}(\.[0-9a-f]{64}){0,5}", re.ASCII)


class Device(NamedTuple):
    """A browser, by its cookie."""

    id: str
    proofs: tuple[str, ...] = ()

    @classmethod
    def of(cls, cookie: str) -> Self:
        """Return the device of a cookie, or a fresh one that nobody knows."""
        if not COOKIE.fullmatch(cookie):
            return cls(secrets.token_urlsafe(NAME_BYTES))
        name, *proofs = cookie.split(".")
        return cls(name, tuple(proofs))

    def knows(self, account_id: str, since: int, services: Services) -> bool:
        """Tell whether the account was logged in to here, and its owner has not disowned all devices since."""
        proof = self._proof(account_id, since, services)
        return sum(hmac.compare_digest(proof, held) for held in self.proofs) > 0  # all of them, in the same time

    def cookie(self, account_id: str, since: int, services: Services) -> str:
        """Return the cookie after a log-in; of several accounts it remembers the last ones."""
        proof = self._proof(account_id, since, services)
        others = [held for held in self.proofs if held != proof]
        return ".".join([self.id, proof, *others[: ACCOUNTS_MAX - 1]])

    def _proof(self, account_id: str, since: int, services: Services) -> str:
        return services.keys.index.blind("device", f"{account_id} {since} {self.id}")
