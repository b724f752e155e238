"""A portal written with Authlib, the library for OAuth that many applications in Python have, as it comes from PyPI."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.integrations.base_client import BaseApp, FrameworkIntegration, OAuth2Mixin, OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from joserfc.errors import InvalidClaimError
from joserfc.jwk import ECKey

from sk.demo.browser import Page
from tests.auth.portals import BACK, BYE, Software, a_portal, came_back
from tests.security.tab import Tab, open_tab
from tests.world import World


class Framework(FrameworkIntegration):  # type: ignore[misc] # Authlib has no types
    """What Authlib wants of a web framework: that it keeps tokens which were exchanged for newer ones."""

    kept: dict[str, Any] | None = None

    def update_token(self, token: dict[str, Any], refresh_token: str = "", access_token: str = "") -> None:  # noqa: ARG002
        """Keep a newer token."""
        self.kept = token


class App(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc] # the same
    """What Authlib's clients for Django and Flask are, without Django and Flask."""

    client_cls = OAuth2Session


def app_of(portal: Software) -> App:
    """Return an application that has been told what its operator knows, and nothing else."""
    issuer, kid = portal.world.base_url, portal.card.jwks[0]["kid"]
    assert isinstance(portal.key, EllipticCurvePrivateKey)

    def shown(*request: object) -> object:
        # It writes the jti of an assertion into the claims that it is given, so each request needs its own.
        return PrivateKeyJWT(issuer, claims={"exp": int(time.time()) + 60}, headers={"kid": kid}, alg="ES256")(*request)

    return App(
        Framework("sk"),
        client_id=portal.id,
        client_secret=ECKey.import_key(portal.key),
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_auth_methods=[("private_key_jwt", shown)],
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "private_key_jwt",
        },
    )


async def log_in(app: App, portal: Software, tab: Tab) -> tuple[dict[str, Any], dict[str, Any]]:
    """Have somebody log in who agrees; return what the application has begun with, and the tokens that it gets."""
    begun = await asyncio.to_thread(app.create_authorization_url, BACK)
    sent = await tab.get(begun["url"].removeprefix(tab.base_url))
    came = came_back((await portal.answer(tab, sent.headers["Location"], "ja")).text)
    assert came["state"] == begun["state"]
    verifier = begun["code_verifier"]
    return begun, await asyncio.to_thread(app.fetch_access_token, BACK, code=came["code"], code_verifier=verifier)


async def test_authlib_logs_somebody_in_and_is_told_who_it_is(world: World) -> None:
    portal = await a_portal(world, is_strict=False)
    app, tab = app_of(portal), await open_tab(world, await world.citizen())

    begun, token = await log_in(app, portal, tab)
    claims = await asyncio.to_thread(app.parse_id_token, token, begun["nonce"])
    told = await asyncio.to_thread(app.userinfo, token=token)

    asked = parse_qs(urlsplit(begun["url"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert (token["token_type"], token["scope"]) == ("Bearer", "openid email")
    assert (claims["aud"], claims["acr"]) == (portal.id, "http://eidas.europa.eu/LoA/high")
    assert told == {"sub": claims["sub"], "email": "erika@example.org", "email_verified": True}


async def test_authlib_takes_no_id_token_of_another_log_in(world: World) -> None:
    portal = await a_portal(world, is_strict=False)
    app = app_of(portal)
    _, token = await log_in(app, portal, await open_tab(world, await world.citizen()))

    with pytest.raises(InvalidClaimError, match="nonce"):
        await asyncio.to_thread(app.parse_id_token, token, "another")


async def test_authlib_gets_further_tokens_by_itself_when_the_first_are_old(world: World) -> None:
    portal = await a_portal(world, is_strict=False)
    app, tab = app_of(portal), await open_tab(world, await world.citizen())
    begun, token = await log_in(app, portal, tab)
    first = await asyncio.to_thread(app.parse_id_token, token, begun["nonce"])

    told = await asyncio.to_thread(app.userinfo, token={**token, "expires_at": 1})

    kept = app.framework.kept
    again = await asyncio.to_thread(app.parse_id_token, kept, None)
    assert kept["access_token"] != token["access_token"]
    assert kept["refresh_token"] == token["refresh_token"]
    assert told["sub"] == again["sub"] == first["sub"]


async def test_whoever_logs_out_with_authlib_is_asked_here_and_led_back(world: World) -> None:
    portal = await a_portal(world, is_strict=False)
    app, tab = app_of(portal), await open_tab(world, await world.citizen())
    _, token = await log_in(app, portal, tab)

    leaving = await asyncio.to_thread(app.create_logout_url, BYE, token["id_token"])
    asked = await tab.get(leaving["url"].removeprefix(world.base_url))
    form = Page(asked.status, asked.path, asked.text).form("Überall abmelden")
    left = await tab.ask("POST", form.action, data=form.fields)

    assert "Serviceportal Musterstadt" in asked.text
    assert f"0;url={BYE}?state={leaving['state']}" in left.text
    assert (await tab.get("/postfach")).status == 303
