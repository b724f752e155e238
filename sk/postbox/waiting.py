"""Acts that wait: for being opened, or for their mail. Until then no Frist runs, and opening one may begin it."""

from typing import Literal

from sk.postbox.bekanntgabe_rules import by_abruf
from sk.postbox.notice import Notice
from sk.postbox.regimes import regime_of


def waits(notice: Notice) -> bool:
    """Tell whether an act waits for something from which its law counts, so that no Frist runs yet."""
    return notice.notice_kind == "verwaltungsakt" and (notice.bekanntgabe is None or notice.bekanntgabe.on is None)


def opening_announces(notice: Notice) -> Literal["", "on the day", "on the day after"]:
    """Tell when an act that waits counts as announced if it is opened now; not at all if it waits for its mail.

    § 41 Abs. 2a Satz 3 VwVfG: on the day after, mail or not. Where the mail was refused, the day of the Abruf governs
    (§ 37 Abs. 2a Satz 6 SGB X).
    """
    if not waits(notice) or notice.abgerufen_at or not notice.law or not notice.bereitgestellt_at:
        return ""
    if regime_of(notice.law).version_at(notice.bereitgestellt_at).rule is by_abruf:
        return "on the day after"
    return "on the day" if notice.bekanntgabe else ""
