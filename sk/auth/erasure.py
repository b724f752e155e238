"""Erasure: seven days after its owner has asked for it, an account is gone, and nothing brings it back.

The order is what it rests on. The account is closed first, by a write that a cancellation may win; then the ledger says
so where no restore reaches; then the postbox is emptied, notice by notice; and the last write removes the key, the
account and all that was its own, at once. Whoever is killed in between is begun again by the event and ends the same.
"""

import logging
from datetime import date, datetime, timedelta
from typing import Literal

from sk.auth.account import Account, AccountKey
from sk.auth.credentials import Credentials
from sk.auth.journal import entry
from sk.auth.ledger import read_entry, write_entry
from sk.auth.sessions import LogIn
from sk.auth.steps import stated_erased
from sk.auth.tell import letters_to
from sk.auth.trust import reaches
from sk.auth.vollmacht_steps import end_all_of
from sk.clock import SKEW, day_ends_at, local_day, moment_to_sign
from sk.config import Settings
from sk.errors import Damaged, Forbidden, NotFound
from sk.events import AccountErased, CardExpires, ErasureDue, Event, InactivityDue
from sk.evidence.spelling import moment_text
from sk.ids import id_that_follows
from sk.installation import ensure_installation
from sk.postbox.closing import close_postbox
from sk.safe.closing import objects_of
from sk.services import Services
from sk.store.port import Aggregate, Store, all_under, declared_kinds
from sk.store.races import looking_again

WAITS = timedelta(days=7)
AFTERWARDS = timedelta(minutes=1)
"""When what was on its way as the account was removed has arrived: a write may take ten seconds."""
By = Literal["citizen", "operator"]
log = logging.getLogger(__name__)


@looking_again
async def ask_for_erasure(
    account_id: str, services: Services, *, log_in: LogIn | None = None, by: By = "citizen"
) -> datetime:
    """Have an account erased in seven days, and return when. Asked for once more, the first moment stays.

    A citizen asks for it at the account's own level: what a password alone can do must not destroy what a card opens.
    """
    account = await services.store.get(Account, account_id)
    standing, vault = account.standing(services.keys.signers), services.keys.lock_key("vault")
    if log_in and not reaches(log_in.level, standing.trust):
        said = f"this account can be erased at the trust level {standing.trust}"
        raise Forbidden(said, problem="erasure-level-too-low")
    credentials = account.open_credentials(vault)
    if credentials.erasure_at:
        return credentials.erasure_at
    now = services.clock.now()
    credentials.erasure_at = now + WAITS
    account.lock_credentials(vault, credentials)
    account.emit(_due(account_id, credentials.erasure_at), due=credentials.erasure_at)
    account.bear(entry(account_id, "erasure-asked", now, services, by=by))
    day, link = str(local_day(credentials.erasure_at)), f"{services.base_url}/anmelden"
    account.bear(*letters_to(account, "erasure-asked", now, services, day=day, link=link))
    await services.store.save(account)
    return credentials.erasure_at


@looking_again
async def cancel_erasure(account_id: str, services: Services, *, by: By = "citizen") -> bool:
    """Keep an account that was to be erased, and tell whether it was. Once it is closed for that, it is `NotFound`."""
    account = await services.store.get(Account, account_id)
    vault = services.keys.lock_key("vault")
    credentials = account.open_credentials(vault)
    if credentials.erasure_at is None:
        return False
    if account.standing(services.keys.signers).state == "closed":
        raise NotFound("this account is being erased")
    event = _due(account_id, credentials.erasure_at)
    credentials.erasure_at = None
    account.lock_credentials(vault, credentials)
    account.bear(entry(account_id, "erasure-cancelled", services.clock.now(), services, by=by))
    await services.store.save(account, done=event if await services.store.due(event.id) else None)
    return True


async def erasure_at(account_id: str, services: Services) -> datetime | None:
    """Return when an account will be erased, or None if nobody has asked for that."""
    account = await services.store.get(Account, account_id)
    at = account.open_credentials(services.keys.lock_key("vault")).erasure_at
    return await _kept_until(account, at, services) if at else None


def final_on(erased_on: date, settings: Settings) -> date:
    """Return the day on which nothing is left of an account's key: when the last collection that has it is deleted."""
    return erased_on + timedelta(days=settings.key_backup_days + 1)


