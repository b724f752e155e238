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
OTHER_TYPE = N_("Datei")
TYPE_NAMES: Mapping[str, str] = {
    "application/pdf": N_("PDF"),
    "application/xml": N_("XML"),
    "application/zip": N_("ZIP"),
    "image/jpeg": N_("Bild"),
    "image/png": N_("Bild"),
    "image/tiff": N_("Bild"),
    "text/csv": N_("Tabelle"),
    "text/plain": N_("Text"),
    "text/xml": N_("XML"),
}
