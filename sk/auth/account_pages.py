"""The citizen's account in the browser: what is known about them, what they can change, what has happened."""

from aiohttp import web

from sk.auth.cards import remove_card
from sk.auth.email_change import ask_for_address, confirm_address, open_address
from sk.auth.journal import entry, read_journal
from sk.auth.members import memberships_of
from sk.auth.own_key import own_lock
from sk.auth.profile import NAMES, FieldName, Profile, read_form
from sk.clock import local_day
from sk.errors import Forbidden, Invalid
from sk.web.cursor import first_of, read_cursor
from sk.web.forms import NO_ERRORS, Errors, Fields, errors_of, fields, fields_of, refuse_stale
from sk.web.keys import LOG_IN, SERVICES
from sk.web.own import own_account
from sk.web.render import form_page, page, see_other
from sk.web.routes import ANYBODY, CITIZEN, FRESH_CITIZEN, RouteTable

routes = RouteTable()
PAGE_LENGTH = 50


@routes.get("/konto", allow=CITIZEN)
async def show_account(request: web.Request) -> web.Response:
    """Show all that is known about a person: each datum with where it comes from, and the ways on."""
    services, account = request.app[SERVICES], await own_account(request)
    vault = services.keys.lock_key("vault")
    profile = account.open_profile(await own_lock(account.id, services))
    credentials = account.open_credentials(vault)
    lines = [(name, profile.data[name]) for name in NAMES if profile.value(name)]
    return page(
        request,
        "account.html",
        lines=lines,
        credentials=credentials,
        mail=account.open_mail(services.keys.lock_key("mail")),
        standing=account.standing(services.keys.signers),
        said=request.query.get("gesagt", ""),
        is_member=bool(await memberships_of(account.id, services)),
    )


@routes.post("/konto/ausweis/{id}/entfernen", allow=FRESH_CITIZEN)
async def take_off_card(request: web.Request) -> web.Response:
    """Take a card off the account: it was lost, or there is a newer one."""
    try:
        await remove_card(request[LOG_IN], request.match_info["id"], request.app[SERVICES])
    except Invalid:
        return see_other("/konto?gesagt=letzter-weg")
    except Forbidden:
        return see_other("/konto?gesagt=mit-dem-ausweis")
    return see_other("/konto?gesagt=ausweis-getrennt")


@routes.get("/konto/daten", allow=CITIZEN)
async def show_data(request: web.Request) -> web.Response:
    """Show the form for what the citizen has said of themselves."""
    services, account = request.app[SERVICES], await own_account(request)
    profile = account.open_profile(await own_lock(account.id, services))
    entered = fields({name: profile.value(name) for name in NAMES})
    return _form(request, profile, entered)


@routes.post("/konto/daten", allow=CITIZEN)
async def change_data(request: web.Request) -> web.Response:
    """Take what the citizen says of themselves now. What their card has said stays as it is."""
    services, account, form = request.app[SERVICES], await own_account(request), await fields_of(request)
    own, now = await own_lock(account.id, services), services.clock.now()
    profile = account.open_profile(own)
    read = read_form(form, _changeable(profile), local_day(now))
    if read.errors:
        return _form(request, profile, form, read.errors)
    account.lock_profile(own, profile.declared(read.values, now))
    account.bear(entry(account.id, "profile-changed", now, services))
    await services.store.save(account)
    return see_other("/konto?gesagt=gespeichert")


@routes.get("/konto/email", allow=ANYBODY)
async def show_address(request: web.Request) -> web.Response:
    """Show the form for another address, or, to whoever comes from its mail, the button that takes it."""
    if code := request.query.get("code", ""):
        return await _confirmation(request, code)
    if LOG_IN not in request:
        return see_other("/anmelden")
    return _address_form(request)


@routes.post("/konto/email", allow=FRESH_CITIZEN)
async def ask_address(request: web.Request) -> web.Response:
    """Have a mail sent to another address. Nothing changes until its page is used."""
    email = (await fields_of(request))["email"]
    try:
        await ask_for_address(await own_account(request), email, request.app[SERVICES])
    except Invalid as refused:
        return _address_form(request, email, refused)
    return see_other("/konto?gesagt=email-unterwegs")


@routes.post("/konto/email/bestaetigen", allow=ANYBODY)
async def take_address(request: web.Request) -> web.Response:
    """Write to the new address from now on."""
    form = await fields_of(request)
    try:
        refuse_stale(request, form)
        which = await confirm_address(form["code"], request.app[SERVICES])
    except Invalid as refused:
        return await _confirmation(request, form["code"], errors_of(refused))
    here = "/konto/benachrichtigung" if which == "second" else "/konto"
    return page(request, "email.html", here=here, email="", code="", which=which, done=True)


@routes.get("/konto/protokoll", allow=CITIZEN)
async def show_journal(request: web.Request) -> web.Response:
    """Show what happened to the account, the newest first."""
    services, after = request.app[SERVICES], read_cursor(request.query.get("vor", ""))
    found = await read_journal(request[LOG_IN].account_id, services, after=after, limit=PAGE_LENGTH + 1)
    shown, older = first_of(found, PAGE_LENGTH, "belongs")
    entries = [(one.at, one.open(services.keys.lock_key("vault"))) for one in shown]
    return page(request, "journal.html", entries=entries, older=older)


def _changeable(profile: Profile) -> list[FieldName]:
    """Return the fields that are not verified; the De-Mail address, of which there is one for all accounts, stays."""
    return [name for name in NAMES if name != "de_mail" and not profile.is_verified(name)]


async def _confirmation(request: web.Request, code: str, errors: Errors = NO_ERRORS) -> web.Response:
    address, which = "", "first"
    try:
        asked = (await open_address(code, request.app[SERVICES]))[0].content
        address, which = asked.address, asked.which
    except Invalid as refused:
        errors = {**errors, **errors_of(refused)}
    return form_page(request, "email.html", errors=errors, email=address, code=code, which=which, done=False)


def _address_form(request: web.Request, email: str = "", refused: Invalid | None = None) -> web.Response:
    return page(request, "email.html", errors=errors_of(refused), email=email, code="", which="first", done=False)


def _form(request: web.Request, profile: Profile, entered: Fields, errors: Errors = NO_ERRORS) -> web.Response:
    return page(request, "account_data.html", errors=errors, entered=entered, changeable=_changeable(profile))
