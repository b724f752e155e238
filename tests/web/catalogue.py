"""The English catalogue: which German words it has to hold, and how it is brought up to date (`make words`)."""

from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from sk.web.language import CATALOGUE
from sk.web.render import WEB

METHODS = [("**.py", "python"), ("web/templates/**.html", "jinja2")]
OPTIONS = {"web/templates/**.html": {"trimmed": "true", "silent": "false"}}
HEADER = b"""\
# The pages in English, by their German words. `make words` brings it up to date.
msgid ""
msgstr ""
"Language: en\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def wanted() -> Catalog:
    """Return the words that are marked in code and templates."""
    found = Catalog(locale="en")
    for path, line, message, *_ in extract_from_dir(WEB.parent, METHODS, OPTIONS, {**DEFAULT_KEYWORDS, "N_": None}):
        found.add(message, locations=[(path, line)])
    return found


def known() -> Catalog:
    """Return the catalogue as it is."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as it stands in its file: no dates and no lines of code, so that a change is a change."""
    body = BytesIO()
    write_po(body, catalogue, omit_header=True, no_location=True, sort_output=True, width=120)
    return HEADER + body.getvalue()


def brought_up_to_date() -> Catalog:
    """Return the catalogue with what is new, untranslated, and without what nobody says any more."""
    catalogue = known()
    catalogue.update(wanted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


if __name__ == "__main__":
    CATALOGUE.write_bytes(written(brought_up_to_date()))
