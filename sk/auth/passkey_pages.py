"""Passkeys in the browser: logging in with one, adding and removing them. A script of ours talks to the device."""

from aiohttp import web

from sk.auth.pages import log_in_form
from sk.auth.passkey_challenge import ABOUT, Asked
from sk.auth.passkey_log_in import ask_to_log_in, log_in_with_passkey
from sk.auth.passkeys import add_passkey, ask_to_register, remove_passkey
from sk.errors import Invalid
from sk.web.back import safe_back
from sk.web.cookies import delete_cookie, read_cookie, set_cookie
from sk.web.forms import errors_of, fields_of, refuse_stale
from sk.web.keys import LOG_IN, SERVICES
from sk.web.own import own_credentials
from sk.web.render import page, see_other
from sk.web.routes import ANYBODY, FRESH_CITIZEN, RouteTable
from sk.web.visits import let_in, visit_of

routes = RouteTable()


@routes.post("/anmelden/passkey/optionen", allow=ANYBODY)
async def give_challenge(request: web.Request) -> web.Response:
    """Give the script what a device is to sign."""
    form = await fields_of(request)
    refuse_stale(request, form)
    log_in = request.get(LOG_IN) if form["erneut"] else None
    return _told(request, await ask_to_log_in(safe_back(form["weiter"], ""), log_in, request.app[SERVICES]))


@routes.post("/anmelden/passkey", allow=ANYBODY)
async def do_log_in(request: web.Request) -> web.Response:
    """Log in with what a device has signed."""
    token, form = read_cookie(request, ABOUT), await fields_of(request)
    try:
        refuse_stale(request, form)
        answered = await log_in_with_passkey(token, form["answer"], visit_of(request), request.app[SERVICES])
    except Invalid as refused:
        return log_in_form(request, refused, back=form["weiter"])
    response = let_in(request, answered.entered, answered.back)
    delete_cookie(request, response, ABOUT)
    return response


@routes.get("/konto/sicherheit/passkeys", allow=FRESH_CITIZEN)
async def show_passkeys(request: web.Request) -> web.Response:
    """Show which passkeys there are."""
    return await _list(request, None)


@routes.post("/konto/sicherheit/passkeys/optionen", allow=FRESH_CITIZEN)
async def give_options(request: web.Request) -> web.Response:
    """Give the script what a device needs to know to make a passkey."""
    return _told(request, await ask_to_register(request[LOG_IN], request.app[SERVICES]))


@routes.post("/konto/sicherheit/passkeys", allow=FRESH_CITIZEN)
async def add(request: web.Request) -> web.Response:
    """Add a passkey that a device has made."""
    token, form = read_cookie(request, ABOUT), await fields_of(request)
    try:
        await add_passkey(token, form["answer"], form["name"], request[LOG_IN], request.app[SERVICES])
    except Invalid as refused:
        return await _list(request, refused)
    response = see_other("/konto/sicherheit/passkeys")
    delete_cookie(request, response, ABOUT)
    return response


@routes.post("/konto/sicherheit/passkeys/{id}/entfernen", allow=FRESH_CITIZEN)
async def remove(request: web.Request) -> web.Response:
    """Remove a passkey."""
    try:
        await remove_passkey(request.match_info["id"], request[LOG_IN], request.app[SERVICES])
    except Invalid as refused:
        return await _list(request, refused)
    return see_other("/konto/sicherheit/passkeys")


async def _list(request: web.Request, refused: Invalid | None) -> web.Response:
    passkeys = (await own_credentials(request)).passkeys
    return page(request, "passkeys.html", errors=errors_of(refused), passkeys=passkeys)


def _told(request: web.Request, asked: Asked) -> web.Response:
    response = web.json_response(asked.options)
    set_cookie(request, response, ABOUT, asked.token)
    return response
