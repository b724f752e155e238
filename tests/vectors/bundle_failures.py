"""What the vectors of bundles say that must not be believed, by the rule of docs/formats/bundle.md that refuses it.

Each is made as somebody would who holds all keys and errs in this one thing only: everything else fits.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.vectors import bundle_shares as shares
from tests.vectors.bundle_chain import bad_chains, bad_ends, bad_payloads
from tests.vectors.bundle_changes import ACT, DELIVERED, MESSAGE, TAKEN, Change, says
from tests.vectors.bundle_keys import bad_keys, bad_signatures, bad_signers
from tests.vectors.bundle_log import bad_checkpoints, bad_places, bad_stamps
from tests.vectors.bundle_replies import REPLIED, bad_replies
from tests.vectors.bundle_vollmachten import REPRESENTED, bad_vollmachten, bad_words


class Failure(NamedTuple):
    """A bundle that is refused: by which rule, and how its story differs from that of another one."""

    rule: int
    of: str
    name: str
    change: Change


def failures() -> Iterator[Failure]:
    """Yield all failures for which something has to be signed."""
    for rule, of, changes in (
        (2, MESSAGE, bad_checkpoints()),
        (3, MESSAGE, bad_keys()),
        (4, MESSAGE, bad_signatures(TAKEN) | bad_payloads()),
        (4, DELIVERED, bad_signers()),
        (4, ACT, {"says: a day of Bekanntgabe that is none": says(19, bekanntgabe_on=None)}),
        (5, DELIVERED, bad_places()),
        (6, DELIVERED, bad_chains()),
        (7, DELIVERED, bad_ends()),
        (4, REPLIED, bad_replies()),
        (4, REPRESENTED, bad_words()),
        (11, REPRESENTED, bad_vollmachten()),
        (9, ACT, bad_stamps()),
        (4, shares.SHARED, shares.bad_words()),
        (6, shares.SHARED, shares.bad_chains()),
        (7, shares.SHARED, shares.bad_ends()),
        (7, DELIVERED, shares.of_a_share()),
        (9, shares.SHARED, shares.bad_stamps()),
        (12, shares.SHARED, shares.beyond()),
    ):
        for name, change in changes.items():
            yield Failure(rule, of, name, change)
