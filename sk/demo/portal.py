"""The demo's portal: people log in to it with their account, find a form filled in, and get their Bescheid.

It knows of the platform what any portal knows: its address, and what `sk portal add` has printed.
"""

import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from sk.auth.portal import Portal, PortalCard, sector_of
from sk.client import AuthorityClient, File
from sk.client_portal import Begun, LoggedIn, PortalClient, new_portal_key, public_half
from sk.clock import SystemClock, local_day
from sk.ids import new_id
from sk.services import Services

COOKIE = "portal"
NAME = "Serviceportal Musterstadt"
PURPOSE = "um Ihren Antrag auf eine Sondernutzungserlaubnis auszufüllen"
CLAIMS = ("name", "given_name", "family_name", "address", "email", "postbox_handle", "documents")
SCOPE = "openid profile address email postbox"
ASKED = (
    '{"userinfo": {"documents": {"kinds": ["Lageplan"]}, "verified_claims": '
    '{"verification": {"trust_framework": {"value": "eidas"}}, "claims": {"given_name": null, "family_name": null}}}}'
)
LABELS = {"name": "Name", "street": "Straße und Hausnummer", "city": "Postleitzahl und Ort", "email": "E-Mail-Adresse"}
LEVELS = {
    f"http://eidas.europa.eu/LoA/{name}": words
    for name, words in (("low", "niedrig"), ("substantial", "substanziell"), ("high", "hoch"))
}
CASE = "66-4711-0816"
SUBJECT = "Sondernutzungserlaubnis für Ihren Container"
TEXT = "Guten Tag,\n\nIhr Antrag ist bewilligt. Der Bescheid liegt als PDF bei.\n\nFreundliche Grüße\nStadt Musterstadt"


@dataclass
class Visitor:
    """Somebody's browser: what was begun, who has logged in, and what the form is filled with."""

    begun: Begun | None = None
    logged_in: LoggedIn | None = None
    person: Mapping[str, Any] = field(default_factory=dict)
    documents: list[dict[str, Any]] = field(default_factory=list)
    token: str = field(default_factory=new_id)
    has_ended: bool = False


