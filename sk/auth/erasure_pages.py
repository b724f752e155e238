"""The pages on which a citizen erases their account, asked twice, with a way back."""

from aiohttp import web

from sk.auth.erasure import WAITS, ask_for_erasure, cancel_erasure, erasure_at, final_on
from sk.auth.trust import reaches
from sk.clock import local_day
from sk.errors import Invalid
from sk.postbox.fristen import running_fristen
from sk.web.forms import errors_of, fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.own import own_account
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, FRESH_CITIZEN, RouteTable

routes = RouteTable()
HERE = "/konto/loeschen"
SURE = "ja"


@routes.get(HERE, allow=FRESH_CITIZEN)
async def show_erasure(request: web.Request) -> web.Response:
    """Say what is lost, which Fristen run, and what can be taken along; or when it happens, and how to stop it."""
    return await _page(request, "erasure.html")


@routes.get(f"{HERE}/bestaetigen", allow=FRESH_CITIZEN)
async def ask_once_more(request: web.Request) -> web.Response:
    """Ask for the second time."""
    return await _page(request, "erasure_confirm.html")


@routes.post(f"{HERE}/bestaetigen", allow=FRESH_CITIZEN)
async def ask(request: web.Request) -> web.Response:
    """Have the account erased in seven days. Whoever has not ticked the box is asked once more."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    if (await fields_of(request))["sicher"] != SURE:
        unsure = Invalid("the box was not ticked", field="sicher", problem="field-missing")
        return await _page(request, "erasure_confirm.html", unsure)
    await ask_for_erasure(log_in.account_id, services, log_in=log_in)
    return see_other(HERE)


@routes.post(f"{HERE}/abbrechen", allow=CITIZEN)
async def cancel(request: web.Request) -> web.Response:
    """Keep the account."""
    await cancel_erasure(request[LOG_IN].account_id, request.app[SERVICES])
    return see_other("/konto?gesagt=bleibt")


async def _page(request: web.Request, template: str, refused: Invalid | None = None) -> web.Response:
    services, log_in = request.app[SERVICES], request[LOG_IN]
    account = await own_account(request)
    trust, now = account.standing(services.keys.signers).trust, services.clock.now()
    asked = await erasure_at(log_in.account_id, services)
    on = local_day(asked or now + WAITS)
    return page(
        request,
        template,
        errors=errors_of(refused),
        asked=asked,
        erased_on=on,
        final_on=final_on(on, services.settings),
        trust=trust,
        is_high_enough=reaches(log_in.level, trust),
        fristen=await running_fristen(log_in.account_id, services),
    )
