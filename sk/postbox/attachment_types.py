"""The types of attachments that are taken, how files of them begin, and how their names end."""

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
ENDINGS: Mapping[str, str] = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "txt": "text/plain",
    "csv": "text/csv",
    "xml": "application/xml",
    "zip": "application/zip",
}
"""What a person's file is by the end of its name: what browsers say of it differs from one to the next."""
PDF_HEAD_BYTES = 1024
"""A PDF may begin with other bytes, but says what it is within so many (ISO 32000-1, Annex H)."""


def type_of(name: str) -> str | None:
    """Return which type a file should be by its name, or None if such files are not taken."""
    return ENDINGS.get(name.rpartition(".")[2].lower())


def looks_like(head: bytes, media_type: str) -> bool:
    """Tell whether the first bytes of a file do not contradict its type. Text begins as it likes, without NUL."""
    magic = MAGIC[media_type]
    if not magic:
        return b"\0" not in head
    if media_type == "application/pdf":
        return magic[0] in head[:PDF_HEAD_BYTES]
    return head.startswith(magic)
