"""Which Fristen run: what somebody is told before all that could be read about them is gone."""

from collections.abc import AsyncIterator
from datetime import date
from typing import NamedTuple

from sk.auth.own_key import open_seed
from sk.clock import local_day
from sk.errors import Damaged, Forbidden
from sk.postbox.envelope import open_envelope
from sk.postbox.history import alarm, history_of
from sk.postbox.last_days import last_days
from sk.postbox.notice import Notice
from sk.postbox.sender import sender_of
from sk.postbox.waiting import waits
from sk.services import Services
from sk.store.port import all_under


class Running(NamedTuple):
    """A notice against which something may still be done: by whom, about what, and until when.

    Without a last day the Frist has not begun: its law waits for something, such as that the notice is opened.
    """

    notice_id: str
    sender: str
    subject: str
    last_on: date | None


async def running_fristen(account_id: str, services: Services) -> list[Running]:
    """Return the notices of an account whose Frist runs, perhaps runs or has not begun, the first to end first.

    Of an account without a key, which a restore has brought back so, nobody can tell what its notices are about.
    """
    today, found = local_day(services.clock.now()), list[Running]()
    try:
        seed = await open_seed(account_id, services)
    except Damaged:
        return []
    async for notice in in_postbox(account_id, services):
        days = last_days(notice.rechtsbehelf)
        if notice.has_ended or not (waits(notice) or (days and days.state(today) != "over")):
            continue
        if known := await _named(notice, seed, services):
            found.append(Running(notice.id, *known, days.shown if days else None))
    return sorted(found, key=lambda one: (one.last_on is None, one.last_on or date.max))


def in_postbox(account_id: str, services: Services) -> AsyncIterator[Notice]:
    """Yield all notices in a postbox, the oldest first."""
    return all_under(services.store, Notice, "postbox", account_id)


async def _named(notice: Notice, seed: bytes, services: Services) -> tuple[str, str] | None:
    """Return who has sent a notice, and its subject, as the list shows it; of one that is damaged nothing is said."""
    try:
        await history_of(notice, services)
        return await sender_of(notice, services), open_envelope(notice, seed).subject
    except Damaged:
        alarm(notice)
    except Forbidden:
        pass  # the alarm was raised
    return None
