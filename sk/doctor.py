"""`sk doctor`: looks whether all parts can be reached and agree, and says in a sentence what is wrong."""

import math
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sk.account_keys import is_collection
from sk.auth.account import Account
from sk.auth.ledger import is_entry
from sk.clock import local_day
from sk.config import Settings
from sk.doctor_accounts import examine_accounts
from sk.doctor_keys import examine_keys, is_closed
from sk.doctor_log import examine_log
from sk.doctor_portals import examine_bundid, examine_portals
from sk.doctor_previews import examine_previews
from sk.doctor_safes import examine_safes
from sk.doctor_scanner import examine_scanner
from sk.doctor_shares import examine_shares
from sk.doctor_texts import examine_texts
from sk.errors import Forbidden, SkError
from sk.evidence.anchor import is_anchor
from sk.finding import Finding, pages
from sk.objects.port import OBJECT_NAME
from sk.owners import BESIDE_NOTICES
from sk.postbox.history import History, history_of
from sk.postbox.notice import Notice
from sk.postbox.reply import replies_kept
from sk.services import Services
from sk.store.port import get_readable
from sk.web.health import readiness


@dataclass
class Owned:
    """The objects that are owned, by day; what is damaged, in sentences, what hidden, what gone."""

    owned: defaultdict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    damaged: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def add(self, names: Iterable[str]) -> None:
        """Take in the objects of one of them."""
        for found in filter(None, map(OBJECT_NAME.fullmatch, names)):
            self.owned[date(*map(int, found.groups()))].add(found[0])


async def examine(services: Services, *, all_days: bool = False) -> AsyncIterator[Finding]:
    """Yield what is wrong.

    An object may belong to a notice that is still coming in, for as long as the slowest upload may take, so that only
    days before that are looked at; `all_days` is for a platform that is stopped.
    """
    if not services.settings.keys:
        yield Finding("the keys lie in the folder of the data: whoever takes it has both; see SK_KEYS", is_remark=True)
    for finding in examine_texts(services.settings):
        yield finding
    for part, check in (("bus", services.bus.check()), ("mail", services.mailer.check())):
        try:
            await check
        except SkError as error:
            yield Finding(f"{part}: {error}")
    if trouble := [Finding(f"{part}: {said}") for part, said in (await readiness(services)).items() if said != "ok"]:
        for finding in trouble:
            yield finding
        return
    async for finding in _stored(services, all_days=all_days):
        yield finding
    async for finding in examine_previews(services.settings):
        yield finding
    async for finding in examine_scanner(services.scanner, services.settings.scanner_max):
        yield finding


async def _stored(services: Services, *, all_days: bool) -> AsyncIterator[Finding]:
    yield Finding(await services.store.about(), is_remark=True)
    for due in await services.store.aside():
        yield Finding(f"the event {due.event.id} ({type(due.event).__name__}) gave up: {due.error}; see sk events")
    if not services.settings.tsa.get_secret_value():
        said = "nobody outside watches the log by time stamps (SK_TSA); let somebody run sk log audit"
        yield Finding(said, is_remark=True)
    async for finding in examine_log(services):
        yield finding
    examined = (examine_accounts, examine_keys, examine_portals, examine_bundid, examine_safes, examine_shares)
    for examine_part in examined:
        async for finding in examine_part(services):
            yield finding
    uploads_began_on = local_day(services.clock.now() - longest_upload(services.settings))
    async for finding in _objects(services, None if all_days else uploads_began_on):
        yield finding


def longest_upload(settings: Settings) -> timedelta:
    """Return how long the attachments of one notice may take to arrive, or a document, in whole days."""
    largest = max(settings.attachments_max * settings.attachment_max_bytes, settings.safe_file_max_bytes)
    seconds = settings.body_grace_seconds + largest / settings.body_min_bytes_per_second
    return timedelta(days=math.ceil(timedelta(seconds=seconds) / timedelta(days=1)))


async def _objects(services: Services, before: date | None) -> AsyncIterator[Finding]:
    """Compare the objects that are owned with those that there are. Beside damage nothing is deleted."""
    for name in await services.objects.unfinished(before):
        yield Finding(f"the unfinished upload {name} is nobody's", _deletion(services, name))
    # The objects first: what is accepted from now on finds its owner among the notices.
    stored = {day: await _names(services, day) for day in await services.objects.days() if not before or day < before}
    found = await _owned(services)
    for sentence in found.damaged:
        yield Finding(sentence)
    for notice_id in found.hidden:
        yield Finding(f"the notice {notice_id} has left its postbox although its account is there; its owner misses it")
    for reply_id in found.gone:
        said = f"the reply {reply_id} is not here: a restore did not bring it back, or somebody has deleted it"
        yield Finding(said, is_remark=True)
    for day in sorted({*stored, *(day for day in found.owned if not before or day < before)}):
        there, owned = stored.get(day, set()), found.owned[day]
        for name in sorted(owned - there):
            yield Finding(f"the object {name} is missing; a notice, a reply, a draft or a document owns it")
        for name in sorted(there - owned):
            yield Finding(f"the object {name} is nobody's", None if found.damaged else _deletion(services, name))


async def _names(services: Services, day: date) -> set[str]:
    beside = (is_anchor, is_collection, is_entry)
    return {name async for name in services.objects.names(day) if not any(is_one(name) for is_one in beside)}


async def _owned(services: Services) -> Owned:
    """Return what notices, replies, drafts and safes own, and which of them are not what they should be.

    That a notice left its postbox, because its account was erased, is not stated of each. So the account tells.
    """
    found = Owned()
    for kind in BESIDE_NOTICES:
        async for rows in pages(services, kind):
            for id_, row in rows.items():
                if row:
                    found.add(row.objects)
                else:
                    found.damaged.append(f"the {kind.kind} {id_} cannot be read")
    async for notices in pages(services, Notice):
        found.hidden += await _hidden([one for one in notices.values() if one and one.closed], services)
        for notice_id, notice in notices.items():
            history = await _history(notice, services) if notice else None
            if history is None:
                found.damaged.append(f"the notice {notice_id} is not what was stated about it; it is not shown")
            # When an account was erased, what its notices had was deleted.
            if notice and not notice.closed:
                found.add(notice.objects)
                await _add_replies(found, history, services)
    return found


async def _add_replies(found: Owned, history: History | None, services: Services) -> None:
    if history is None or not history.replies:
        return
    kept = await replies_kept(history, services)
    found.gone += kept.gone
    found.damaged += [f"the reply {reply_id} is not what was stated about it" for reply_id in kept.damaged]
    for reply in kept.whole:
        found.add(reply.objects)


async def _hidden(closed: Sequence[Notice], services: Services) -> list[str]:
    """Return which of some closed notices belong to an account that is there and goes on."""
    accounts = await get_readable(services.store, Account, sorted({one.account_id for one in closed}))
    going_on = {id_ for id_, account in accounts.items() if not is_closed(account, services.keys.signers)}
    return [one.id for one in closed if one.account_id in going_on]


async def _history(notice: Notice, services: Services) -> History | None:
    try:
        return await history_of(notice, services)
    except Forbidden:
        return None


def _deletion(services: Services, name: str) -> Callable[[], Awaitable[None]]:
    return lambda: services.objects.delete(name)
