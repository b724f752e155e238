"""Following a log from outside: whoever keeps its checkpoints can tell whether it only grew (docs/formats/log.md).

How tiles are fetched is the caller's matter, so that a command, an authority's client and a test follow alike.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from sk.disk import sync_file, sync_folder
from sk.errors import Damaged, Invalid, SkError
from sk.evidence.note import SIGNATURE, Checkpoint, VKey, is_name, open_note
from sk.evidence.tiles import HEIGHT, WIDTH, Place, hash_over, path_of, tiles_for
from sk.evidence.tree import EMPTY_ROOT, HASH_BYTES, consistency_ranges, roots_by_consistency

LAST_KEPT = 100
LOOK_SECONDS = 0.02
Fetch = Callable[[str], Awaitable[bytes]]
"""Returns what a log serves at a path below `/log/`, such as `tile/0/003.p/17`."""


class Contradiction(SkError):
    """What the log says now contradicts what was kept of it. `problem` names how."""


def unreadable(sentence: str) -> Invalid:
    """Return the error for what cannot be read, so that nothing was proven and nothing contradicts."""
    return Invalid(sentence, problem="unreadable")


class Kept(BaseModel):
    """What was kept of a log: the key that is trusted for it, and checkpoints, the first and the newest ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    vkey: str
    checkpoints: list[str] = []

    @classmethod
    def load(cls, path: Path, trust: str = "") -> Self | None:
        """Read a file of state; None if there is none yet. What cannot be read never counts as none.

        A state that was kept under another key than the one to trust is not continued.
        """
        try:
            kept = cls.model_validate_json(path.read_bytes())
            VKey.read(kept.vkey)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(f"the state {path} cannot be read: {error.strerror}") from None
        except (ValidationError, Damaged):
            raise unreadable(f"the state {path} cannot be read: it is not what was written there") from None
        if trust not in ("", kept.vkey):
            raise Contradiction(
                f"the state {path} was kept under another key than the one to trust", problem="other-key"
            )
        return kept

    def save(self, path: Path) -> None:
        """Write the file whole or not at all; it is on disk when this returns."""
        try:
            with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
                try:
                    file.write(self.model_dump_json(indent=1).encode() + b"\n")
                    sync_file(file)
                    Path(file.name).replace(path)
                finally:
                    Path(file.name).unlink(missing_ok=True)
            sync_folder(path.parent)
        except OSError as error:
            raise unreadable(f"the state {path} cannot be written: {error.strerror}") from None

    def newest(self) -> Checkpoint | None:
        """Return the checkpoint that was kept last."""
        return self._opened(self.checkpoints[-1]) if self.checkpoints else None

    def all(self) -> list[Checkpoint]:
        """Return all checkpoints that were kept."""
        return [self._opened(note) for note in self.checkpoints]

    def followed_by(self, note: str) -> Self:
        """Return this with a newer checkpoint. The first is never given up: it reaches back the furthest."""
        first, later = self.checkpoints[:1], self.checkpoints[1:]
        return self.model_copy(update={"checkpoints": [*first, *[*later, note][-LAST_KEPT:]]})

    def _opened(self, note: str) -> Checkpoint:
        try:
            return read_checkpoint(note, VKey.read(self.vkey))
        except SkError:
            raise unreadable(
                "the state cannot be read: a checkpoint in it is not signed by the key beside it"
            ) from None


async def follow(kept: Kept, note: str, fetch: Fetch, *, every: bool = False) -> Kept:
    """Check that the newest checkpoint continues what was kept, and return what to keep from now on.

    The newest one that was kept stands for those before it, which were checked against it when it came; `every` checks
    all of them anew, for whoever has not written the state himself.
    """
    if not every and note in kept.checkpoints[-1:]:
        return kept
    new = read_checkpoint(note, VKey.read(kept.vkey))
    newest = kept.newest()
    for old in kept.all() if every else [newest] if newest else []:
        await prove(old, new, fetch)
    return kept if newest and newest.size == new.size else kept.followed_by(note)


