"""What the journeys share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms import Embedded, running

GRACE_SECONDS = 2


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Embedded]:
    """Return `sk up` on a folder of its own. What runs when it is told to stop has two seconds to finish."""
    with running(Embedded(tmp_path, {"stop_grace_seconds": GRACE_SECONDS})) as embedded:
        yield embedded
