"""A portal's software that can also lie: it says, signs and proves what it is told to."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
from cryptography.hazmat.primitives.asymmetric import ec

from sk.auth.authority import public_jwk
from sk.auth.clients import secret_digest
from sk.auth.portal import Portal, PortalCard
from sk.client import ASSERTION_TYPE
from sk.crypto.sign import encode
from sk.ids import new_id
from tests.auth.clients import Key, jwk_of, signed
from tests.refusals import Answer
from tests.security.tab import Answer as Page
from tests.security.tab import Tab
from tests.world import World

BACK = "https://portal.example/zurueck"
BYE = "https://portal.example/tschuess"
EVERYTHING = ("name", "given_name", "family_name", "birthdate", "address", "email", "postbox_handle")


def new_p256() -> Key:
    """Return a fresh key."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Software:
    """A registered portal, with the key by which it shows who it is and the one that its tokens are bound to."""

    world: World
    card: PortalCard
    key: Key = field(default_factory=new_p256)
    proof_key: Key = field(default_factory=new_p256)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    secret: str = ""

    @property
    def id(self) -> str:
        """Return what it is called here."""
        return self.card.portal

    def request(self, **said: str | None) -> dict[str, str]:
        """Return an authorization request that is right but for what is said otherwise; None takes a parameter out."""
        right = {
            "client_id": self.id,
            "response_type": "code",
            "redirect_uri": self.card.redirect_uris[0],
            "scope": "openid profile",
            "state": "s-123",
            "nonce": "n-456",
            "code_challenge": encode(sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**right, **said}.items() if value is not None}

    def assertion(self, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """Return an assertion that is right but for what is said otherwise."""
        now = int(self.world.clock.now().timestamp())
        right = {"iss": self.id, "sub": self.id, "aud": self.world.base_url, "iat": now, "exp": now + 60}
        told = {**right, "jti": secrets.token_hex(8), **claims}
        return signed(self.key, {"kid": public_jwk(jwk_of(self.key))["kid"], **(header or {})}, told)

    def proof(
        self, method: str, path: str, token: str = "", header: Mapping[str, Any] | None = None, **claims: Any
    ) -> str:
        """Return a DPoP proof that is right but for what is said otherwise; None takes a claim out."""
        right = {
            "htm": method,
            "htu": self.world.base_url + path,
            "iat": int(self.world.clock.now().timestamp()),
            "jti": secrets.token_hex(8),
            **({"ath": encode(sha256(token.encode()).digest())} if token else {}),
        }
        told = {name: value for name, value in {**right, **claims}.items() if value is not None}
        return signed(self.proof_key, {"typ": "dpop+jwt", "jwk": jwk_of(self.proof_key), **(header or {})}, told)

    async def send(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        """Send a form, showing who it is unless the form says that already."""
        shown = {} if self.secret or "client_assertion" in form else self.shown()
        if self.secret:
            headers["Authorization"] = aiohttp.encode_basic_auth(self.id, self.secret)
        url, data = self.world.base_url + path, {**shown, **form}
        async with self.world.http.post(url, data=data, headers=headers) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    def shown(self) -> dict[str, str]:
        """Return by what it shows who it is."""
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}

    async def push(self, **said: str | None) -> Answer:
        """Push a request, bound to the key."""
        return await self.send("/oauth/par", self.request(**said), DPoP=self.proof("POST", "/oauth/par"))

    async def address(self, **said: str | None) -> str:
        """Return the address to which it sends somebody's browser."""
        if not self.card.is_strict:
            return f"/oauth/authorize?{urlencode(self.request(**said))}"
        answer = await self.push(**said)
        assert answer.status == 201, answer.body
        pushed = {"client_id": self.id, "request_uri": answer.json()["request_uri"]}
        return f"/oauth/authorize?{urlencode(pushed)}"

    async def send_off(self, tab: Tab, **said: str | None) -> str:
        """Send somebody here, and return the path of the page on which they are asked."""
        answer = await tab.get(await self.address(**said))
        assert answer.status == 303, answer.text
        return answer.headers["Location"]

    async def log_in(self, tab: Tab, **said: str | None) -> dict[str, str]:
        """Have somebody log in who agrees to everything; return what comes back to the portal."""
        path = await self.send_off(tab, **said)
        page = await tab.get(path)
        if 'http-equiv="refresh"' not in page.text:
            page = await self.answer(tab, path, "ja")
        return came_back(page.text)

    async def answer(self, tab: Tab, path: str, said: str) -> Page:
        """Have somebody press a button of the page on which they are asked."""
        return await tab.ask("POST", path, data={"csrf": tab.csrf, "antwort": said})

    async def redeem(self, code: str, **said: str) -> Answer:
        """Turn a code into tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.card.redirect_uris[0],
            "code_verifier": self.verifier,
        }
        return await self.send("/oauth/token", {**form, **said}, **self._bound("/oauth/token"))

    async def refresh(self, token: str, **said: str) -> Answer:
        """Ask for further tokens."""
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return await self.send("/oauth/token", {**form, **said}, **self._bound("/oauth/token"))

    async def tokens(self, tab: Tab, **said: str | None) -> dict[str, Any]:
        """Have somebody log in, and return the tokens."""
        answer = await self.redeem((await self.log_in(tab, **said))["code"])
        assert answer.status == 200, answer.body
        return answer.json()

    async def person(self, token: str, proof: str | None = None) -> Answer:
        """Ask who somebody is."""
        path = "/oauth/userinfo"
        bound = proof if proof is not None else self.proof("GET", path, token) if self.card.is_strict else ""
        headers = {"Authorization": f"{'DPoP' if bound else 'Bearer'} {token}", **({"DPoP": bound} if bound else {})}
        async with self.world.http.get(self.world.base_url + path, headers=headers) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    def _bound(self, path: str) -> dict[str, str]:
        return {"DPoP": self.proof("POST", path)} if self.card.is_strict else {}

    async def changed(self, **card: Any) -> "Software":
        """Have the operator change what is registered."""
        web = self.world.web
        stored = await web.store.get(Portal, self.id)
        registered = stored.details(web.keys.signers).model_copy(update=card)
        stored.change(registered, web.keys.signer("sign-web"))
        await web.store.save(stored)
        return Software(self.world, registered, self.key, self.proof_key, self.verifier, self.secret)


async def a_portal(world: World, *, secret: str = "", authority: str = "", **card: Any) -> Software:
    """Register a portal of an authority, of a fresh one if none is named, and return its software."""
    key = new_p256()
    authority = authority or (await world.authority()).client_id
    facts: dict[str, Any] = {
        "name": "Serviceportal Musterstadt",
        "redirect_uris": (BACK,),
        "sector": "portal.example",
        "claims": EVERYTHING,
        "logout_uris": (BYE,),
        "jwks": () if secret else (public_jwk(jwk_of(key)),),
        "secret_digest": secret_digest(secret) if secret else "",
        "is_strict": not secret,
        **card,
    }
    registered = PortalCard(portal=new_id(), authority=authority, **facts)
    await world.web.store.save(Portal.registered(registered, world.web.keys.signer("sign-web")))
    return Software(world, registered, key, secret=secret)


def came_back(page: str) -> dict[str, str]:
    """Return what a page leads back to a portal with."""
    _, found, rest = page.partition('content="0;url=')
    assert found, page
    return dict(parse_qsl(urlsplit(unescape(rest.partition('"')[0])).query))
