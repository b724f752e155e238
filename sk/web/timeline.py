"""The picture of a notice: its days on an upright line, the distance between two of them as the time that lies there.

Upright, because the words beside the points stay as large as all others on a phone.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sk.clock import local_day
from sk.postbox.last_days import LastDays
from sk.postbox.notice import Notice
from sk.web.language import N_

TOP = 24
STEP = 52
"""The least distance in pixels between two points: two lines of text, and air."""
DAY = 8
"""What the root of the days between two points adds, so that a year is longer than a month and fits all the same."""


class Point(NamedTuple):
    """A point on the line: what happened, or will happen, on a day, and where it is drawn."""

    words: str
    on: date
    y: int
    is_today: bool = False
    is_past: bool = False


class Picture(NamedTuple):
    """The points from top to bottom, and how far the line goes that is behind us."""

    points: Sequence[Point]
    height: int
    past: int


def picture(notice: Notice, days: LastDays | None, today: date, *, by_owner: bool = True) -> Picture:
    """Return what is drawn of a notice: what happened to it, what it counts as, when its Frist ends, and today."""
    found = [(local_day(at), words, False) for at, words in _happened(notice, by_owner=by_owner) if at]
    if notice.bekanntgabe and notice.bekanntgabe.on:
        found.append((notice.bekanntgabe.on, N_("gilt als bekannt gegeben"), False))
    if days:
        ends_on = days.ended if days.state(today) == "over" else days.shown
        found.append((ends_on, N_("Frist endet"), False))
    found.append((today, N_("heute"), True))
    found.sort(key=lambda one: one[0])  # on one day in the order in which it happened, today the last
    points: list[Point] = []
    for on, words, is_today in found:
        y = points[-1].y + STEP + round(DAY * math.sqrt((on - points[-1].on).days)) if points else TOP
        points.append(Point(words, on, y, is_today, on <= today))
    return Picture(points, points[-1].y + STEP, next(point.y for point in points if point.is_today))


def _happened(notice: Notice, *, by_owner: bool) -> Sequence[tuple[datetime | None, str]]:
    return (
        (notice.bereitgestellt_at, N_("bereitgestellt")),
        (notice.benachrichtigt_at, N_("per E-Mail benachrichtigt")),
        (notice.abgerufen_at, N_("von Ihnen abgerufen") if by_owner else N_("abgerufen")),
    )
