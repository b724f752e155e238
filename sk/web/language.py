"""The language of a page: German unless somebody has chosen English.

The German words stand where they are shown, in templates and beside the code that picks them; the English ones in a
catalogue, by the German ones. A test finds every word that has none, so that nothing is half in one language.
"""

import gettext
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from aiohttp import web
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from sk.postbox.explanation import LANGUAGES, Language
from sk.web.cookies import read_cookie

COOKIE = "language"
CATALOGUE = Path(__file__).parent / "locale/en/LC_MESSAGES/sk.po"


def N_(words: str) -> str:  # noqa: N802 - what gettext calls it everywhere
    """Mark words that are looked up in the catalogue later, when it is known in which language."""
    return words


def language_of(request: web.Request) -> Language:
    """Return the language that this browser has chosen."""
    chosen = read_cookie(request, COOKIE)
    return next((language for language in LANGUAGES if language == chosen), "de")


@lru_cache
def translations(language: Language) -> gettext.NullTranslations:
    """Return the catalogue of a language: in German all words stay as they are."""
    if language == "de":
        return gettext.NullTranslations()
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
