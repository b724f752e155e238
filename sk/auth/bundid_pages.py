"""The way to BundID and back; what follows from it is as with a card (`sk/auth/card_pages.py`)."""

import logging

from aiohttp import web

from sk.auth.bundid import CONSUMER, ENTITY, BundId, read_answer, request_address, take_answer
from sk.auth.card_pages import begin_way, failed, go_on, own_errand
from sk.auth.cards import CardUse, refuse_other_way_back
from sk.auth.portal_pages import leave
from sk.errors import Damaged, Forbidden, Invalid, NotFound
from sk.saml.bindings import from_form
from sk.web.forms import fields_of, refuse_stale
from sk.web.keys import BUNDID, SERVICES
from sk.web.language import language_of
from sk.web.render import see_other
from sk.web.routes import ANYBODY, FROM_ELSEWHERE, RouteTable

routes = RouteTable()
log = logging.getLogger(__name__)


@routes.get(ENTITY, allow=ANYBODY)
async def show_metadata(request: web.Request) -> web.Response:
    """Return what BundID has to know of us."""
    raw = _bundid(request).metadata(request.app[SERVICES])
    return web.Response(body=raw, content_type="application/samlmetadata+xml")


@routes.post("/bundid", allow=ANYBODY)
async def begin(request: web.Request) -> web.Response:
    """Begin a way to BundID, and lead there."""
    services, form = request.app[SERVICES], await fields_of(request)
    refuse_stale(request, form)
    bundid = _bundid(request)

    def lead(use: CardUse) -> web.Response:
        return leave(request, request_address(use, language_of(request), bundid, services), "BundID")

    return await begin_way(request, form, lead, "high" if form["niveau"] == "high" else "substantial")


@routes.post(CONSUMER, allow=FROM_ELSEWHERE)
async def take(request: web.Request) -> web.Response:
    """Take an answer from the form that BundID's page has sent, and lead the browser back to what it has begun."""
    services, bundid, form = request.app[SERVICES], _bundid(request), await fields_of(request)
    try:
        way_back = await take_answer(from_form(form["SAMLResponse"]), bundid, services)
    except Damaged:
        log.warning("bundid-answer-refused")
        raise Invalid("this is no answer of BundID to us, or it came before", problem="bundid-answer") from None
    return see_other(f"/bundid/zurueck/{way_back}")


@routes.get("/bundid/zurueck/{way_back}", allow=ANYBODY)
async def come_back(request: web.Request) -> web.Response:
    """Take what BundID said, for the browser that has begun, and go on to what it was for."""
    _bundid(request)
    errand = await own_errand(request)
    refuse_other_way_back(errand.content, request.match_info["way_back"])
    try:
        read = await read_answer(errand, request.app[SERVICES])
    except Forbidden as refused:
        return failed(request, errand.content, refused.problem)
    return await go_on(request, errand, read)


def _bundid(request: web.Request) -> BundId:
    if BUNDID not in request.app:
        raise NotFound("nobody logs in by BundID here")
    return request.app[BUNDID]
