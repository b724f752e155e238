"""One job: a document comes by standard input, a picture of one of its pages leaves by standard output.

Before the first byte is read the process gives up what it does not need (`sk/render/confined.py`), so that a document
which takes it over has hardly anything to reach for. Of ours nothing else is imported here.

    us    go ⏎
    web   {"type": "application/pdf", "page": 1, "width": 1000, "length": 48123} ⏎ and so many bytes
    us    {"pages": 3, "width": 1000, "height": 1414, "length": 81234} ⏎ and a PNG, or {"error": "unreadable"} ⏎
"""

import io
import json
import os
import sys
import warnings
from typing import Any

import pypdfium2
from PIL import Image, ImageOps, TiffImagePlugin

from sk.render.confined import confine

PIXELS_MAX = 200_000_000
WIDTH_MAX = 2000
TALLEST = 4
"""A picture is at most so many times as high as it should be wide."""
HEAD_BYTES = 1000
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/tiff": TiffImagePlugin.TiffImageFile.format}


class NoPage(Exception):
    """The document has no such page."""


def draw(wanted: dict[str, Any], data: bytes) -> tuple[dict[str, int], bytes]:
    """Return how many pages a document has, and one as a PNG: pixels, and nothing else of what came."""
    drawing = _page if wanted["type"] == "application/pdf" else _image
    pages, drawn = drawing(data, wanted)
    picture = Image.new("RGB", drawn.size, "white")
    picture.paste(drawn, mask=drawn if drawn.mode == "RGBA" else None)
    png = io.BytesIO()
    picture.save(png, "PNG")
    return {"pages": pages, "width": picture.width, "height": picture.height}, png.getvalue()


def _page(data: bytes, wanted: dict[str, Any]) -> tuple[int, Image.Image]:
    document = pypdfium2.PdfDocument(data)
    document.init_forms()  # what was filled in is to be seen
    if wanted["page"] > len(document):
        raise NoPage
    page = document[wanted["page"] - 1]
    scale = wanted["width"] * min(1 / page.get_width(), TALLEST / page.get_height())
    drawn: Image.Image = page.render(scale=scale, rev_byteorder=True).to_pil()
    return len(document), drawn


def _image(data: bytes, wanted: dict[str, Any]) -> tuple[int, Image.Image]:
    image = Image.open(io.BytesIO(data), formats=[FORMATS[wanted["type"]]])
    pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    if wanted["page"] > pages:
        raise NoPage
    image.seek(wanted["page"] - 1)
    box = (wanted["width"], TALLEST * wanted["width"])
    image.draft(None, (wanted["width"], wanted["width"]))  # of a large photo no more pixels than that are computed
    ImageOps.exif_transpose(image, in_place=True)
    drawn = image if image.mode in ("L", "RGB") else image.convert("RGBA")
    drawn.thumbnail(box)
    return pages, drawn


def _answer(most_bytes: int) -> bytes:
    head = sys.stdin.buffer.readline(HEAD_BYTES)
    if not head:
        return b""  # somebody only wanted to know whether we are there
    wanted = json.loads(head)
    if wanted["length"] > most_bytes or wanted["width"] > WIDTH_MAX:
        return _refusal("too-large")
    data = sys.stdin.buffer.read(wanted["length"])
    try:
        facts, png = draw(wanted, data)
    except (MemoryError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        return _refusal("too-large")
    except NoPage:
        return _refusal("no-page")
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes trip over
        return _refusal("unreadable")
    return json.dumps({**facts, "length": len(png)}).encode() + b"\n" + png


def _refusal(why: str) -> bytes:
    return json.dumps({"error": why}).encode() + b"\n"


def _say(said: bytes) -> None:
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()


def main() -> None:
    """Do the job; how many bytes a document may have, and how long it may take, stand on the command line."""
    most_bytes, cpu_seconds = map(int, sys.argv[1:])
    Image.preinit()  # while its parts can still be loaded
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    confine(cpu_seconds)
    try:
        _say(b"go\n")
        _say(_answer(most_bytes))
    except BrokenPipeError:
        os._exit(0)  # whoever asked has gone


if __name__ == "__main__":
    main()
