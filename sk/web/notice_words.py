"""The words for what a citizen can do about an act, and for the kinds of files that come with it."""

from collections.abc import Mapping

from sk.web.language import N_

REMEDY_WORDS: Mapping[str, str] = {
    "klage-vwgo": N_("Klage erheben"),
    "klage-sgg": N_("Klage erheben"),
    "klage-fgo": N_("Klage erheben"),
    "widerspruch-vwgo": N_("Widerspruch einlegen"),
    "widerspruch-sgg": N_("Widerspruch einlegen"),
    "einspruch-ao": N_("Einspruch einlegen"),
}
_ODF, _OOXML = "application/vnd.oasis.opendocument", "application/vnd.openxmlformats-officedocument"
OTHER_TYPE = N_("Datei")
TYPE_NAMES: Mapping[str, str] = {
    "application/pdf": N_("PDF"),
    "application/xml": N_("XML"),
    "application/zip": N_("ZIP"),
    "message/rfc822": N_("E-Mail"),
    "text/calendar": N_("Termin"),
    "text/csv": N_("Tabelle"),
    "text/html": N_("Webseite"),
    "text/vcard": N_("Kontakt"),
    "text/xml": N_("XML"),
    "application/msword": N_("Textdokument"),
    "application/rtf": N_("Textdokument"),
    f"{_ODF}.text": N_("Textdokument"),
    f"{_OOXML}.wordprocessingml.document": N_("Textdokument"),
    "application/vnd.ms-excel": N_("Tabelle"),
    f"{_ODF}.spreadsheet": N_("Tabelle"),
    f"{_OOXML}.spreadsheetml.sheet": N_("Tabelle"),
    "application/vnd.ms-powerpoint": N_("Präsentation"),
    f"{_ODF}.presentation": N_("Präsentation"),
    f"{_OOXML}.presentationml.presentation": N_("Präsentation"),
    "application/x-7z-compressed": N_("Archiv"),
    "application/x-gzip": N_("Archiv"),
    "application/x-rar-compressed": N_("Archiv"),
}
KINDS_OF_TYPES: Mapping[str, str] = {
    "audio": N_("Audio"),
    "image": N_("Bild"),
    "text": N_("Text"),
    "video": N_("Video"),
}
"""What is said of types that have no words of their own, by how they begin."""


def type_name(media_type: str) -> str:
    """Return what a file is, in a German word; of what nobody knows it is only said that it is one."""
    return TYPE_NAMES.get(media_type) or KINDS_OF_TYPES.get(media_type.partition("/")[0], OTHER_TYPE)
