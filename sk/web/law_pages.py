"""The pages that the law asks for: accessibility, with a form for whoever meets a barrier, data protection, imprint.

What the software does they say themselves; the rest are texts of the operator's own. Beside them the page in Leichte
Sprache, which exists in German only.
"""

from datetime import date
from pathlib import Path

from aiohttp import web

from sk.errors import Invalid
from sk.mail.feedback import write_to_operator
from sk.web.forms import NO_ERRORS, Errors, Fields, errors_of, fields, fields_of, refuse_stale
from sk.web.keys import SERVICES
from sk.web.language import language_of
from sk.web.operator_texts import OwnText, html_of_file, operator_text
from sk.web.render import form_page, page, see_other
from sk.web.routes import ANYBODY, RouteTable
from sk.web.source import source_of

routes = RouteTable()
STATED_ON = date(2026, 11, 26)
"""When it was last looked at whether the statement on accessibility is true."""
PLAIN_LANGUAGE = Path(__file__).parent / "texts/leichte-sprache.md"
COOKIES_OF_ERRANDS = ("app", "card", "passkey", "registration", "second-factor")
"""Those by which somebody comes back to what they have begun."""


@routes.get("/barrierefreiheit", allow=ANYBODY)
async def show_accessibility(request: web.Request) -> web.Response:
    """Show the statement and the form."""
    return _accessibility(request, fields({}))


@routes.post("/barrierefreiheit", allow=ANYBODY)
async def take_feedback(request: web.Request) -> web.Response:
    """Send the operator what somebody has written."""
    form = await fields_of(request)
    try:
        refuse_stale(request, form)
        errors: Errors = await write_to_operator(form, source_of(request), request.app[SERVICES])
    except Invalid as refused:
        errors = errors_of(refused)
    return _accessibility(request, form, errors) if errors else see_other("/barrierefreiheit?gesagt=danke")


@routes.get("/leichte-sprache", allow=ANYBODY)
async def show_plain_language(request: web.Request) -> web.Response:
    """Show what this is and how it is used, in words that everybody understands."""
    return page(request, "plain_language.html", text=OwnText(html_of_file(PLAIN_LANGUAGE, 2), "de"))


@routes.get("/datenschutz", allow=ANYBODY)
async def show_privacy(request: web.Request) -> web.Response:
    """Show what the software does with data, and what the operator says beside it."""
    settings = request.app[SERVICES].settings
    text = _own_text(request, "datenschutz")
    return page(request, "privacy.html", settings=settings, cookies_of_errands=COOKIES_OF_ERRANDS, text=text)


@routes.get("/impressum", allow=ANYBODY)
async def show_imprint(request: web.Request) -> web.Response:
    """Show who the operator is."""
    return page(request, "imprint.html", text=_own_text(request, "impressum"))


def _accessibility(request: web.Request, form: Fields, errors: Errors = NO_ERRORS) -> web.Response:
    said, text = request.query.get("gesagt", ""), _own_text(request, "barrierefreiheit")
    return form_page(request, "accessibility.html", errors=errors, form=form, said=said, stated_on=STATED_ON, text=text)


def _own_text(request: web.Request, name: str) -> OwnText | None:
    return operator_text(name, language_of(request), request.app[SERVICES].settings)