async def erase(event: ErasureDue, services: Services) -> None:
    """Erase an account whose seven days are over. What its locked credentials do not say, somebody else has made up."""
    account, credentials = await account_of(event.account_id, services)
    if account is None:
        await services.store.save(done=event)
        return
    at = credentials.erasure_at
    if at is None or event.id != _due(account.id, at).id:
        log.critical("erasure-not-asked-for", extra={"account_id": account.id})
        await services.store.save(done=event)
    elif services.clock.now() + SKEW < at:
        log.critical("event-before-its-day", extra={"account_id": account.id})
        await services.store.retry(event, at=at, error="it came before its day")
    elif (waits_until := await _kept_until(account, at, services)) > services.clock.now() + SKEW:
        await services.store.retry(event, at=waits_until, error="after a restore it can be cancelled for seven days")
    else:
        await erase_account(account, waits_until, event, services)


async def _kept_until(account: Account, at: datetime, services: Services) -> datetime:
    """Return when an erasure may happen that was due at a moment: not before a restore is seven days ago.

    Whoever has cancelled it after the backup, which was lost, so can do that once more. Who has asked for it on the day
    of the restore or later has the seven days anyhow, and of a closed account nothing can be cancelled any more.
    """
    restored_on = (await ensure_installation(services)).restored_on
    if restored_on is None or local_day(at - WAITS) >= restored_on:
        return at
    until = max(at, day_ends_at(restored_on + WAITS))
    is_closed = account.standing(services.keys.signers).state == "closed"
    return at if is_closed and until > services.clock.now() else until


async def account_of(account_id: str, services: Services) -> tuple[Account | None, Credentials]:
    """Return an account and its credentials, or nothing if it is gone."""
    try:
        account = await services.store.get(Account, account_id)
    except NotFound:
        return None, Credentials()
    return account, account.open_credentials(services.keys.lock_key("vault"))


async def erase_account(account: Account, at: datetime, done: Event, services: Services) -> None:
    """Erase an account, whose time came at a moment: the same moment, however often this is begun again."""
    standing = account.standing(services.keys.signers)
    if standing.state != "closed":
        account.change(standing.model_copy(update={"state": "closed"}), services.keys.signer("sign-web"))
        await services.store.save(account)
    written = await write_entry(account.id, at, services)
    await end_all_of(account.id, services)
    await close_postbox(account.id, at, services)
    keys = await services.store.get_many(AccountKey, [account.id])
    removed = [account, *keys.values(), *await belongings(written.belongs, services.store)]
    statement, opening = stated_erased(account.id, await moment_to_sign(services.clock), services)
    event = AccountErased(account_id=account.id, entry=written.name)
    statement.emit(event, due=services.clock.now() + AFTERWARDS)
    for objects in await objects_of(account.id, removed, services):
        statement.emit(objects, due=services.clock.now())
    await services.store.save(statement, opening, done=done, remove=removed)
    log.info("account-erased", extra={"account_id": account.id})


async def belongings(belongs: str, store: Store) -> list[Aggregate]:
    """Return all that is kept under the blind index of an account, of whatever kind it is."""
    return [one for kind in declared_kinds().values() async for one in all_under(store, kind, "belongs", belongs)]


async def follow(event: AccountErased, services: Services) -> None:
    """Remove what has come too late: a notice that was being delivered, a session that was being begun.

    Only the ledger vouches for it that an account is gone. An event that it does not know was made up.
    """
    try:
        written = await read_entry(services.objects, event.entry, services.keys.signers)
        is_gone = written.account_id == event.account_id
    except (Damaged, NotFound):
        is_gone = False
    if not is_gone or await services.store.get_many(Account, [event.account_id]):
        log.critical("erasure-not-in-the-ledger", extra={"account_id": event.account_id})
        await services.store.save(done=event)
        return
    await close_postbox(event.account_id, written.at, services)
    for kind in (CardExpires, InactivityDue):
        if await services.store.due(kind.of(event.account_id).id):
            await services.store.save(done=kind.of(event.account_id))
    await services.store.save(done=event, remove=await belongings(written.belongs, services.store))


def _due(account_id: str, at: datetime) -> ErasureDue:
    """Return the event of an erasure. Its id follows from account and moment, so that it can be found and ended."""
    return ErasureDue(id=id_that_follows("erasure", account_id, moment_text(at)), account_id=account_id)
