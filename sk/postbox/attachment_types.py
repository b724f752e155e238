"""The types of attachments that are taken, and how files of them begin."""

from collections.abc import Mapping

ZIP = (b"PK\x03\x04",)
MAGIC: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "application/zip": ZIP,
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/tiff": (b"II*\0", b"MM\0*"),
    "application/vnd.oasis.opendocument.presentation": ZIP,
    "application/vnd.oasis.opendocument.spreadsheet": ZIP,
    "application/vnd.oasis.opendocument.text": ZIP,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ZIP,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ZIP,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ZIP,
    "application/xml": (),
    "text/csv": (),
    "text/plain": (),
    "text/xml": (),
}
PDF_HEAD_BYTES = 1024
"""A PDF may begin with other bytes, but says what it is within so many (ISO 32000-1, Annex H)."""


def looks_like(head: bytes, media_type: str) -> bool:
    """Tell whether the first bytes of a file do not contradict its type. Text begins as it likes, without NUL."""
    magic = MAGIC[media_type]
    if not magic:
        return b"\0" not in head
    if media_type == "application/pdf":
        return magic[0] in head[:PDF_HEAD_BYTES]
    return head.startswith(magic)
