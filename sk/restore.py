"""`sk restore`: an installation is brought back from a backup, and what was lost is named.

Nobody can know what was published after the backup, so the log never goes on where the backup has it: it is closed, and
a next one begins under another name (docs/formats/log.md). What is there is moved aside or refused, never deleted, and
the restored store takes its place only when all of it is done. What the ledger says was erased does not come back.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from pydantic import SecretStr

import sk.web.app
import sk.workers.table  # noqa: F401 - with both, every kind of aggregate is known
from sk.auth.consent import Consent
from sk.auth.ledger import read_ledger
from sk.auth.portal_log_in import PortalLogIn
from sk.auth.sessions import Session
from sk.backup_files import ROWS, About, Bar, check, no_bar, read_rows
from sk.clock import Clock, SystemClock
from sk.config import Settings
from sk.continued import Restored, go_on, installation_of, verified_checkpoint
from sk.crypto.keyring import KeyRing, load_keys
from sk.crypto.sign import Signers
from sk.errors import Invalid, NotFound, Unavailable
from sk.installation import Installation
from sk.objects.port import BLOCK_BYTES, ObjectStore
from sk.restore_erased import Sieve, erase_again
from sk.restore_keys import BroughtKeys, account_keys, named_collection, settle_keys
from sk.services import Services, open_services
from sk.store.port import Aggregate, Row, Store, StoredAggregate, declared_kinds, get_readable
from sk.store.sqlite_swap import fresh_beside, wait_until_unused

ROLE = "evidence"
"""Whose key it takes to close a log and begin the next."""
AT_ONCE = 100
LEFT_BEHIND: Mapping[str, type[Aggregate]] = {kind.kind: kind for kind in (Session, PortalLogIn, Consent)}
"""What does not come back: everybody logs in anew, and is asked again what portals may be told. What was ended or
withdrawn after the backup would hold once more."""
SQLITE = "sqlite://"


def check_backup(folder: Path, settings: Settings, signers: Signers, bar: Bar = no_bar) -> dict[str, str]:
    """Return the digests of the objects in a backup, by their names, once all of it was found in order."""
    about = About.read(folder)
    if about.trial != settings.is_trial:
        kind = "of a trial" if about.trial else "of no trial"
        raise Invalid(f"this backup is {kind}, and SK_MAIL says otherwise; a trial stays one for ever")
    if about.checkpoint:
        verified_checkpoint(about.checkpoint, signers)
    digests = check(folder, about, bar)
    kinds, rows, installations = declared_kinds(), 0, 0
    for row in read_rows(folder / ROWS):
        rows += 1
        if isinstance(row, StoredAggregate):
            installations += row.kind == Installation.kind
            if row.kind not in kinds:
                raise Invalid(f"this program does not know what a {row.kind} is: a later one has made the backup")
    if (rows, installations) != (about.aggregates + about.events, 1):
        raise Invalid(f"{folder / ROWS} has {rows} rows with {installations} installations, which is not all of one")
    return digests


async def restore(
    folder: Path,
    settings: Settings,
    bar: Bar = no_bar,
    clock: Clock | None = None,
    *,
    account_keys_file: Path | None = None,
) -> Restored:
    """Bring an installation back from a backup. The caller knows that nothing of the platform runs."""
    clock, signers = clock or SystemClock(), keys_for(settings).signers
    digests = check_backup(folder, settings, signers, bar)
    if account_keys_file:
        named_collection(account_keys_file, signers)
    with fresh_store(settings, clock.now()) as chosen:
        async with opened(chosen, clock) as services:
            return await _bring_back(folder, digests, services, bar, account_keys_file)


async def restore_around(settings: Settings, clock: Clock | None = None) -> Restored:
    """Do what is left to be done where somebody's own means have brought the store back."""
    keys_for(settings)
    if settings.store_url().startswith(SQLITE):
        wait_until_unused(Path(settings.store_url().removeprefix(SQLITE)))
    async with opened(settings, clock or SystemClock()) as services:
        installation = await installation_of(services)
        ledger = await read_ledger(services.objects, services.keys.signers)
        await _forget_all(services.store)
        erased = await erase_again(ledger, services)
        restored = await go_on(services, await installation_of(services) if erased else installation)
        restored.erased, restored.odd_entries = erased, ledger.odd
        await settle_keys(services.store, restored.keys)
        return restored


