"""QR codes: as a picture for pages, and as squares for what is printed."""

from io import BytesIO
from typing import NamedTuple

import segno


class Squares(NamedTuple):
    """A code as squares: how many it is wide, and which are dark, by column and row."""

    width: int
    dark: frozenset[tuple[int, int]]


def qr_svg(text: str) -> str:
    """Return a text as a picture for a camera: SVG, black on white whatever the page's colours are."""
    picture = BytesIO()
    _code(text).save(
        picture, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False, svgns=False, nl=False,
        svgclass=None, lineclass=None,
    )  # fmt: skip
    return picture.getvalue().decode()


def qr_squares(text: str) -> Squares:
    """Return a text as squares, without the quiet zone around them."""
    rows = _code(text).matrix
    return Squares(len(rows), frozenset((x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark))


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
