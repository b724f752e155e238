"""Aggregates for the contract of the store: small ones that nothing else knows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from sk.events import NoticeAccepted
from sk.ids import new_id
from sk.store.port import Aggregate, Key

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Thing(Aggregate):
    """Something with a name of its own, and a place in a row."""

    kind: ClassVar[str] = "test-thing"

    name: str
    row: str = "row"
    place: int = 0
    also_in: list[str] = []
    content: bytes = b""

    def keys(self) -> Iterable[Key]:
        """Be found by the name alone, and in the row in which it stands."""
        yield Key("name", self.name, unique=True)
        for row in (self.row, *self.also_in):
            yield Key("row", row, self.place)


class Thingamajig(Aggregate):
    """Something whose kind begins like another's."""

    kind: ClassVar[str] = "test-thing-a"


class Unwritable(Thing):
    """Something that fails the moment it is written."""

    kind: ClassVar[str] = "test-unwritable"

    def body(self) -> str:
        """Fail."""
        raise ZeroDivisionError


def thing(name: str, *, row: str = "row", place: int = 0) -> Thing:
    """Return a new thing."""
    return Thing(id=new_id(), name=name, row=row, place=place)


def thing_with_event(
    name: str, *, due: datetime = NOON, lane: str = "lane", place: int = 0
) -> tuple[Thing, NoticeAccepted]:
    """Return a new thing and the event that it sets off."""
    new = thing(name, place=place)
    event = NoticeAccepted(notice_id=new.id)
    new.emit(event, due=due, lane=lane)
    return new, event
