"""Lines: notices as the list of a postbox shows them."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sk.auth.own_key import open_seed
from sk.errors import Damaged, Forbidden
from sk.evidence.form import REPRESENTATIVE
from sk.postbox.days import Said, last_abruf_on
from sk.postbox.envelope import open_envelope
from sk.postbox.history import alarm, history_of
from sk.postbox.notice import Notice
from sk.postbox.sender import sender_of
from sk.services import Services

TenthDay = Literal["plain", "strict", "moved"]


class Line(NamedTuple):
    """A notice as the list shows it. Of one that is damaged it says no more than that.

    `end` says that it cannot be opened any more: withdrawn, or lapsed. `tenth_day` says what the last day for opening
    it is: the tenth as it stands, counted strictly although it is no working day, or moved to the next one.
    """

    notice: Notice
    sender: str = ""
    subject: str = ""
    end: Literal["", "withdrawn", "lapsed"] = ""
    tenth_day: TenthDay = "plain"
    by_representative: bool = False

    @property
    def is_unread(self) -> bool:
        """Tell whether the citizen may still open it for the first time."""
        return not self.notice.abgerufen_at and not self.end

    @property
    def is_damaged(self) -> bool:
        """Tell whether the notice is not what was stated."""
        return not self.subject


async def lines_of(notices: Sequence[Notice], account_id: str, services: Services) -> list[Line]:
    """Return the lines of notices in the postbox of an account, for whoever may see it."""
    seed = await open_seed(account_id, services)
    return [await _line(notice, seed, services) for notice in notices]


async def _line(notice: Notice, seed: bytes, services: Services) -> Line:
    try:
        said = (await history_of(notice, services)).said
        subject, end = open_envelope(notice, seed).subject, notice.end_at(services.clock.now())
        by_representative = said.get("abgerufen", {}).get("by") == REPRESENTATIVE
        return Line(
            notice, await sender_of(notice, services), subject, end, _tenth_day(notice, said), by_representative
        )
    except Damaged:
        alarm(notice)
    except Forbidden:
        pass  # the alarm was raised
    return Line(notice)


def _tenth_day(notice: Notice, said: Said) -> TenthDay:
    if notice.benachrichtigt_at is None or notice.lapses_on is None:
        return "plain"
    if notice.lapses_on != last_abruf_on(said, notice.benachrichtigt_at, lenient=True):
        return "strict"
    return "plain" if notice.lapses_on == last_abruf_on(said, notice.benachrichtigt_at, lenient=False) else "moved"
