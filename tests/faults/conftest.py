"""What the accidents share."""

import os
from random import Random
from secrets import randbelow

import pytest


@pytest.fixture
def random() -> Random:
    """Return a source of accidents. A test that fails says how it began; `SEED=4711 make faults` begins so again."""
    seed = int(os.environ.get("SEED", randbelow(1_000_000)))
    print(f"SEED={seed}")  # noqa: T201 - pytest keeps it for a failure
    return Random(seed)  # noqa: S311 - to be repeated, not a secret
