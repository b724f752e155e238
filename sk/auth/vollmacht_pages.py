"""The pages of Vollmachten: who may act for somebody, for whom they may act, offering, accepting, ending."""

from contextlib import suppress
from datetime import timedelta

from aiohttp import web

from sk.auth.authorities import all_registered
from sk.auth.sessions import is_fresh
from sk.auth.trust import reaches
from sk.auth.vollmacht import own_vollmacht as kept
from sk.auth.vollmacht import vollmachten_of
from sk.auth.vollmacht_steps import Wish, accept, end, grant, name_in, offered, reject
from sk.clock import local_day
from sk.errors import Invalid
from sk.web.forms import Fields, entered_day, errors_of, fields, fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.own import own_account
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, FRESH_CITIZEN, RouteTable

routes = RouteTable()
HERE = "/konto/vollmachten"
EVERY = "alle"
AT_FIRST = timedelta(days=365)


@routes.get(HERE, allow=CITIZEN)
async def show_vollmachten(request: web.Request) -> web.Response:
    """Show which Vollmachten somebody has granted, and which they have been granted."""
    services, account_id = request.app[SERVICES], request[LOG_IN].account_id
    found = await vollmachten_of(account_id, services)
    return page(
        request,
        "vollmachten.html",
        given=[one for one in found if one.terms.principal == account_id],
        held=[one for one in found if one.terms.representative == account_id],
        now=services.clock.now(),
        said=request.query.get("gesagt", ""),
    )


@routes.get(f"{HERE}/neu", allow=FRESH_CITIZEN)
async def show_form(request: web.Request) -> web.Response:
    """Show the form for a new one, to whoever has just shown who they are: it lets somebody else in."""
    today = local_day(request.app[SERVICES].clock.now())
    return await _form(request, fields({"begins_on": str(today), "ends_on": str(today + AT_FIRST)}))


@routes.post(f"{HERE}/neu", allow=FRESH_CITIZEN)
async def take_form(request: web.Request) -> web.Response:
    """Offer a Vollmacht; its page shows the code with which the other person accepts it."""
    services, form = request.app[SERVICES], await fields_of(request)
    try:
        vollmacht_id = await grant(_wish(form), request[LOG_IN], services)
    except Invalid as refused:
        return await _form(request, form, refused)
    return see_other(f"{HERE}/{vollmacht_id}")


@routes.get(f"{HERE}/annehmen", allow=CITIZEN)
async def show_code_form(request: web.Request) -> web.Response:
    """Show the form for a code that somebody was given."""
    return page(request, "vollmacht_code.html", code="")


@routes.post(f"{HERE}/annehmen", allow=CITIZEN)
async def take_code(request: web.Request) -> web.Response:
    """Show what a code offers, and take it or refuse it once that was seen."""
    services, log_in, form = request.app[SERVICES], request[LOG_IN], await fields_of(request)
    code = form["code"]
    try:
        if form["choice"] == "accept":
            return see_other(f"{HERE}/{await accept(code, log_in, services)}?gesagt=angenommen")
        if form["choice"] == "reject":
            await reject(code, log_in, services)
            return see_other(f"{HERE}?gesagt=abgelehnt")
        one = await offered(code, log_in, services)
    except Invalid as refused:
        return page(request, "vollmacht_code.html", errors=errors_of(refused), code=code)
    return page(request, "vollmacht_offer.html", terms=one.terms, code=code, name=await _own_name(request))


@routes.get(f"{HERE}/{{id}}", allow=CITIZEN)
async def show_vollmacht(request: web.Request) -> web.Response:
    """Show a Vollmacht to either side: its words, how it stands, and to its principal the code while it waits."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    one = await kept(request.match_info["id"], log_in.account_id, services)
    return page(
        request,
        "vollmacht.html",
        vollmacht=one,
        terms=one.terms,
        phase=one.terms.phase(services.clock.now()),
        is_principal=one.terms.principal == log_in.account_id,
        shows_code=is_fresh(log_in, services.clock.now()) and reaches(log_in.level, one.terms.level),
        said=request.query.get("gesagt", ""),
    )


@routes.post(f"{HERE}/{{id}}/beenden", allow=CITIZEN)
async def take_end(request: web.Request) -> web.Response:
    """End a Vollmacht, from either side."""
    await end(request.match_info["id"], request[LOG_IN], request.app[SERVICES])
    return see_other(f"{HERE}?gesagt=beendet")


async def _form(request: web.Request, form: Fields, refused: Invalid | None = None) -> web.Response:
    known = await all_registered(request.app[SERVICES])
    authorities = {id_: card.name for id_, card in known.items() if not card.disabled}
    return page(
        request,
        "vollmacht_form.html",
        errors=errors_of(refused),
        form=form,
        authorities=authorities,
        own_name=await _own_name(request),
    )


async def _own_name(request: web.Request) -> str:
    """Return the name of whoever asks, or nothing if they have none."""
    with suppress(Invalid):
        return await name_in(await own_account(request), request.app[SERVICES])
    return ""


def _wish(form: Fields) -> Wish:
    authority = form["authority"]
    if not authority:
        raise Invalid("a Vollmacht says for which authority it is", field="authority", problem="field-missing")
    return Wish(
        name=form["name"],
        authority="" if authority == EVERY else authority,
        replies=form["replies"] == "on",
        begins_on=entered_day(form["begins_on"], "begins_on"),
        ends_on=entered_day(form["ends_on"], "ends_on"),
    )
