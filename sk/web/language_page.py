"""The choice of a language, which a browser keeps for a year."""

from aiohttp import web

from sk.errors import NotFound
from sk.postbox.explanation import LANGUAGES
from sk.web.back import own_page
from sk.web.cookies import set_cookie
from sk.web.language import COOKIE
from sk.web.render import see_other
from sk.web.routes import ANYBODY, RouteTable

routes = RouteTable()
YEAR_SECONDS = 365 * 24 * 3600


@routes.get("/sprache/{language}", allow=ANYBODY)
async def choose(request: web.Request) -> web.Response:
    """Show all pages in a language from now on, beginning with the one that somebody has come from."""
    language = request.match_info["language"]
    if language not in LANGUAGES:
        raise NotFound("the pages are not written in this language")
    response = see_other(own_page(request.query.get("weiter", "")) or "/")
    set_cookie(request, response, COOKIE, language, seconds=YEAR_SECONDS)
    return response
