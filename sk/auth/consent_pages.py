"""The pages on which citizens see which online services are told something about them, and end it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from aiohttp import web

from sk.auth.claims import CLAIMS
from sk.auth.consent import consents_of
from sk.auth.portal import portal_name
from sk.auth.portal_logout import withdraw_consent
from sk.auth.profile import NAMES
from sk.services import Services
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
HERE = "/konto/dienste"


class Line(NamedTuple):
    """A service that is told something: what, by the names of fields, and since when."""

    id: str
    name: str
    told: Sequence[str]
    since: datetime


@routes.get(HERE, allow=CITIZEN)
async def show(request: web.Request) -> web.Response:
    """Show all of them."""
    lines = await _lines(request[LOG_IN].account_id, request.app[SERVICES])
    return page(request, "consents.html", lines=lines, said=request.query.get("gesagt", ""))


@routes.post(f"{HERE}/{{id}}/widerrufen", allow=CITIZEN)
async def withdraw(request: web.Request) -> web.Response:
    """Have one be told nothing more."""
    await withdraw_consent(request[LOG_IN].account_id, request.match_info["id"], request.app[SERVICES])
    return see_other(f"{HERE}?gesagt=widerrufen")


async def _lines(account_id: str, services: Services) -> list[Line]:
    lines = list[Line]()
    for agreed in await consents_of(account_id, services):
        made_of = {field for claim in agreed.claims if claim in CLAIMS for field in CLAIMS[claim].made_of}
        told = [*(field for field in NAMES if field in made_of), *(one for one in agreed.claims if one not in CLAIMS)]
        lines.append(Line(agreed.portal, await portal_name(agreed.portal, services), told, agreed.at))
    return sorted(lines, key=lambda line: line.name.casefold())