async def watch(state: Path, trust: str, note: str | None, fetch: Fetch, asked: Kept | None = None) -> None:
    """Check a checkpoint against a file of state, and keep it there if the log has grown.

    `trust` is the log's verifier key, which the first time has to come from elsewhere than the log. Several programs
    may share a file, and the answer to one may come in after a later answer to another: `asked` is what the file held
    when the checkpoint was asked for, and nothing older than that is taken.
    """
    async with _alone(state):
        kept = Kept.load(state, trust) or Kept(vkey=str(read_vkey(trust)))
        asked = asked or kept
        begin, newest = asked.newest(), kept.newest()
        if note is None:
            if begin:
                raise _behind(begin, 0)
            return
        new = read_checkpoint(note, VKey.read(kept.vkey))
        if newest and new.size < newest.size and asked.checkpoints != kept.checkpoints:
            for old, later in ((begin, new), (new, newest)):
                if old:
                    await prove(old, later, fetch)
        elif (grown := await follow(kept, note, fetch)) is not kept:
            grown.save(state)


@asynccontextmanager
async def _alone(state: Path) -> AsyncIterator[None]:
    """Wait until no other program is between reading this state and writing it; a lock dies with its holder."""
    try:
        file = state.with_name(f".{state.name}.lock").open("w")
    except OSError as error:
        raise unreadable(f"the state {state} cannot be locked: {error.strerror}") from None
    with file:
        # Not in a thread: two tasks of one process must not keep each other waiting.
        while not _is_locked(file):  # noqa: ASYNC110 - what another program does is no event here
            await asyncio.sleep(LOOK_SECONDS)
        yield


def _is_locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_vkey(text: str) -> VKey:
    """Read the verifier key of a log as somebody has handed it over."""
    try:
        return VKey.read(text)
    except Damaged:
        raise unreadable("this is no verifier key of a log; sk authority add prints it as log_vkey") from None


def read_checkpoint(note: str, trusted: VKey) -> Checkpoint:
    """Return what a note says that is signed by the key that is trusted, under the name of its log and no other."""
    origin = note.partition("\n")[0]
    if f"\n\n{SIGNATURE}" not in note or not is_name(origin):
        raise unreadable("what is served as the checkpoint of the log is none")
    try:  # the same key under another name: not to be trusted, but to be told from a stranger's
        text, signer = open_note(note, {trusted, VKey(origin, trusted.public)})
        found = Checkpoint.read(text)
    except (Damaged, ValueError):
        said = f"the checkpoint is not signed by the key that is trusted for the log {trusted.name}"
        raise Contradiction(said, problem="unsigned") from None
    if (found.origin, signer.name) != (trusted.name, trusted.name):
        said = (
            f"the log {trusted.name} was closed, and {found.origin} is served in its place, as after a restore: "
            "ask what was lost, and begin a state of its own for the new one"
        )
        raise Contradiction(said, problem="renamed")
    return found


async def prove(old: Checkpoint, new: Checkpoint, fetch: Fetch) -> None:
    """Prove with the log's tiles that it only grew from one checkpoint to another."""
    if new.size < old.size:
        raise _behind(old, new.size)
    if new.size == old.size or not old.size:  # an empty tree is continued by every other
        continues = old.root == (new.root if old.size else EMPTY_ROOT)
    else:
        ranges = consistency_ranges(old.size, new.size)
        tiles = {place: await read_tile(place, new.size, fetch) for place in sorted(tiles_for(ranges))}
        proof = [hash_over(found, tiles) for found in ranges]
        continues = roots_by_consistency(old.size, new.size, old.root, proof) == (old.root, new.root)
    if not continues:
        said = (
            f"the log {old.origin}, now of {new.size} leaves, does not continue what was kept of it: among its first "
            f"{old.size} leaves something was changed, put in between or taken out"
        )
        raise Contradiction(said, problem="forked")


async def read_tile(place: Place, size: int, fetch: Fetch) -> bytes:
    """Return a tile of hashes as wide as it is in a log of a size."""
    path = f"tile/{path_of(place, width := width_of(place, size))}"
    row = await fetch(path)
    if len(row) != width * HASH_BYTES:
        raise unreadable(f"the log serves {len(row)} bytes as {path}, where there must be {width * HASH_BYTES}")
    return row


def width_of(place: Place, size: int) -> int:
    """Return how many hashes a tile has in a log of a size."""
    level, number = place
    return min(WIDTH, (size >> HEIGHT * level) - number * WIDTH)


def _behind(old: Checkpoint, size: int) -> Contradiction:
    said = f"the log {old.origin} went back: it has {size} leaves, and had {old.size} when its checkpoint was kept"
    return Contradiction(said, problem="behind")
