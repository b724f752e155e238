"""The pages of registration: a form, what was entered once more, and the confirmation that a mail asks for."""

from contextlib import suppress

from aiohttp import web

from sk.auth.errands import open_errand
from sk.auth.profile import NAMES, FieldName
from sk.auth.register import ABOUT, Draft, awaiting_confirmation, confirm, draft, needs_username, register
from sk.errors import Invalid, NotFound
from sk.web.cookies import delete_cookie, read_cookie, set_cookie
from sk.web.forms import NO_ERRORS, Errors, errors_of, fields, fields_of, refuse_stale
from sk.web.keys import PASSWORDS, SERVICES
from sk.web.render import form_page, page, see_other
from sk.web.routes import ANYBODY, RouteTable

routes = RouteTable()
CHANGE = "/registrieren?aendern"


@routes.get("/registrieren", allow=ANYBODY)
async def show_form(request: web.Request) -> web.Response:
    """Show the form, filled in with what was entered before if somebody comes back to change it."""
    entered = fields({})
    if "aendern" in request.query:
        with suppress(NotFound):
            begun = await open_errand(ABOUT, Draft, read_cookie(request, ABOUT), request.app[SERVICES])
            entered.update(begun.content.values.items())
            entered |= begun.content.model_dump(include={"username", "email", "language"})
    return form_page(request, "register.html", entered=entered)


@routes.post("/registrieren", allow=ANYBODY)
async def take_form(request: web.Request) -> web.Response:
    """Take what was entered, and show it once more; of what is wrong, all is told at once."""
    services, form = request.app[SERVICES], await fields_of(request)
    try:
        refuse_stale(request, form)
    except Invalid as refused:
        return form_page(request, "register.html", errors=errors_of(refused), entered=form)
    begun, errors = await draft(form, request.app[PASSWORDS], services)
    if begun is None:
        return form_page(request, "register.html", errors=errors, entered=form)
    await services.store.save(begun.to_save(services))
    response = see_other("/registrieren/pruefen")
    set_cookie(request, response, ABOUT, begun.token)
    return response


@routes.get("/registrieren/pruefen", allow=ANYBODY)
async def show_draft(request: web.Request) -> web.Response:
    """Show once more what was entered, before it is saved."""
    try:
        begun = await open_errand(ABOUT, Draft, read_cookie(request, ABOUT), request.app[SERVICES])
    except NotFound:
        return see_other("/registrieren")
    return _draft(request, begun.content, None)


@routes.post("/registrieren/pruefen", allow=ANYBODY)
async def save_draft(request: web.Request) -> web.Response:
    """Register. Pressed twice, or too late, it leads to where the first press led, or to the form."""
    services = request.app[SERVICES]
    refuse_stale(request, await fields_of(request))
    try:
        begun = await open_errand(ABOUT, Draft, read_cookie(request, ABOUT), services)
        await register(begun, services)
    except NotFound:
        return see_other("/registrieren/bestaetigen")
    except Invalid as refused:
        return _draft(request, begun.content, refused)
    response = see_other("/registrieren/bestaetigen")
    delete_cookie(request, response, ABOUT)
    return response


@routes.get("/registrieren/bestaetigen", allow=ANYBODY)
async def show_confirmation(request: web.Request) -> web.Response:
    """Say that a mail is on its way; to whoever comes from that mail, show the button. Looking confirms nothing."""
    if code := request.query.get("code", ""):
        return await _confirmation(request, code)
    return page(request, "register_mail.html")


@routes.post("/registrieren/bestaetigen", allow=ANYBODY)
async def do_confirm(request: web.Request) -> web.Response:
    """Confirm the e-mail address: from now on the account is there."""
    form = await fields_of(request)
    code, username = form["code"], form["username"].strip()
    try:
        refuse_stale(request, form)
        await confirm(code, username, request.app[SERVICES])
    except Invalid as refused:
        return await _confirmation(request, code, errors_of(refused), username=username)
    return see_other("/registrieren/bestaetigt")


@routes.get("/registrieren/bestaetigt", allow=ANYBODY)
async def show_confirmed(request: web.Request) -> web.Response:
    """Say how it goes on with an account that was confirmed. Anybody may open this, so that it speaks of none."""
    return page(request, "register_done.html")


async def _confirmation(
    request: web.Request, code: str, errors: Errors = NO_ERRORS, *, username: str = ""
) -> web.Response:
    try:
        account, credentials = await awaiting_confirmation(code, request.app[SERVICES])
    except Invalid as refused:
        return page(request, "register_confirm.html", errors={**errors, **errors_of(refused)})
    taken = credentials.username if needs_username(account, credentials) else ""
    return form_page(request, "register_confirm.html", errors=errors, code=code, username=username, taken=taken)


def _draft(request: web.Request, content: Draft, refused: Invalid | None) -> web.Response:
    change = "/registrieren/ausweis" if content.read else CHANGE
    values = {"draft": content, "lines": _lines(content), "change": change}
    return form_page(request, "register_check.html", errors=errors_of(refused), **values)


def _lines(content: Draft) -> list[tuple[FieldName, str]]:
    """Return the fields that were filled in, in their order, as people read them."""
    named = {**content.values, **(content.read.values if content.read else {})}
    return [(name, named[name]) for name in NAMES if named.get(name)]
