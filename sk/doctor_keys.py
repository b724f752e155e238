"""`sk doctor` on account keys: whether each account has one, and whether they are backed up."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from sk.account_keys import a_place, begun_at, collections, fetch, unmatched
from sk.auth.account import Account, AccountKey
from sk.auth.ledger import read_ledger
from sk.crypto.sign import Signers
from sk.errors import Damaged, NotFound
from sk.evidence.spelling import moment_text
from sk.finding import Finding
from sk.installation import ensure_installation
from sk.services import Services
from sk.store.port import get_readable

INTERVALS = 3
AT_ONCE = 500


async def examine_keys(services: Services) -> AsyncIterator[Finding]:
    """Yield what is wrong with the keys of accounts, with their collections, and with the ledger."""
    for kind, id_ in await _alone(services):
        if kind is Account:
            yield Finding(f"the account {id_} has no key: nothing in its postbox can be opened; see sk restore")
        else:
            yield Finding(f"there is a key of the account {id_}, which is not there")
    async for finding in _collections(services):
        yield finding
    ledger = await read_ledger(services.objects, services.keys.signers)
    for name in ledger.odd:
        yield Finding(f"the entry {name} of the ledger of erasures was signed by nobody of us, and erases nobody")
    for account_id in await _come_back([*ledger.entries], services):
        yield Finding(f"the account {account_id} is there, although the ledger says that it was erased")


async def _alone(services: Services) -> list[tuple[type, str]]:
    """Return what stands alone, and not only because it was being made or removed while this went on."""
    first = [one async for one in unmatched(services.store)]
    found = []
    for kind, id_ in first:
        there = [await services.store.get_many(one, [id_]) for one in (Account, AccountKey)]
        if sum(map(bool, there)) == 1:
            found.append((kind, id_))
    return found


async def _collections(services: Services) -> AsyncIterator[Finding]:
    """Look at the newest collection: how old it is, and whether it is whole; and for others that should be gone."""
    names = [name async for name in collections(services.objects)]
    newest, days = next(iter(names), None), services.settings.key_backup_days + 1
    for name in names[1:]:
        if services.clock.now() - begun_at(name) > timedelta(days=days):
            said = f"the collection of account keys {name} is older than {days} days"
            yield Finding(f"{said}: until it is deleted, what was erased since can be opened with it")
    limit = INTERVALS * timedelta(minutes=services.settings.key_backup_minutes)
    since = begun_at(newest) if newest else (await ensure_installation(services)).began_at
    if services.clock.now() - since > limit:
        yield Finding(_late(since, newest))
    if newest:
        try:
            with a_place() as place:
                await fetch(services.objects, newest, services.keys.signers, place)
        except (Damaged, NotFound):
            yield Finding(f"the collection of account keys {newest} is damaged; a restore takes the one before")


def _late(since: datetime, newest: str | None) -> str:
    what = "the newest collection of account keys is of" if newest else "the keys of accounts were not collected since"
    return f"{what} {moment_text(since)}; the web process makes one each hour, and sk events shows what gave up"


async def _come_back(erased: list[str], services: Services) -> list[str]:
    """Return which of the accounts that were erased are there, and not just being erased."""
    found: list[str] = []
    for begin in range(0, len(erased), AT_ONCE):
        accounts = await get_readable(services.store, Account, erased[begin : begin + AT_ONCE])
        found += (id_ for id_, account in accounts.items() if not is_closed(account, services.keys.signers))
    return sorted(found)


def is_closed(account: Account | None, signers: Signers) -> bool:
    """Tell whether an account that is still there is just being erased. One that cannot be read is not."""
    try:
        return account is not None and account.standing(signers).state == "closed"
    except Damaged:
        return False
