"""Collections of account keys: all private keys of accounts, locked as the store has them, in one object.

They are backed up apart from everything else, because they alone must not be kept for long: an account whose key is in
no collection any more nobody can open, whatever else was copied of it and wherever that lies. A collection is named by
the moment at which it was begun, and signed at its end (docs/formats/erasure.md).
"""

import gzip
import json
import re
import tempfile
import zlib
from asyncio import sleep
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, NamedTuple

from sk.auth.account import Account, AccountKey
from sk.clock import local_day, microseconds, moment
from sk.crypto.sign import Signers
from sk.disk import sync_file
from sk.errors import Damaged
from sk.evidence.spelling import moment_text, read_moment
from sk.finding import pages
from sk.installation import Installation
from sk.objects.port import BLOCK_BYTES, ObjectStore
from sk.services import Services
from sk.store.port import Aggregate, Store, StoredAggregate

BEGIN = "keys-"
NAME = re.compile(r"\d{4}/\d\d/\d\d/keys-(\d{16})", re.ASCII)
TYP = "sk-account-keys+jws"
VERSION = "sk-keys/1"
GZIP_LEVEL = 1
IN_MEMORY_BYTES = 16 * 1024 * 1024
SCANNED_AT_ONCE = 1000


class Collection(NamedTuple):
    """A collection that is whole: when it was begun, of which installation, and how many keys are in it."""

    at: datetime
    installation: str
    keys: int


def is_collection(name: str) -> bool:
    """Tell whether an object is a collection of account keys, and so belongs to no notice."""
    return NAME.fullmatch(name) is not None


def begun_at(name: str) -> datetime:
    """Return when the collection of a name was begun; a name of none is `Damaged`."""
    found = NAME.fullmatch(name)
    if not found:
        raise Damaged
    return moment(int(found[1]))


def identity(installation: Installation) -> str:
    """Return by what an installation is told from every other, also from one begun by mistake under its name."""
    return moment_text(installation.began_at)


async def collect(services: Services, installation: Installation, copy: Path | None = None) -> Collection:
    """Put a fresh collection into the object store and, if wanted, a copy of it into a new file."""
    at = services.clock.now()
    name = f"{local_day(at):%Y/%m/%d}/{BEGIN}{microseconds(at):016}"
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as file:
        count = await _write(file, installation, at, services)
        size = file.tell()
        file.seek(0)
        async with services.objects.upload(name, size) as upload:
            while block := file.read(BLOCK_BYTES):
                await upload.write(block)
        if copy:
            file.seek(0)
            _copy(file, copy)
    return Collection(at, identity(installation), count)


def read_collection(path: Path, signers: Signers) -> Collection:
    """Return what a collection in a file says of itself, once all of it was read and is whole; else `Damaged`."""
    digest, count, last = sha256(), 0, b""
    try:
        for line in _lines(path):
            if last:
                digest.update(last)
                count += 1
            last = line
        says = signers.verify(last.decode().rstrip("\n"), typ=TYP, use="sign-web")
        found = (says["v"], says["count"], says["sha256"])
        at, installation = read_moment(says["at"]), str(says["installation"])
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged from error
    if found != (VERSION, count, digest.hexdigest()):
        raise Damaged
    return Collection(at, installation, count)


def keys_in(path: Path) -> Iterator[StoredAggregate]:
    """Yield the keys in a collection that was found whole, as rows of a store."""
    last = b""
    for line in _lines(path):
        if last:
            body = last.decode().rstrip("\n")
            yield StoredAggregate(AccountKey.kind, json.loads(body)["id"], 1, body)
        last = line


async def collections(objects: ObjectStore) -> AsyncIterator[str]:
    """Yield the names of all collections, the newest first."""
    for day in reversed(await objects.days()):
        names = [name async for name in objects.names(day, BEGIN) if is_collection(name)]
        for name in sorted(names, reverse=True):
            yield name


async def fetch(objects: ObjectStore, name: str, signers: Signers, path: Path) -> Collection:
    """Bring a collection from the object store into a file; what is not whole, or not of its name, is `Damaged`."""
    with path.open("wb") as file:
        async for block in objects.read(name):
            file.write(block)
    collection = read_collection(path, signers)
    if collection.at != begun_at(name):
        raise Damaged
    return collection


async def unmatched(store: Store) -> AsyncIterator[tuple[type[Aggregate], str]]:
    """Yield what stands alone: accounts that have no key, and keys that have no account; whichever it is, and its id.

    Both are read in the order of their ids, side by side, however many there are.
    """
    accounts, keys = _ids(store, Account), _ids(store, AccountKey)
    account, key = await anext(accounts, None), await anext(keys, None)
    while account or key:
        if account == key:
            account, key = await anext(accounts, None), await anext(keys, None)
        elif key is None or (account and account < key):
            yield Account, str(account)
            account = await anext(accounts, None)
        else:
            yield AccountKey, key
            key = await anext(keys, None)


async def _ids(store: Store, kind: type[Aggregate]) -> AsyncIterator[str]:
    after = ""
    while ids := await store.scan(kind, after=after, limit=SCANNED_AT_ONCE):
        for id_ in ids:
            yield id_
        after = ids[-1]


async def _write(file: IO[bytes], installation: Installation, at: datetime, services: Services) -> int:
    """Write the keys of all accounts, one a line, and what web has signed over them; return how many there are.

    One that nobody can read is left out: it opens nothing, and an earlier collection may have it as it was.
    """
    digest, count = sha256(), 0
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=GZIP_LEVEL, mtime=0) as lines:
        async for keys in pages(services, AccountKey):
            text = "".join(f"{key.body()}\n" for key in keys.values() if key).encode()
            digest.update(text)
            count += text.count(b"\n")
            lines.write(text)
            await sleep(0)  # a store on this machine is read without a pause, while others wait
        says = {"v": VERSION, "at": moment_text(at), "installation": identity(installation), "count": count}
        signed = services.keys.signer("sign-web").sign(TYP, {**says, "sha256": digest.hexdigest()})
        lines.write(f"{signed}\n".encode())
    return count


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as lines:
            yield from lines
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Damaged from error


def _copy(file: IO[bytes], path: Path) -> None:
    with path.open("xb") as copied:
        while block := file.read(BLOCK_BYTES):
            copied.write(block)
        sync_file(copied)


@contextmanager
def a_place() -> Iterator[Path]:
    """Yield a file that is gone when the block ends, to bring a collection into."""
    with tempfile.TemporaryDirectory(prefix="sk-keys-") as folder:
        yield Path(folder) / "collection"
