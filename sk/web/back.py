"""Where somebody goes back to who was led away: one of our own pages, and never another site."""

import re
from functools import lru_cache
from urllib.parse import quote

from sk.web.routes import dialect_of

HOME = "/postfach"
PARAMETER = re.compile(r"\\{\w+\\}")
ASKS = re.compile(r"^/anmelden")
"""What asks for a log-in."""
NO_PAGES = re.compile(r"/dateien/\{\w+\}$|\.\w+$|/export$|^/sprache/|^/ausweis/(token|zurueck)/|^/\.")
"""Files, which are saved and not shown, and what only leads on."""
QUERY = r"(\?[\w.=&-]*)?"
WITH_A_WAY_BACK = r"(\?[\w.=&%/+-]*)?"
"""A query that may name another page of ours, which is looked at again where it is used."""
MAX_CHARACTERS = 500
"""What is longer is none of our pages, and nothing to keep for a stranger."""


def safe_back(path: str, default: str) -> str:
    """Return a path if it is one of a page of somebody who is logged in, else the default.

    It comes from the address bar or a form, so that a stranger may have written it: no other host, in no spelling that
    browsers take for one, is a route of ours.
    """
    page = len(path) <= MAX_CHARACTERS and _pages(QUERY, "citizen").fullmatch(path) and not ASKS.search(path)
    return path if page else default


def own_page(path: str) -> str:
    """Return a path if it is one of a page that is opened by its address, else nothing."""
    return path if len(path) <= MAX_CHARACTERS and _pages(WITH_A_WAY_BACK, "anybody", "citizen").fullmatch(path) else ""


def by_way_of(page: str, back: str) -> str:
    """Return the address of a page that leads back to where somebody was, or to the nearest page above it."""
    if not safe_back(back, ""):
        back = back.partition("?")[0]
    while back and not safe_back(back, ""):
        back = back.rpartition("/")[0]
    return page if back in ("", HOME) else f"{page}?weiter={quote(back, safe='/')}"


@lru_cache
def _pages(query: str, *who: str) -> re.Pattern[str]:
    from sk.web.app import all_routes  # noqa: PLC0415 - it knows all pages, and some of them ask this

    opened = (route for route in all_routes(trial=False) if route.method == "GET" and route.allow.who in who)
    paths = [route.path for route in opened if dialect_of(route.path) == "pages"]
    patterns = (PARAMETER.sub(r"[\\w-]+", re.escape(path)) for path in paths if not NO_PAGES.search(path))
    return re.compile(f"({'|'.join(patterns)}){query}", re.ASCII)
