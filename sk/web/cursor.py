"""Places in a list, as the links to older pages spell them: `ORDER.ID`."""

from sk.store.port import Cursor

ORDER_DIGITS = 18


def read_cursor(spelled: str) -> Cursor | None:
    """Return the place that a link names, or None, which is the beginning, if it names none."""
    order, _, id_ = spelled.partition(".")
    return Cursor(int(order), id_) if order.isascii() and order.isdecimal() and len(order) <= ORDER_DIGITS else None


def spelled(cursor: Cursor | None) -> str:
    """Return a place as a link has it, or nothing."""
    return f"{cursor.order}.{cursor.id}" if cursor else ""
