"""Where somebody goes back to who was led away to log in: one of our own pages, and never another site."""

import re
from functools import lru_cache
from urllib.parse import quote

HOME = "/postfach"
PARAMETER = re.compile(r"\\{\w+\\}")
NO_PAGES = re.compile(r"^/anmelden|/dateien/|\.\w+$")
"""What asks for a log-in, and files, which are saved and not shown."""
QUERY = r"(\?[\w.=&-]*)?"
MAX_CHARACTERS = 500
"""What is longer is none of our pages, and nothing to keep for a stranger."""


def safe_back(path: str, default: str) -> str:
    """Return a path if it is one of a page of somebody who is logged in, else the default.

    It comes from the address bar or a form, so that a stranger may have written it: no other host, in no spelling that
    browsers take for one, is a route of ours.
    """
    return path if len(path) <= MAX_CHARACTERS and _pages().fullmatch(path) else default


def by_way_of(page: str, back: str) -> str:
    """Return the address of a page that leads back to where somebody was, or to the nearest page above it."""
    if not safe_back(back, ""):
        back = back.partition("?")[0]
    while back and not safe_back(back, ""):
        back = back.rpartition("/")[0]
    return page if back in ("", HOME) else f"{page}?weiter={quote(back, safe='/')}"


@lru_cache(maxsize=1)
def _pages() -> re.Pattern[str]:
    from sk.web.app import all_routes  # noqa: PLC0415 - it knows all pages, and some of them ask this

    paths = [route.path for route in all_routes(trial=False) if (route.method, route.allow.who) == ("GET", "citizen")]
    patterns = (PARAMETER.sub(r"[\\w-]+", re.escape(path)) for path in paths if not NO_PAGES.search(path))
    return re.compile(f"({'|'.join(patterns)}){QUERY}", re.ASCII)
