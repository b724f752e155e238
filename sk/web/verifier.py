"""Verification of what strangers send: in a thread of its own, one bundle after the other, so that nobody else waits.

It can be filled with signatures up to its last byte. What waits is in memory, so that few may.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from cryptography.x509 import Certificate

from sk.errors import Unavailable
from sk.evidence.note import VKey
from sk.evidence.verdict import Verified
from sk.evidence.verify import verify_bundle

WAITING_MAX = 16


class Verifier:
    """Verifies bundles."""

    def __init__(self) -> None:
        """Begin with nothing to verify."""
        self._thread = ThreadPoolExecutor(1, "verifier")
        self._waiting = 0

    async def close(self, _: object = None) -> None:
        """Wait for what is being verified."""
        self._thread.shutdown()

    async def verify(self, bundle: bytes, vkeys: Sequence[VKey], authorities: Sequence[Certificate]) -> Verified:
        """Return what a bundle proves; who finds a long queue is told to come back."""
        if self._waiting >= WAITING_MAX:
            raise Unavailable("too much evidence is being verified right now; try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, _verify, bundle, vkeys, authorities)
        finally:
            self._waiting -= 1


def _verify(bundle: bytes, vkeys: Sequence[VKey], authorities: Sequence[Certificate]) -> Verified:
    """Look at certificates in time stamps in our own bundles alone, which nobody else can have made."""
    verified = verify_bundle(bundle, vkeys)
    return verify_bundle(bundle, vkeys, authorities) if verified.trusted and authorities else verified
