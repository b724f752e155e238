"""The pages of registration: a form, what was entered once more, and the confirmation that a mail asks for."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sk.auth.countries import countries
from sk.auth.errands import open_errand
from sk.auth.profile import NAMES, FieldName
from sk.auth.register import ABOUT, Draft, awaiting_confirmation, confirm, draft, needs_username, register
from sk.errors import Forbidden, Invalid, NotFound
from sk.postbox.holidays import LAND_NAMES
from sk.web.cookies import delete_cookie, form_token_matches, read_cookie, set_cookie
from sk.web.keys import PASSWORDS, SERVICES
from sk.web.problems import status_of
from sk.web.render import form_page, see_other
from sk.web.routes import ANYBODY, RouteTable
from sk.web.shown import shown

routes = RouteTable()
COOKIE = "registration"
STALE = "stale-form"
CHANGE = "/registrieren?aendern"


@routes.get("/registrieren", allow=ANYBODY)
async def show_form(request: web.Request) -> web.Response:
    """Show the form, filled in with what was entered before if somebody comes back to change it."""
    entered: dict[str, str] = {}
    if "aendern" in request.query:
        with suppress(NotFound):
            begun = await open_errand(ABOUT, Draft, read_cookie(request, COOKIE), request.app[SERVICES])
            entered.update(begun.content.values.items())
            entered |= begun.content.model_dump(include={"username", "email", "language"})
    return _form(request, entered, {})


@routes.post("/registrieren", allow=ANYBODY)
async def take_form(request: web.Request) -> web.Response:
    """Take what was entered, and show it once more; of what is wrong, all is told at once."""
    services, form = request.app[SERVICES], {name: str(value) for name, value in (await request.post()).items()}
    if not form_token_matches(request, form.get("csrf", "")):
        return _form(request, form, {}, status=403, stale=True)
    begun, errors = await draft(form, request.app[PASSWORDS], services)
    if begun is None:
        return _form(request, form, errors, status=422)
    await services.store.save(begun.to_save(services))
    response = see_other("/registrieren/pruefen")
    set_cookie(request, response, COOKIE, begun.token)
    return response


@routes.get("/registrieren/pruefen", allow=ANYBODY)
async def show_draft(request: web.Request) -> web.Response:
    """Show once more what was entered, before it is saved."""
    try:
        begun = await open_errand(ABOUT, Draft, read_cookie(request, COOKIE), request.app[SERVICES])
    except NotFound:
        return see_other("/registrieren")
    return _draft(request, begun.content, None)


@routes.post("/registrieren/pruefen", allow=ANYBODY)
async def save_draft(request: web.Request) -> web.Response:
    """Register. Pressed twice, or too late, it leads to where the first press led, or to the form."""
    services, form = request.app[SERVICES], await request.post()
    if not form_token_matches(request, str(form.get("csrf", ""))):
        raise Forbidden("this form is too old", problem="stale-form")
    try:
        begun = await open_errand(ABOUT, Draft, read_cookie(request, COOKIE), services)
        await register(begun, services)
    except NotFound:
        return see_other("/registrieren/bestaetigen")
    except Invalid as refused:
        return _draft(request, begun.content, refused)
    response = see_other("/registrieren/bestaetigen")
    delete_cookie(request, response, COOKIE)
    return response


@routes.get("/registrieren/bestaetigen", allow=ANYBODY)
async def show_confirmation(request: web.Request) -> web.Response:
    """Say that a mail is on its way; to whoever comes from that mail, show the button. Looking confirms nothing."""
    code = request.query.get("code", "")
    if not code:
        return form_page(request, "register_mail.html")
    return await _confirmation(request, code)


@routes.post("/registrieren/bestaetigen", allow=ANYBODY)
async def do_confirm(request: web.Request) -> web.Response:
    """Confirm the e-mail address: from now on the account is there."""
    services, form = request.app[SERVICES], await request.post()
    code, username = str(form.get("code", "")), str(form.get("username", "")).strip()
    if not form_token_matches(request, str(form.get("csrf", ""))):
        return await _confirmation(request, code, STALE, status=403)
    try:
        await confirm(code, username, services)
    except Invalid as refused:
        return await _confirmation(request, code, refused, username=username, status=status_of(refused))
    return form_page(request, "register_done.html")


async def _confirmation(
    request: web.Request, code: str, trouble: Invalid | str = "", *, username: str = "", status: int = 200
) -> web.Response:
    values: dict[str, Any] = {"trouble": trouble, "code": code, "username": username, "taken": ""}
    try:
        account, credentials = await awaiting_confirmation(code, request.app[SERVICES])
    except Invalid:
        refused = status if trouble == STALE else HTTPStatus.UNPROCESSABLE_ENTITY
        return form_page(request, "register_confirm.html", status=refused, **{**values, "code": ""})
    if needs_username(account, credentials):
        values["taken"] = credentials.username
    return form_page(request, "register_confirm.html", status=status, **values)


def _draft(request: web.Request, content: Draft, trouble: Invalid | None) -> web.Response:
    values: dict[str, Any] = {"draft": content, "lines": _lines(content), "trouble": trouble}
    values["change"] = "/registrieren/ausweis" if content.read else CHANGE
    return form_page(request, "register_check.html", status=status_of(trouble), **values)


def _form(
    request: web.Request,
    entered: Mapping[str, str],
    errors: Mapping[str, Invalid],
    *,
    status: int = 200,
    stale: bool = False,
) -> web.Response:
    lists = {"countries": countries(), "laender": {land: words.de for land, words in LAND_NAMES.items()}}
    values: dict[str, Any] = {"entered": defaultdict(str, entered), "errors": errors, "stale": stale, **lists}
    return form_page(request, "register.html", status=status, **values)


def _lines(content: Draft) -> list[tuple[FieldName, str]]:
    """Return the fields that were filled in, in their order, as people read them."""
    named = {**content.values, **(content.read.values if content.read else {})}
    return [(name, shown(name, named[name])) for name in NAMES if named.get(name)]
