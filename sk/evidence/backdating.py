"""Whether time stamps refute the moments that the log itself says.

A stamp that comes long after an entry is nothing unusual: the authority may have been away. But one that does not
contain an entry was made before it stood in the log, so the entry's own moment cannot be an earlier one.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from sk.evidence.stamps import Stamped
from sk.evidence.step_words import moment_words
from sk.evidence.verdict import Proven
from sk.postbox.explanation import Words, say, verbatim

WORTH_SAYING = timedelta(minutes=5)
"""What clocks, and a request to the authority, may be apart."""
PATIENCE = timedelta(hours=1)
"""While the object store is away, entries are kept back and an older checkpoint may still be stamped."""


def contradictions(statements: Sequence[Proven], stamps: Sequence[Stamped], beyond: timedelta) -> Iterator[Words]:
    """Yield what is refuted: entries that a later stamp does not contain, and a larger log that was stamped earlier."""
    for one in statements:
        without = [stamp.at for stamp in stamps if stamp.size <= one.index]
        if without and max(without) - one.logged_at > beyond:
            yield say(
                "Widerspruch: Die Aussage „{step}“ soll am {logged_at} ins Log gekommen sein, stand aber laut "
                "Zeitstempel am {at} noch nicht darin. Sie ist rückdatiert, oder eine der Uhren ging falsch.",
                "Contradiction: the statement {step} is said to have come into the log on {logged_at}, but by a time "
                "stamp it was not there on {at}. It was back-dated, or one of the clocks was wrong.",
                step=verbatim(one.step),
                logged_at=moment_words(one.logged_at),
                at=moment_words(max(without)),
            )
    for earlier, later in pairwise(stamps):
        if earlier.size < later.size and earlier.at - later.at > beyond:
            yield say(
                "Widerspruch: Mit {more} Einträgen wurde das Log am {later} gestempelt, mit weniger erst am {earlier}.",
                "Contradiction: with {more} entries the log was stamped on {later}, with fewer only on {earlier}.",
                more=verbatim(str(later.size)),
                later=moment_words(later.at),
                earlier=moment_words(earlier.at),
            )
