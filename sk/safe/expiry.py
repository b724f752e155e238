"""When a document is valid no longer, a passport or a permit: its owner enters the day, and is reminded before it.

A reminder is looked at again when it is due: the day may have been changed by then, or the document be gone.
"""

from datetime import UTC, date, datetime, time, timedelta

from sk.auth.account import Account
from sk.auth.tell import letters_to
from sk.clock import BERLIN, local_day
from sk.events import DocumentExpires
from sk.evidence.spelling import moment_text
from sk.ids import id_that_follows
from sk.safe.safe import Opened, find_safe, open_safe
from sk.services import Services
from sk.store.races import looking_again

DAYS_BEFORE = (56, 7)
"""Some weeks is what it takes to get a new passport."""
SENT_AT = time(8)
"""In local time."""
IN_TRASH = timedelta(days=1)
"""How long after another is looked whether a document has come out of the trash."""


@looking_again
async def expires(account_id: str, document_id: str, on: date | None, services: Services) -> None:
    """Enter until which day a document is valid, or that no day is known, and have its owner be reminded in time."""
    opened = await open_safe(account_id, services)
    entry = opened.contents.entry(document_id)
    if entry.expires_on == on:
        return
    opened.contents.put(entry._replace(expires_on=on))
    if on:
        await remind_in_time(opened, document_id, on, services)
    await services.store.save(opened.kept())


async def remind_in_time(opened: Opened, document_id: str, on: date, services: Services) -> None:
    """Have the write that keeps a safe see to it that its owner is reminded of a day that was entered for a document.

    If the time for the first reminder is past, there is one at once. A day that is over reminds of nothing.
    """
    if on < local_day(services.clock.now()):
        return
    due = _reminded_at(on)[0]
    event = _reminder(opened.account_id, document_id, on, due)
    if await services.store.due(event.id) is None:  # the same day may have been entered before
        opened.safe.emit(event, due=due)


async def remind_of_document(event: DocumentExpires, services: Services) -> None:
    """Write to the owner of a document that will expire, without saying which; and once more shortly before."""
    opened, now = await find_safe(event.account_id, services), services.clock.now()
    entry = opened.contents.entries.get(event.document_id) if opened else None
    if entry is None or entry.expires_on != event.on or local_day(now) > event.on:
        await services.store.save(done=event)
        return
    if entry.trashed_at:
        await services.store.retry(event, at=now + IN_TRASH, error="the document is in the trash")
        return
    account = await services.store.get(Account, event.account_id)
    first, *others = letters_to(account, "document-expires", now, services, day=str(event.on))
    if following := min((at for at in _reminded_at(event.on) if at > now), default=None):
        another = _reminder(event.account_id, event.document_id, event.on, following)
        if await services.store.due(another.id) is None:
            first.emit(another, due=following)
    await services.store.save(first, *others, done=event)


def _reminded_at(on: date) -> list[datetime]:
    """Return the moments at which is reminded of a day, the first one first."""
    days = [on - timedelta(days=count) for count in DAYS_BEFORE]
    return [datetime.combine(day, SENT_AT, BERLIN).astimezone(UTC) for day in days]


def _reminder(account_id: str, document_id: str, on: date, at: datetime) -> DocumentExpires:
    """Return a reminder. Its id follows from what it is about, so that there is none twice."""
    id_ = id_that_follows(DocumentExpires.__name__, document_id, str(on), moment_text(at))
    return DocumentExpires(id=id_, account_id=account_id, document_id=document_id, on=on)
