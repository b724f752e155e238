"""Printing: proofs are typeset in a thread of their own, one after the other, so that nobody else waits for them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from sk.errors import Unavailable
from sk.postbox.proven import Printed, Proof

WAITING_MAX = 16


class Printer:
    """Typesets proofs."""

    def __init__(self) -> None:
        """Begin with nothing to print."""
        self._thread = ThreadPoolExecutor(1, "printer")
        self._waiting = 0

    async def close(self, _: object = None) -> None:
        """Wait for what is being printed."""
        self._thread.shutdown()

    async def print(self, proof: Proof, printed: Printed) -> bytes:
        """Return a proof as PDF. It takes a third of a second; who finds a long queue is told to come back."""
        if self._waiting >= WAITING_MAX:
            raise Unavailable("too many proofs are being printed right now; try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, _typeset, proof, printed)
        finally:
            self._waiting -= 1


def _typeset(proof: Proof, printed: Printed) -> bytes:
    # The typesetter takes as long to load as all else together, and every start of the platform would wait for it.
    from sk.postbox.proof_pdf import typeset_proof  # noqa: PLC0415 - see above

    return typeset_proof(proof, printed)
