"""What is looked at while it passes: a scanner that has fallen silent is not asked again."""

import pytest

from sk.errors import Unavailable
from sk.safe.look import Look
from sk.scanner import Scan


class Silent(Scan):
    """It does not answer, and takes its time for that."""

    asked = 0

    async def feed(self, data: bytes) -> None:
        """See `Scan.feed`."""
        self.asked += len(data)
        raise Unavailable("the malware scanner does not answer", problem="scanner-silent")


async def test_a_scanner_that_has_fallen_silent_is_waited_for_once() -> None:
    scan = Silent()
    look = Look(scan)
    for _ in range(3):
        await look.feed(b"x")

    assert (scan.asked, look.size, look.is_blind) == (1, 3, True)
    with pytest.raises(Unavailable):
        await look.finish("Zeugnis.bin")
