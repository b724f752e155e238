"""What every store promises: aggregates and their events, saved together or not at all."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr

from sk.errors import Damaged, Invalid
from sk.events import CITIZEN_LANE, Event, Unreadable

MAX_TRIES = 16
"""Some four hours; then a person has to look."""
MAX_TRIES_UNAVAILABLE = 84
"""Three days, of something that merely cannot be reached."""


class Key(NamedTuple):
    """An entry under which an aggregate is found: the name of an index, the key in it, and a place in order."""

    index: str  # type: ignore[assignment] # hides tuple.index, which nobody asks of a key
    key: str
    order: int = 0
    unique: bool = False


class Cursor(NamedTuple):
    """A place in an index, between two entries."""

    order: int
    id: str

    @classmethod
    def behind(cls, order: int) -> Self:
        """Return the place behind everything that has this order."""
        return cls(order, "\U0010ffff")  # no id sorts behind it


@dataclass(frozen=True)
class Due:
    """An event that waits, and from when on somebody may take it."""

    event: Event
    at: datetime
    lane: str = CITIZEN_LANE
    tries: int = 0
    error: str = ""
    set_aside: bool = False


@dataclass(slots=True)
class Beside:
    """What an aggregate carries beside its body: what is to be saved with it, and its entries that the store holds."""

    due: list[Due] = field(default_factory=list)
    born: list["Aggregate"] = field(default_factory=list)
    stored_keys: frozenset[Key] = frozenset()


class Aggregate(BaseModel):
    """A thing with an identity that is loaded, changed and saved as a whole.

    `version` counts the saves; 0 was never saved. A save succeeds only if the stored version is still the one that
    was loaded. What `emit` and `bear` collect is saved in the same write.
    """

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")
    kind: ClassVar[str]
    leaves_no_trace: ClassVar[bool] = False
    """Whether nothing of it may be left in a file of ours once it was removed."""

    id: str
    version: int = 0
    _beside: Beside = PrivateAttr(default_factory=Beside)

    def keys(self) -> Iterable[Key]:
        """Return the entries under which this aggregate is to be found, in its present state."""
        return ()

    def emit(self, event: Event, *, due: datetime, lane: str = CITIZEN_LANE) -> None:
        """Have an event saved with this aggregate, or in the write that removes it, to be acted upon when it is due."""
        self._beside.due.append(Due(event, due, lane))

    def bear(self, *others: "Aggregate") -> None:
        """Have other, new aggregates saved with this one."""
        self._beside.born.extend(others)

    def body(self) -> str:
        """Return what is stored beside the version, as JSON."""
        return self.model_dump_json(exclude={"version"}, exclude_defaults=True)

    @classmethod
    def stored(cls, id: str, version: int, body: str | bytes) -> Self:
        """Rebuild an aggregate from what `body` returned, or raise `Damaged`.

        The body of one aggregate, put in the place of another, is neither of them.
        """
        try:
            aggregate = cls.model_validate_json(body)
            aggregate._beside.stored_keys = frozenset(aggregate.keys())  # noqa: SLF001 - of its own class
        except (ValueError, TypeError) as error:
            raise Damaged from error
        if aggregate.id != id:
            raise Damaged
        aggregate.version = version
        return aggregate

    @property
    def stored_keys(self) -> frozenset[Key]:
        """Return the entries that the store holds for this aggregate."""
        return self._beside.stored_keys


def cursor_of(aggregate: Aggregate, index: str) -> Cursor:
    """Return the place just behind an aggregate in one of its indexes."""
    order = next(key.order for key in aggregate.keys() if key.index == index)  # noqa: SIM118 - no dict
    return Cursor(order, aggregate.id)


class Change(NamedTuple):
    """What becomes of one aggregate: its new body, and the entries that are to be there from now on."""

    aggregate: Aggregate
    body: str
    keys: frozenset[Key]

    @property
    def out(self) -> frozenset[Key]:
        """Return the entries to take out of the indexes."""
        return self.aggregate.stored_keys - self.keys

    @property
    def into(self) -> frozenset[Key]:
        """Return the entries to put into them."""
        return self.keys - self.aggregate.stored_keys


@dataclass
class Write:
    """One atomic write, worked out before any adapter touches its database."""

    inserted: list[Change] = field(default_factory=list)
    updated: list[Change] = field(default_factory=list)
    removed: list[Aggregate] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    done: Event | None = None

    @classmethod
    def of(cls, aggregates: Iterable[Aggregate], done: Event | None, remove: Iterable[Aggregate]) -> "Write":
        """Gather what aggregates, and those born with them, ask to be written."""
        write = cls(removed=list(remove), done=done)
        write.due += [due for old in write.removed for due in old._beside.due]  # noqa: SLF001 - as below
        waiting = list(aggregates)
        while waiting:
            aggregate = waiting.pop(0)
            beside = aggregate._beside  # noqa: SLF001 - the two halves of one mechanism
            change = Change(aggregate, aggregate.body(), frozenset(aggregate.keys()))
            (write.updated if aggregate.version else write.inserted).append(change)
            write.due += beside.due
            waiting += beside.born
        return write

    @property
    def leaves_no_trace(self) -> bool:
        """Tell whether it removes something of which nothing may be left in a file."""
        return any(old.leaves_no_trace for old in self.removed)

    def settle(self) -> None:
        """Bring the aggregates in memory to what the store now holds, after the commit."""
        for aggregate, _, keys in (*self.inserted, *self.updated):
            aggregate.version += 1
            aggregate._beside = Beside(stored_keys=keys)  # noqa: SLF001


class StoredAggregate(NamedTuple):
    """An aggregate as it is stored: nobody has to be able to read it."""

    kind: str
    id: str
    version: int
    body: str

    @property
    def name(self) -> str:
        """Return what it is called where kinds stand side by side."""
        return f"{self.kind} {self.id}"


class StoredEvent(NamedTuple):
    """An event that waits, as it is stored; `due` is in microseconds since 1970. Who had it out is left out."""

    id: str
    event: str
    body: str
    due: int
    lane: str
    tries: int
    error: str
    set_aside: bool


Row = StoredAggregate | StoredEvent
A = TypeVar("A", bound=Aggregate)


class Store(Protocol):
    """The one truth. Acknowledged means durable. Whatever fails raises `Unavailable` and has changed nothing.

    Only of a save whose connection broke on its last word nobody can know: it is there whole or not at all.

    What somebody else has written in a place, and is not what belongs there, is `Damaged`.
    """

    async def get(self, kind: type[A], id: str) -> A:
        """Return an aggregate, or raise `NotFound`."""
        ...

    async def get_many(self, kind: type[A], ids: Sequence[str]) -> dict[str, A]:
        """Return those of the aggregates that exist, by id."""
        ...

    async def find(
        self,
        kind: type[A],
        index: str,
        key: str,
        *,
        after: Cursor | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> list[A]:
        """Return aggregates under a key in the order of the index, from a cursor on.

        Whoever follows the cursor sees every aggregate that keeps its place exactly once, however many are written.
        """
        ...

    async def scan(self, kind: type[Aggregate], *, after: str = "", limit: int = 1000) -> list[str]:
        """Return the ids of aggregates of a kind in their order, from an id on."""
        ...

    async def save(self, *aggregates: Aggregate, done: Event | None = None, remove: Sequence[Aggregate] = ()) -> None:
        """Write aggregates with their events, and end the event that caused it: all of it or nothing.

        Raises `Conflict` if a version has moved on, a unique key is taken, or the event was ended already.
        """
        ...

    async def take_due(self, holder: str, now: datetime, *, limit: int, lease: timedelta) -> list[Event]:
        """Lease due events to one holder, in turn over the lanes, the oldest first within each.

        Nobody else gets them until the lease has run out.
        """
        ...

    async def held(self, holder: str, now: datetime) -> int:
        """Return how many events a holder has out: leased, not ended, the lease still running."""
        ...

    async def release(self, holder: str) -> None:
        """Let others have at once what a holder has out: it stops, or it is back after being killed."""
        ...

    async def due(self, event_id: str) -> Due | None:
        """Return an event that still waits, or None if it was ended or never was."""
        ...

    async def retry(self, event: Event, *, at: datetime, error: str) -> None:
        """Make an event due again later, counting the try. One that was ended meanwhile stays ended."""
        ...

    async def set_aside(self, event: Event, *, error: str) -> None:
        """Take an event out of the run for a person to look at. It is never dropped."""
        ...

    async def aside(self, *, limit: int = 1000) -> list[Due]:
        """Return the events that were set aside."""
        ...

    def everything(self) -> AsyncIterator[Row]:
        """Yield all aggregates and all events that wait, as they stood at the moment at which the first was read.

        No write is there in part, however many come while this goes on. It raises `Unavailable` rather than go on with
        another moment.
        """
        ...

    async def load(self, rows: AsyncIterator[Row]) -> list[str]:
        """Bring rows back into a store that holds nothing, and raise `Conflict` if it holds something.

        Entries follow from the aggregates, as with every save. What nobody can read comes back all the same, without
        entries; what claims a unique key that another one has, without that one. Return the names of both.
        """
        ...

    async def now(self) -> datetime:
        """Return the clock of the store."""
        ...

    async def check(self) -> None:
        """Raise `Unavailable`, saying why, unless the store can be written."""
        ...

    async def about(self) -> str:
        """Return in a sentence what the store is, and its own defaults, which nothing here leans on."""
        ...


async def all_of(store: Store, kind: type[A], *, at_once: int = 1000) -> AsyncIterator[A]:
    """Yield all aggregates of a kind in the order of their ids, read so many at a time."""
    after = ""
    while ids := await store.scan(kind, after=after, limit=at_once):
        found = await store.get_many(kind, ids)
        for id in ids:
            if id in found:
                yield found[id]
        after = ids[-1]


async def all_under(store: Store, kind: type[A], index: str, key: str, *, at_once: int = 100) -> AsyncIterator[A]:
    """Yield all aggregates under a key in the order of the index, read so many at a time.

    It ends, whatever somebody has written into the index: what it leads to once more is passed over.
    """
    seen, after = set[str](), None
    while page := await store.find(kind, index, key, after=after, limit=at_once):
        fresh = [one for one in page if one.id not in seen]
        if not fresh:
            return
        for one in fresh:
            yield one
        seen.update(one.id for one in fresh)
        after = cursor_of(page[-1], index)


async def get_readable(store: Store, kind: type[A], ids: Sequence[str]) -> dict[str, A | None]:
    """Return those of the aggregates that exist, by id, and None in the place of one that nobody can read."""
    try:
        return {**await store.get_many(kind, ids)}
    except Damaged:
        found: dict[str, A | None] = {}
        for id in ids:
            try:
                found |= await store.get_many(kind, [id])
            except Damaged:
                found[id] = None
        return found


def event_of(id: str, name: str, body: str | bytes) -> Event:
    """Rebuild an event from its name and body. What cannot be read keeps its id, so that it is not lost."""
    try:
        return Event.types[name].model_validate_json(body)
    except (KeyError, ValueError):
        return Unreadable(id=id)


def backoff(tries: int, *, jitter: float) -> timedelta:
    """Return how long an event waits after a failed try: from a second to an hour, spread by `jitter` (0 to 1)."""
    seconds: float = min(2.0**tries, 3600.0)
    return timedelta(seconds=seconds * (0.5 + jitter))


def keys_of(row: StoredAggregate, kinds: Mapping[str, type[Aggregate]]) -> frozenset[Key] | None:
    """Return the entries that a save would have made for an aggregate, or None if nobody can read it."""
    if row.kind not in kinds:
        raise Invalid(f"this program does not know what a {row.kind} is; a later one has written it")
    try:
        return kinds[row.kind].stored(row.id, row.version, row.body).stored_keys
    except Damaged:
        return None


def declared_kinds() -> dict[str, type[Aggregate]]:
    """Return every kind of aggregate by its name."""
    return {cls.kind: cls for cls in _subclasses(Aggregate)}


def _subclasses(cls: type[Any]) -> Iterable[type[Any]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def in_turn(lanes: Sequence[str], room: int, after: str) -> list[tuple[str, int]]:
    """Return how many events to take from which lanes: equal shares, beginning behind the lane served last.

    What a lane does not use is not handed on here; the next call, an instant later, finds fewer lanes.
    """
    turn = sorted(lanes, key=lambda lane: (lane <= after, lane))[:room]
    return [(lane, max(1, room // len(turn))) for lane in turn]