@dataclass
class DemoPortal:
    """The portal. It keeps its visitors in memory, and posts with the key of its authority.

    `asked` is what it asks for in `claims`, beside its scopes.
    """

    url: str
    client: PortalClient
    authority: AuthorityClient
    asked: str = ASKED
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application()
        app.router.add_get("/", self.start)
        app.router.add_get("/anmelden", self.log_in)
        app.router.add_get("/zurueck", self.come_back)
        app.router.add_get("/antrag", self.form)
        app.router.add_post("/antrag", self.apply)
        app.router.add_post("/abmelden", self.log_out)
        app.router.add_post("/abgemeldet", self.hear_of_logout)
        return app

    async def start(self, request: web.Request) -> web.Response:
        """Say what can be applied for here."""
        return _page("Container aufstellen", "start", ended=self._visitor(request).has_ended)

    async def log_in(self, _: web.Request) -> web.Response:
        """Send somebody to the platform, to log in."""
        begun = await self.client.begin(f"{self.url}/zurueck", SCOPE, claims=self.asked)
        token = secrets.token_urlsafe(32)
        self.visitors[token] = Visitor(begun)
        response = _see_other(begun.address)
        response.set_cookie(COOKIE, token, httponly=True, samesite="Lax")
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        """Find out who has come back."""
        visitor = self._visitor(request)
        if visitor.begun is None:
            return _see_other("/")
        begun, visitor.begun = visitor.begun, None
        try:
            visitor.logged_in = await self.client.finish(begun, request.query)
            visitor.person = await self.client.person(visitor.logged_in)
        except RuntimeError:
            return _page("Nicht angemeldet", "words", words="Sie haben nicht zugestimmt, oder etwas ging schief.")
        for told in visitor.person.get("documents", []):
            status, document = await self.authority.download(told["href"])
            if status == HTTPStatus.OK:
                visitor.documents.append({"kind": told["kind"], "size": len(document)})
        return _see_other("/antrag")

    async def form(self, request: web.Request) -> web.Response:
        """Show the form, filled in with what the platform has told."""
        visitor = self._visitor(request)
        if visitor.logged_in is None:
            return _see_other("/")
        address = visitor.person.get("address", {})
        values = {
            "name": visitor.person.get("name", ""),
            "street": address.get("street_address", ""),
            "city": f"{address.get('postal_code', '')} {address.get('locality', '')}".strip(),
            "email": visitor.person.get("email", ""),
        }
        return _page(
            "Antrag: Container aufstellen",
            "form",
            name=values["name"],
            labels=LABELS,
            values=values,
            level=LEVELS[visitor.logged_in.claims["acr"]],
            verified="verified_claims" in visitor.person,
            documents=visitor.documents,
            token=visitor.token,
        )

    async def apply(self, request: web.Request) -> web.Response:
        """Decide at once, and post the Bescheid into the postbox of whoever has applied."""
        visitor, form = self._visitor(request), await request.post()
        if visitor.logged_in is None or form.get("token") != visitor.token:
            return _see_other("/")
        bescheid = _bescheid(str(form["name"]), (str(form["street"]), str(form["city"])))
        notice = {
            "reference": visitor.token,
            "to": visitor.person["postbox_handle"],
            "kind": "verwaltungsakt",
            "law": "ozg-9",
            "rechtsbehelf": "klage-vwgo",
            "belehrung": True,
            "subject": SUBJECT,
            "text": TEXT,
            "case": CASE,
        }
        status, answer = await self.authority.post(notice, [bescheid])
        if status not in (HTTPStatus.ACCEPTED, HTTPStatus.OK):
            return _page("Das ging nicht", "words", words=f"Die Stadt kann Ihnen nicht schreiben: {answer['detail']}")
        postbox = f"{self.client.base_url}/postfach"
        return _page("Ihr Antrag ist bewilligt", "sent", name=visitor.person.get("name", ""), postbox=postbox)

    async def log_out(self, request: web.Request) -> web.Response:
        """Log somebody out here, and ask the platform whether they want to log out there as well."""
        visitor = self._visitor(request)
        logged_in, visitor.logged_in, visitor.has_ended = visitor.logged_in, None, True
        if logged_in is None:
            return _see_other("/")
        asked = {"id_token_hint": logged_in.id_token, "post_logout_redirect_uri": f"{self.url}/"}
        return _see_other(f"{self.client.base_url}/oauth/logout?{urlencode(asked)}")

    async def hear_of_logout(self, request: web.Request) -> web.Response:
        """Log somebody out who has logged out of the platform."""
        sid = await self.client.logged_out(str((await request.post())["logout_token"]))
        for visitor in self.visitors.values():
            if visitor.logged_in and visitor.logged_in.claims["sid"] == sid:
                visitor.logged_in, visitor.has_ended = None, True
        return web.Response()

    def _visitor(self, request: web.Request) -> Visitor:
        return self.visitors.get(request.cookies.get(COOKIE, ""), Visitor())


async def register_portal(url: str, authority_id: str, services: Services) -> tuple[str, EllipticCurvePrivateKey]:
    """Register the portal of an authority, as `sk portal add` does; return its id and its key."""
    key = new_portal_key()
    card = PortalCard(
        portal=new_id(),
        name=NAME,
        authority=authority_id,
        redirect_uris=(f"{url}/zurueck",),
        sector=sector_of((url,)),
        claims=CLAIMS,
        purpose=PURPOSE,
        jwks=(public_half(key),),
        logout_uris=(f"{url}/",),
        backchannel_logout_uri=f"{url}/abgemeldet",
    )
    await services.store.save(Portal.registered(card, services.keys.signer("sign-web")))
    return card.portal, key


@asynccontextmanager
async def serving(portal: DemoPortal, listening: socket.socket) -> AsyncIterator[DemoPortal]:
    """Serve the portal for as long as the block lasts."""
    runner = web.AppRunner(portal.app(), access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield portal
    finally:
        await runner.cleanup()


def _bescheid(name: str, address: tuple[str, str]) -> File:
    # The typesetter takes as long to load as all else together, and every process and command would wait for it.
    from sk.demo.bescheid import typeset_bescheid  # noqa: PLC0415 - see above

    issued_on = local_day(SystemClock().now())
    pdf = typeset_bescheid(name=name, address=address, aktenzeichen=CASE, issued_on=issued_on)
    return File("Sondernutzungserlaubnis.pdf", pdf)


def _page(title: str, page: str, **values: Any) -> web.Response:
    text = _template().render(title=title, page=page, **{"name": "", **values})
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


def _see_other(address: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": address})


@cache
def _template() -> jinja2.Template:
    source = (Path(__file__).parent / "portal.html").read_text()
    return jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
