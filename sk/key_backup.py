"""The backup of account keys: once an hour a collection, and those go whose time is over.

It is an event that renews itself. A start looks whether it still waits, since an event can be set aside, and a store
can have been brought back from before there was one.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import ClassVar

from sk.account_keys import BEGIN, begun_at, collect, is_collection
from sk.clock import local_day
from sk.errors import Conflict, NotFound
from sk.events import KeyBackupDue
from sk.installation import ensure_installation
from sk.services import Services
from sk.store.port import Aggregate

ONLY = "key-backup"
ALL_KEPT = timedelta(days=2)
"""So long every collection is kept; of an older day the newest alone."""


class KeyBackup(Aggregate):
    """The one record of it: which event makes the next collection, and before which day no collection is left."""

    kind: ClassVar[str] = "key_backup"

    event_id: str = ""
    none_before: date = date.min

    def await_next(self, at: datetime) -> None:
        """Have the next collection made at a moment."""
        event = KeyBackupDue()
        self.event_id = event.id
        self.emit(event, due=at)


async def begin_key_backups(services: Services) -> None:
    """See to it that there is a next collection; where none waits, it is made at once."""
    backup = await _record(services)
    waiting = await services.store.due(backup.event_id)
    if waiting is None or waiting.set_aside:
        backup.await_next(services.clock.now())
        with suppress(Conflict):  # another process has just begun it
            await services.store.save(backup)


async def back_up_keys(event: KeyBackupDue, services: Services) -> None:
    """Make a collection, delete those whose time is over, and have the next one made in an hour."""
    backup = await _record(services)
    if event.id != backup.event_id:  # another one has taken its place
        await services.store.save(done=event)
        return
    await collect(services, await ensure_installation(services))
    backup.none_before = await _drop_old(backup.none_before, services)
    _go_on(backup, services)
    await services.store.save(backup, done=event)


async def go_on_without(event: KeyBackupDue, services: Services) -> None:
    """Have the next collection made, although this one is given up: a person has to look, and the hours go on."""
    backup = await _record(services)
    if event.id == backup.event_id:
        _go_on(backup, services)
        await services.store.save(backup)


async def _record(services: Services) -> KeyBackup:
    try:
        return await services.store.get(KeyBackup, ONLY)
    except NotFound:
        return KeyBackup(id=ONLY)


def _go_on(backup: KeyBackup, services: Services) -> None:
    backup.await_next(services.clock.now() + timedelta(minutes=services.settings.key_backup_minutes))


async def _drop_old(since: date, services: Services) -> date:
    """Delete the collections that are not kept any more, and return the day before which there is none left.

    Days are looked through from one on before which there was none, so that years of objects are not listed each hour.
    One on which a collection may be too old is believed, and no later one: somebody else may have written it.
    """
    objects, kept = services.objects, timedelta(days=services.settings.key_backup_days)
    if since > local_day(services.clock.now() - kept):
        since = date.min
    days = [day for day in await objects.days() if day >= since]
    names = [name for day in days async for name in objects.names(day, BEGIN) if is_collection(name)]
    gone = outlived(names, services.clock.now(), kept)
    await objects.delete(*gone)
    return min((local_day(begun_at(name)) for name in {*names} - {*gone}), default=since)


def outlived(names: list[str], now: datetime, kept: timedelta) -> list[str]:
    """Return which of all collections are to be deleted: what is too old, and of an older day all but its newest.

    The newest of all stays, however old it is: perhaps nothing else is left.
    """
    ordered = sorted(names, key=begun_at)
    newest_of_day = {local_day(begun_at(name)): name for name in ordered}
    return [
        name
        for name in ordered[:-1]
        if begun_at(name) <= now - kept
        or (begun_at(name) <= now - ALL_KEPT and name != newest_of_day[local_day(begun_at(name))])
    ]
