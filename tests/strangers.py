"""Documents as strangers send them: some that are in order, and some that are made to do harm."""

import io
import struct
import zlib

from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader, PdfWriter

SECRET_PLACE = "Hinter dem Deich 7"
"""Where a photo was taken, as its metadata say."""


def a_pdf(pages: int = 3, password: str = "") -> bytes:
    """Return a document, perhaps one that only opens with a password."""
    paper = FPDF()
    for number in range(1, pages + 1):
        paper.add_page()
        paper.set_font("helvetica", size=24)
        paper.cell(0, 10, f"Seite {number}")
    plain = bytes(paper.output())
    if not password:
        return plain
    writer, locked = PdfWriter(PdfReader(io.BytesIO(plain))), io.BytesIO()
    writer.encrypt(password)
    writer.write(locked)
    return locked.getvalue()


def a_slow_pdf(shadings: int = 10_000) -> bytes:
    """Return a page of few bytes that has one picture painted over itself, a thirtieth of a second each time."""
    painted = zlib.compress(b"/S sh\n" * shadings)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Shading<</S 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(painted), painted),
        b"<</ShadingType 3/ColorSpace/DeviceRGB/Coords[300 400 0 300 400 500]/Extend[true true]/Function 6 0 R>>",
        b"<</FunctionType 2/Domain[0 1]/C0[1 0 0]/C1[0 0 1]/N 1>>",
    ]
    return _pdf_of(objects)


def a_filled_in_form() -> bytes:
    """Return an empty page with a field, in which stands a black bar."""
    bar = b"0 g 0 0 400 400 re f"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Annots[4 0 R]>>",
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Erika)/F 4/Rect[100 200 500 600]/AP<</N 5 0 R>>>>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 400 400]/Length %d>>stream\n%s\nendstream" % (len(bar), bar),
    ]
    return _pdf_of(objects)


def a_pdf_of_zeros(millions: int = 4000) -> bytes:
    """Return a page of a few kilobytes whose content is, unpacked twice, larger than any memory."""
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    million = packing.compress(bytes(1_000_000)) + packing.flush(zlib.Z_FULL_FLUSH)
    checksum = (millions * 1_000_000 % 65521 << 16) + 1  # Adler-32 of so many zeros
    twice = zlib.compress(b"\x78\x9c" + million * millions + b"\x03\x00" + checksum.to_bytes(4))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(twice), twice),
    ]
    return _pdf_of(objects)


def a_nested_pdf(depth: int = 100_000) -> bytes:
    """Return a document whose catalogue holds arrays in arrays."""
    return _pdf_of([b"<</Type/Catalog/Pages 2 0 R/A" + b"[" * depth + b"]" * depth + b">>", b"<</Type/Pages/Count 1>>"])


def a_photo(width: int = 4000, height: int = 3000, orientation: int = 1) -> bytes:
    """Return a photo that says in its metadata where it was taken, and which way up."""
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010E] = orientation, SECRET_PLACE
    Image.new("RGB", (width, height), "steelblue").save(file, "JPEG", exif=exif, comment=SECRET_PLACE)
    return file.getvalue()


def a_drawing(width: int = 1600, height: int = 900) -> bytes:
    """Return a PNG that is half transparent."""
    file = io.BytesIO()
    Image.new("RGBA", (width, height), (255, 0, 0, 128)).save(file, "PNG")
    return file.getvalue()


def a_fax(pages: int = 2) -> bytes:
    """Return a TIFF of several pages."""
    first, *others = [Image.new("1", (1728, 2200), number % 2) for number in range(pages)]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others, compression="group4")
    return file.getvalue()


def a_huge_drawing(side: int = 100_000) -> bytes:
    """Return a PNG of a few bytes that says that it has more pixels than any memory holds."""
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def _pdf_of(objects: list[bytes]) -> bytes:
    """Return a PDF of these objects, of which the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return b"%sxref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        *(out, size, table, size),
        len(out),
    )
