"""Anchors: what the log has promised, kept outside of the store (docs/formats/log.md).

Every checkpoint is written to the object store before anybody sees it, with the statements that were logged since the
one before. So a store that was brought back from an earlier state is noticed, nothing is signed for it, and what it has
lost can be named although it is gone. Statements hold nobody's data in the clear, and anchors are not encrypted.
"""

import json
import logging
import re
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sk.crypto.sign import Signers, strict_json
from sk.errors import Damaged, NotFound
from sk.evidence.note import Checkpoint, own_checkpoint
from sk.evidence.spelling import moment_text, read_moment
from sk.objects.port import ObjectStore

BEGIN = "log-"
NAME = re.compile(r"(\d{4})/(\d\d)/(\d\d)/log-(\d{4})-(\d{18})", re.ASCII)
NUMBER = re.compile(r"/([2-9]|[1-9]\d+)", re.ASCII)
log = logging.getLogger(__name__)


class Logged(NamedTuple):
    """A statement as it was logged: its position, when that was, and its signed bytes."""

    position: int
    logged_at: datetime
    jws: str


class Anchor(NamedTuple):
    """A checkpoint of the log of a number, and what was logged since the anchor before."""

    log_number: int
    size: int
    note: str
    logged: Sequence[Logged]

    def checkpoint(self, signers: Signers) -> Checkpoint:
        """Return the checkpoint if the key of the log has signed it, for the log of this number, or raise `Damaged`.

        Whose log it is follows from its origin, which the caller compares.
        """
        found = own_checkpoint(self.note, signers)
        number = NUMBER.fullmatch(found.origin[found.origin.rfind("/") :])
        if (int(number[1]) if number else 1, found.size) != (self.log_number, self.size):
            raise Damaged
        return found


def is_anchor(name: str) -> bool:
    """Tell whether an object is an anchor of the log, and so belongs to no notice."""
    return NAME.fullmatch(name) is not None


def anchor_name(day: date, log_number: int, size: int) -> str:
    """Return the name of an anchor. There is one checkpoint for each size, so that it means one thing only."""
    return f"{day:%Y/%m/%d}/{BEGIN}{log_number:04}-{size:018}"


def day_of(name: str) -> date:
    """Return the day under which an anchor stands; a name that has none is `Damaged`."""
    try:
        return date(*map(int, name.split("/")[:3]))
    except (TypeError, ValueError) as error:
        raise Damaged from error


async def write_anchor(objects: ObjectStore, day: date, anchor: Anchor) -> None:
    """Make an anchor durable."""
    content = {
        "checkpoint": anchor.note,
        "from": anchor.size - len(anchor.logged),
        "statements": [[moment_text(logged.logged_at), logged.jws] for logged in anchor.logged],
    }
    await objects.put(anchor_name(day, anchor.log_number, anchor.size), json.dumps(content).encode())


async def read_anchor(objects: ObjectStore, name: str) -> Anchor:
    """Return an anchor; what is none is `Damaged`."""
    log_number, size = place_of(name)
    content = strict_json(b"".join([block async for block in objects.read(name)]))
    try:
        note, begin, statements = str(content["checkpoint"]), int(content["from"]), content["statements"]
        logged = [_logged(position, found) for position, found in enumerate(statements, begin)]
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged from error
    if begin + len(logged) != size:
        raise Damaged
    return Anchor(log_number, size, note, logged)


async def newest_anchor(objects: ObjectStore) -> Anchor | None:
    """Return the newest anchor by its name, whoever may have put it there: what a person is to look at."""
    async for name in _newest_first(objects):
        return await read_anchor(objects, name)
    return None


async def newest_signed(objects: ObjectStore, signers: Signers) -> tuple[date, Anchor] | None:
    """Return the newest anchor that the key of the log has signed, and the day under which it stands.

    Whoever can put objects there can give them such names. That must stop nobody, but somebody has to look.
    """
    async for name in _newest_first(objects):
        try:
            anchor = await read_anchor(objects, name)
            anchor.checkpoint(signers)
        except (Damaged, NotFound):
            log.critical("anchor-not-ours", extra={"object": name})
        else:
            return day_of(name), anchor
    return None


async def _newest_first(objects: ObjectStore) -> AsyncIterator[str]:
    """Yield the names of anchors: of the newest day that has one the last by log and size, and so on.

    No anchor stands under an earlier day than one before it (`publish`), so that the first is the newest.
    """
    for day in reversed(await objects.days()):
        for name in reversed(await _names(objects, day)):
            yield name


async def anchored_since(objects: ObjectStore, log_number: int, size: int) -> AsyncIterator[Logged]:
    """Yield, in order and once, what was logged in a log from a position on, as far as anchors hold it.

    What they do not hold is a gap in the positions.
    """
    wanted: list[str] = []
    for day in reversed(await objects.days()):
        names = [name for name in await _names(objects, day) if place_of(name)[0] == log_number]
        wanted = [name for name in names if place_of(name)[1] > size] + wanted
        if names and place_of(names[0])[1] <= size:
            break  # whatever is older is smaller
    for name in wanted:
        for logged in (await read_anchor(objects, name)).logged:
            if logged.position >= size:
                yield logged
                size = logged.position + 1


async def drop_anchors(objects: ObjectStore, log_number: int, before_size: int) -> int:
    """Delete the anchors of a log that are smaller than what a backup holds of it, and return how many.

    Only those of the newest log: a store that has another one is behind what was published, and what it has lost is
    told by the anchors alone, as are the ends of logs that were closed. The newest one always stays.
    """
    names = [name for day in await objects.days() for name in await _names(objects, day)]
    newest_log, newest = max(map(place_of, names), default=(0, 0))
    end = min(before_size, newest) if log_number == newest_log else 0
    old = [name for name in names if place_of(name)[0] == log_number and place_of(name)[1] < end]
    await objects.delete(*old)
    return len(old)


async def unreadable_anchor(objects: ObjectStore) -> str:
    """Return the name of the newest anchor that cannot be read as one, or nothing if all can."""
    for day in reversed(await objects.days()):
        for name in reversed(await _names(objects, day)):
            try:
                await read_anchor(objects, name)
            except Damaged:
                return name
    return ""


def place_of(name: str) -> tuple[int, int]:
    """Return the log and the size that an anchor's name says."""
    found = NAME.fullmatch(name)
    if not found:
        raise Damaged
    return int(found[4]), int(found[5])


async def _names(objects: ObjectStore, day: date) -> list[str]:
    return sorted([name async for name in objects.names(day, BEGIN) if is_anchor(name)])


def _logged(position: int, found: Any) -> Logged:  # noqa: ANN401 - somebody may have written anything
    logged_at, jws = found
    return Logged(position, read_moment(logged_at), str(jws))