def keys_for(settings: Settings) -> KeyRing:
    """Return the keys that a restore needs, or say which they are."""
    try:
        return load_keys(settings.keys_folder(), [ROLE], only_these=not settings.is_embedded)
    except Unavailable as error:
        said = f"{error}; a restore needs the keys of the role {ROLE}, in the folder that SK_KEYS names"
        raise Unavailable(said) from None


def opened(settings: Settings, clock: Clock) -> AbstractAsyncContextManager[Services]:
    """Open what a restore works with."""
    return open_services(settings, [ROLE], clock=clock, only_these_keys=not settings.is_embedded)


async def _bring_back(
    folder: Path, digests: Mapping[str, str], services: Services, bar: Bar, keys_file: Path | None
) -> Restored:
    """Bring a backup that was checked back into a store that holds nothing.

    The record of the installation comes last: without it no process takes a store for one that it can work with.
    """
    kept: list[StoredAggregate] = []
    ledger, brought = await read_ledger(services.objects, services.keys.signers), BroughtKeys()
    sieve = Sieve(ledger, services.clock.now())

    async def rows() -> AsyncIterator[Row]:
        async for row in sieve.passing(_rows(folder, kept)):
            yield row
        installation = Installation.stored(*kept[0][1:])
        async for key in account_keys(folder, keys_file, installation, services, brought):
            if key.id not in ledger.entries:
                yield key

    odd = await services.store.load(rows())
    await settle_keys(services.store, brought)
    objects = await _bring_back_objects(folder, digests, services.objects, bar)
    installation = Installation.stored(*kept[0][1:])
    installation.version = 0
    restored = await go_on(services, installation)
    restored.odd, restored.objects, restored.keys = odd, objects, brought
    restored.erased, restored.odd_entries = sieve.held_back, ledger.odd
    return restored


async def _rows(folder: Path, kept: list[StoredAggregate]) -> AsyncIterator[Row]:
    """Yield the rows of a backup but the installation, which is kept, and what does not come back."""
    for row in read_rows(folder / ROWS):
        if isinstance(row, StoredAggregate) and row.kind == Installation.kind:
            kept.append(row)
        elif not isinstance(row, StoredAggregate) or row.kind not in LEFT_BEHIND:
            yield row


async def _forget_all(store: Store) -> None:
    """Forget what does not come back, where a store was brought back as it was. What nobody can read is left."""
    for kind in LEFT_BEHIND.values():
        after = ""
        while ids := await store.scan(kind, after=after, limit=AT_ONCE):
            found = await get_readable(store, kind, ids)
            await store.save(remove=[one for one in found.values() if one])
            after = ids[-1]


async def _bring_back_objects(folder: Path, digests: Mapping[str, str], objects: ObjectStore, bar: Bar) -> int:
    """Bring back the objects that are not there as they were, and return how many."""
    count = 0
    with bar([*digests], "objects") as going:
        for name in going:
            count += await _bring_back_object(name, digests[name], folder / "objects" / name, objects)
    return count


async def _bring_back_object(name: str, digest: str, path: Path, objects: ObjectStore) -> bool:
    """Bring an object back unless it is there, every byte as it was: a disk that has failed leaves sizes alone."""
    try:
        if await _digest_of(name, objects) == digest:
            return False
        await objects.delete(name)
    except NotFound:
        pass
    size = path.stat().st_size  # noqa: ASYNC240 - of a file on a disk of this machine
    with path.open("rb") as file:
        async with objects.upload(name, size) as upload:
            while block := file.read(BLOCK_BYTES):
                await upload.write(block)
    return True


async def _digest_of(name: str, objects: ObjectStore) -> str:
    found = sha256()
    async for block in objects.read(name):
        found.update(block)
    return found.hexdigest()


@contextmanager
def fresh_store(settings: Settings, at: datetime) -> Iterator[Settings]:
    """Yield settings with a store that holds nothing.

    A SQLite store is made beside the present one. When the block ends well it takes that one's place, which is kept
    under another name. Of a database the settings name a fresh one themselves.
    """
    if not settings.store_url().startswith(SQLITE):
        yield settings
        return
    with fresh_beside(Path(settings.store_url().removeprefix(SQLITE)), at) as fresh:
        yield settings.model_copy(update={"store": SecretStr(f"{SQLITE}{fresh}")})
