"""`sk doctor`: looks whether all parts can be reached and agree, and says in a sentence what is wrong."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import NamedTuple

from sk.clock import local_day
from sk.errors import Forbidden, SkError
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.services import Services
from sk.web.health import readiness


class Finding(NamedTuple):
    """Something that is wrong, and how it is mended, if it can be."""

    sentence: str
    repair: Callable[[], Awaitable[None]] | None = None


async def examine(services: Services, *, all_days: bool = False) -> AsyncIterator[Finding]:
    """Yield what is wrong.

    Objects of today may belong to notices that are coming in right now, so that only finished days are looked at;
    `all_days` is for a platform that is stopped.
    """
    trouble = False
    for part, state in (await readiness(services)).items():
        if state != "ok":
            trouble = True
            yield Finding(f"{part}: {state}")
    try:
        await services.bus.check()
    except SkError as error:
        yield Finding(f"bus: {error}")
    if trouble:
        return
    for due in await services.store.aside():
        yield Finding(f"the event {due.event.id} ({type(due.event).__name__}) gave up: {due.error}; see sk events")
    async for finding in _objects(services, None if all_days else local_day(services.clock.now())):
        yield finding


async def _objects(services: Services, before: date | None) -> AsyncIterator[Finding]:
    """Compare the objects that notices own with those that there are. Beside a damaged notice nothing is deleted."""
    for name in await services.objects.unfinished(before):
        yield Finding(f"the unfinished upload {name} is nobody's", _deletion(services, name))
    owned, damaged = await _owned(services)
    for notice_id in damaged:
        yield Finding(f"the notice {notice_id} is not what was stated about it; it is not shown")
    days = {*await services.objects.days(), *owned}
    for day in sorted(days):
        if before and day >= before:
            continue
        stored = {name async for name in services.objects.names(day)}
        for name in sorted(owned[day] - stored):
            yield Finding(f"the object {name} is missing; a notice owns it")
        for name in sorted(stored - owned[day]):
            yield Finding(f"the object {name} is nobody's", None if damaged else _deletion(services, name))


async def _owned(services: Services) -> tuple[defaultdict[date, set[str]], list[str]]:
    """Return the objects that notices own, by day, and the notices that are damaged."""
    owned: defaultdict[date, set[str]] = defaultdict(set)
    damaged: list[str] = []
    after = ""
    while notices := await services.store.scan(Notice, after=after):
        for notice in notices:
            try:
                await history_of(notice, services)
            except Forbidden:
                damaged.append(notice.id)
            for name in notice.objects:
                owned[date(*map(int, name.split("/")[:3]))].add(name)
        after = notices[-1].id
    return owned, damaged


def _deletion(services: Services, name: str) -> Callable[[], Awaitable[None]]:
    return lambda: services.objects.delete(name)
