"""Which collection of account keys a restore takes: the newest that is whole, so that what was erased stays closed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sk.account_keys import Collection, a_place, collections, fetch, identity, keys_in, read_collection, unmatched
from sk.auth.account import Account, AccountKey
from sk.backup_files import ACCOUNT_KEYS
from sk.crypto.sign import Signers
from sk.errors import Damaged, Invalid, NotFound
from sk.installation import Installation
from sk.services import Services
from sk.store.port import Store, StoredAggregate


@dataclass
class BroughtKeys:
    """Which collection was taken, which others were passed over and why, and which accounts have no key in it."""

    taken: Collection | None = None
    passed_over: list[str] = field(default_factory=list)
    without_key: list[str] = field(default_factory=list)


def named_collection(file: Path, signers: Signers) -> Collection:
    """Return the collection in a file that the operator has named, which has to be one."""
    try:
        return read_collection(file, signers)
    except FileNotFoundError:
        raise Invalid(f"{file} is not there; nothing was brought back") from None
    except Damaged:
        raise Invalid(f"{file} is no collection of account keys, or not all of one; nothing was brought back") from None


async def account_keys(
    folder: Path, named: Path | None, installation: Installation, services: Services, brought: BroughtKeys
) -> AsyncIterator[StoredAggregate]:
    """Yield the keys of the collection that is named, or else of the newest in the object store or in the backup."""
    async with _chosen(folder / ACCOUNT_KEYS, named, identity(installation), services, brought) as path:
        if path:
            for row in keys_in(path):
                yield row


async def settle_keys(store: Store, brought: BroughtKeys) -> None:
    """Remove the keys whose accounts did not come back, and name the accounts that have none."""
    alone: list[str] = []
    async for kind, id_ in unmatched(store):
        (brought.without_key if kind is Account else alone).append(id_)
    for id_ in alone:
        await store.save(remove=[await store.get(AccountKey, id_)])


@asynccontextmanager
async def _chosen(
    beside: Path, named: Path | None, whose: str, services: Services, brought: BroughtKeys
) -> AsyncIterator[Path | None]:
    with a_place() as place:
        if named:
            brought.taken = named_collection(named, services.keys.signers)
            if brought.taken.installation != whose:
                raise Invalid(f"the account keys in {named} are of another installation; nothing was brought back")
            yield named
            return
        own = _beside(beside, whose, services.keys.signers, brought)
        stored = await _newest_stored(place, whose, services, brought)
        brought.taken = max(filter(None, (own, stored)), default=None)
        yield None if brought.taken is None else place if brought.taken is stored else beside


def _beside(path: Path, whose: str, signers: Signers, brought: BroughtKeys) -> Collection | None:
    if not path.exists():
        return None
    try:
        found = read_collection(path, signers)
    except Damaged:
        brought.passed_over.append(f"{path} is not whole")
        return None
    if found.installation != whose:
        brought.passed_over.append(f"{path} is of another installation")
        return None
    return found


async def _newest_stored(place: Path, whose: str, services: Services, brought: BroughtKeys) -> Collection | None:
    """Bring the newest whole collection of this installation from the object store into a file."""
    async for name in collections(services.objects):
        try:
            found = await fetch(services.objects, name, services.keys.signers, place)
        except (Damaged, NotFound):
            brought.passed_over.append(f"the object {name} is not whole")
            continue
        if found.installation == whose:
            return found
        brought.passed_over.append(f"the object {name} is of another installation")
    return None
