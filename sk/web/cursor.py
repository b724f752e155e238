"""Places in a list, as the links to older pages spell them: `ORDER.ID`."""

from collections.abc import Sequence

from sk.store.port import A, Cursor, cursor_of

ORDER_DIGITS = 18


def read_cursor(spelled: str) -> Cursor | None:
    """Return the place that a link names, or None, which is the beginning, if it names none."""
    order, _, id_ = spelled.partition(".")
    return Cursor(int(order), id_) if order.isascii() and order.isdecimal() and len(order) <= ORDER_DIGITS else None


def first_of(found: Sequence[A], length: int, index: str) -> tuple[Sequence[A], str]:
    """Return a page of what was found, and as a link has it the place behind it, if more was found than goes there."""
    shown = found[:length]
    return shown, spelled(cursor_of(shown[-1], index)) if len(found) > length else ""


def spelled(cursor: Cursor | None) -> str:
    """Return a place as a link has it, or nothing."""
    return f"{cursor.order}.{cursor.id}" if cursor else ""
