"""The files of a backup: what lies in its folder, and whether that is what was written.

backup.json       what this is, with the digests of the two lists; it is written last
store.jsonl.gz    all aggregates but the keys of accounts, and all events that wait, one a line
account-keys.jsonl.gz
                  the keys of accounts, locked (docs/formats/erasure.md); to be deleted after two weeks, so that nothing
                  opens what was erased
objects.sha256    the objects, as `sha256sum --check` reads it
objects/          the objects under their names
"""

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import file_digest
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from sk.crypto.sign import decode
from sk.disk import sync_file
from sk.errors import Invalid
from sk.evidence.note import Checkpoint
from sk.objects.port import OBJECT_NAME
from sk.store.port import Row, StoredAggregate, StoredEvent

ABOUT, ROWS, OBJECTS = "backup.json", "store.jsonl.gz", "objects.sha256"
ACCOUNT_KEYS = "account-keys.jsonl.gz"
GZIP_LEVEL = 1
"""Most of a store is ciphertext, which no level makes smaller."""


class Bar(Protocol):
    """What shows how far something has come: it hands on what is worked through, one after the other."""

    def __call__(self, names: Sequence[str], label: str) -> AbstractContextManager[Iterable[str]]:
        """Begin."""
        ...


def no_bar(names: Sequence[str], label: str) -> AbstractContextManager[Iterable[str]]:  # noqa: ARG001 - as in `Bar`
    """Show nothing."""
    return nullcontext(names)


class About(BaseModel):
    """What a backup is of, and what has to be in it. `root` is base64url; `objects` is null if there are none in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal["sk-backup/2"]
    made_at: AwareDatetime
    trial: bool
    origin: str
    log_number: int
    size: int
    root: str
    checkpoint: str
    aggregates: int
    events: int
    rows_sha256: str
    account_keys: int
    account_keys_sha256: str
    objects: int | None
    objects_sha256: str | None
    missing: list[str] = []

    @property
    def head(self) -> Checkpoint:
        """Return the log as it stood."""
        return Checkpoint(self.origin, self.size, decode(self.root))

    def write(self, folder: Path) -> None:
        """Write it down: from now on the folder is a backup."""
        write(folder / ABOUT, [self.model_dump_json(indent=1) + "\n"])

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it, or say that this is no backup."""
        try:
            return cls.model_validate_json((folder / ABOUT).read_bytes())
        except FileNotFoundError:
            raise Invalid(f"{folder} is no backup, or not all of one: it has no {ABOUT}") from None
        except ValidationError as error:
            raise Invalid(f"{folder / ABOUT} cannot be read as what a backup says of itself") from error


async def write_rows(path: Path, rows: AsyncIterator[Row]) -> None:
    """Write rows as lines of JSON."""
    with path.open("xb") as file:
        with gzip.open(file, "wt", GZIP_LEVEL, encoding="ascii") as lines:
            async for row in rows:
                lines.write(json.dumps(row._asdict()) + "\n")
        sync_file(file)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows in a file whose digest was checked."""
    try:
        with gzip.open(path, "rt", encoding="ascii") as lines:
            for line in lines:
                said = json.loads(line)
                yield StoredEvent(**said) if "event" in said else StoredAggregate(**said)
    except (EOFError, gzip.BadGzipFile, TypeError, ValueError, zlib.error) as error:
        raise Invalid(f"{path} cannot be read as the rows of a store") from error


def write(path: Path, lines: Iterable[str]) -> None:
    """Write a file that was not there before, and have it on disk."""
    with path.open("x") as file:
        file.writelines(lines)
        sync_file(file)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def check(folder: Path, about: About, bar: Bar) -> dict[str, str]:
    """Return the digests of the objects in a backup, by their names, if every file is what was written.

    Else this raises `Invalid`.
    """
    _compare(folder / ROWS, about.rows_sha256)
    if about.objects_sha256 is None:
        return {}
    _compare(folder / OBJECTS, about.objects_sha256)
    digests = dict(_object_line(line) for line in (folder / OBJECTS).read_text().splitlines())
    if odd := [name for name in digests if not OBJECT_NAME.fullmatch(name)]:
        raise Invalid(f"{folder / OBJECTS} names {odd[0]}, which is the name of no object; nothing was brought back")
    with bar([*digests], "checking objects") as names:
        for name in names:
            _compare(folder / "objects" / name, digests[name])
    return digests


def object_line(name: str, sha256: str) -> str:
    """Return the line about an object in the list of objects."""
    return f"{sha256}  objects/{name}\n"


def _object_line(line: str) -> tuple[str, str]:
    sha256, _, path = line.partition("  ")
    return path.removeprefix("objects/"), sha256


def _compare(path: Path, sha256: str) -> None:
    try:
        if digest(path) == sha256:
            return
    except FileNotFoundError:
        raise Invalid(f"{path} is missing; nothing was brought back") from None
    raise Invalid(f"{path} is not what was written when the backup was made; nothing was brought back")
