"""How somebody is written to, in the browser: language, reminders, the phrase in every mail, a second address."""

from aiohttp import web

from sk.auth.email_change import ask_for_address, remove_second_address
from sk.auth.mail_target import MailSettings
from sk.auth.notification_settings import PHRASE_MAX, change_phrase, choose
from sk.errors import Invalid
from sk.web.forms import errors_of, fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.own import own_account, own_mail
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, FRESH_CITIZEN, RouteTable

routes = RouteTable()
HERE = "/konto/benachrichtigung"


@routes.get("/konto/benachrichtigung", allow=CITIZEN)
async def show_settings(request: web.Request) -> web.Response:
    """Show all that is chosen about mails, and the ways to change it."""
    return page(request, "notifications.html", mail=await own_mail(request), said=request.query.get("gesagt", ""))


@routes.post("/konto/benachrichtigung", allow=CITIZEN)
async def take_settings(request: web.Request) -> web.Response:
    """Take the language of mails, and whether to remind: neither lets anybody in, or sends a mail elsewhere."""
    form = await fields_of(request)
    reminders = form["reminders"] != "off"
    await choose(request[LOG_IN].account_id, form["language"], reminders=reminders, services=request.app[SERVICES])
    return see_other(f"{HERE}?gesagt=gespeichert")


@routes.get("/konto/benachrichtigung/satz", allow=FRESH_CITIZEN)
async def show_phrase(request: web.Request) -> web.Response:
    """Show the form for the phrase."""
    return _phrase_form(request, (await own_mail(request)).phrase)


@routes.post("/konto/benachrichtigung/satz", allow=FRESH_CITIZEN)
async def take_phrase(request: web.Request) -> web.Response:
    """Have mails carry another phrase. Whoever could choose one in somebody else's session could write as we do."""
    phrase = (await fields_of(request))["phrase"]
    try:
        await change_phrase(request[LOG_IN].account_id, phrase, request.app[SERVICES])
    except Invalid as refused:
        return _phrase_form(request, phrase, refused)
    return see_other(f"{HERE}?gesagt=satz")


@routes.get("/konto/benachrichtigung/zweite-adresse", allow=FRESH_CITIZEN)
async def show_second_address(request: web.Request) -> web.Response:
    """Show the form for a second address, and the button that takes off the one that there is."""
    mail = await own_mail(request)
    return _second_address_form(request, mail, mail.second)


@routes.post("/konto/benachrichtigung/zweite-adresse", allow=FRESH_CITIZEN)
async def ask_second_address(request: web.Request) -> web.Response:
    """Have a mail sent to a second address. Nothing changes until its page is used."""
    email = (await fields_of(request))["email"]
    try:
        await ask_for_address(await own_account(request), email, request.app[SERVICES], "second")
    except Invalid as refused:
        return _second_address_form(request, await own_mail(request), email, refused)
    return see_other(f"{HERE}?gesagt=email-unterwegs")


@routes.post("/konto/benachrichtigung/zweite-adresse/entfernen", allow=FRESH_CITIZEN)
async def end_second_address(request: web.Request) -> web.Response:
    """Write to the first address alone."""
    await remove_second_address(request[LOG_IN].account_id, request.app[SERVICES])
    return see_other(f"{HERE}?gesagt=entfernt")


def _phrase_form(request: web.Request, phrase: str, refused: Invalid | None = None) -> web.Response:
    return page(request, "phrase.html", errors=errors_of(refused), phrase=phrase, longest=PHRASE_MAX)


def _second_address_form(
    request: web.Request, mail: MailSettings, email: str, refused: Invalid | None = None
) -> web.Response:
    return page(request, "second_address.html", errors=errors_of(refused), mail=mail, email=email)
