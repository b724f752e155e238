"""Clients from npm, as portals use them, fare at our provider as at one that is certified, but for good reasons.

Each script runs at both: at ours, and at oidc-provider, which nobody here wrote either.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sk.auth.authority import public_jwk
from tests.auth.clients import Key, jwk_of, registered
from tests.auth.portals import BACK, BYE, a_portal, new_p256
from tests.portals.node import HERE, Node
from tests.portals.visitor import Visitor
from tests.world import World

PEOPLE = ("erika", "otto")
TOKENS = ["dpop", "openid email"]
PERSON = ["sub", "email", "email_verified"]


@dataclass(frozen=True)
class Provider:
    """What the clients of a provider are told, the browsers of people who are known there, and what happens beside."""

    told: dict[str, Any]
    browsers: dict[str, Visitor]
    world: World | None = None

    async def go(self, url: str, name: str) -> str:
        """Have somebody's browser go to an address, and return where at the portal it is led."""
        led = await self.browsers[name].go(url)
        if self.world:
            await self.world.settle()  # the workers, who do their part in the meantime
        return led


@asynccontextmanager
async def ours(world: World) -> AsyncIterator[Provider]:
    """Register a portal and an authority's machine client here, and people."""
    portal, keys = await a_portal(world), machine_keys()
    machine = await registered(world, keys[0])
    await machine.changed(jwks=tuple(public_jwk(jwk_of(key)) for key in keys))
    people = {name: (await world.citizen(name)).password for name in PEOPLE}
    async with browsers(people) as opened:
        yield Provider(told_of(world.base_url, (portal.id, [portal.key]), (machine.id, keys)), opened, world)


@asynccontextmanager
async def theirs(node: Node) -> AsyncIterator[Provider]:
    """Run oidc-provider with such clients; it takes any name for somebody's, with any password."""
    told = told_of("", ("portal", [new_p256()]), ("machine", machine_keys()))
    async with node.provider(told) as issuer, browsers(dict.fromkeys(PEOPLE, "x")) as opened:
        yield Provider({**told, "issuer": issuer}, opened)


def machine_keys() -> list[Key]:
    """Return keys for a machine client, one of each kind."""
    return [new_p256(), ed25519.Ed25519PrivateKey.generate()]


def told_of(issuer: str, portal: tuple[str, list[Key]], machine: tuple[str, list[Key]]) -> dict[str, Any]:
    """Return what the scripts are told."""
    clients = {
        name: {"id": id_, "keys": [private_jwk(key) for key in keys]}
        for name, (id_, keys) in {"portal": portal, "machine": machine}.items()
    }
    return {"issuer": issuer, **clients, "redirect_uri": BACK, "post_logout_redirect_uri": BYE}


def private_jwk(key: Key) -> dict[str, Any]:
    """Return a key with the name under which it is registered."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(key, as_dict=True)
    else:
        jwk = jwt.algorithms.OKPAlgorithm.to_jwk(key, as_dict=True)
    return {**jwk, "kid": public_jwk(jwk_of(key))["kid"]}


@asynccontextmanager
async def browsers(people: dict[str, str]) -> AsyncIterator[dict[str, Visitor]]:
    """Open a browser for each, and one for somebody who has no account."""
    async with AsyncExitStack() as stack:
        opened = {}
        for name, password in {**people, "stranger": ""}.items():
            jar = aiohttp.CookieJar(unsafe=True)  # the servers have addresses for names
            http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
            opened[name] = Visitor(http, "https://portal.example/", name if password else "", password)
        yield opened


async def run(script: str, node: Node, world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return how a script has fared here and there."""
    async with ours(world) as here:
        at_ours = await node.outcome(script, here.told, here.go)
    async with theirs(node) as there:
        return at_ours, await node.outcome(script, there.told, there.go)


async def test_openid_client_runs_unchanged_from_the_log_in_to_the_logout(node: Node, world: World) -> None:
    here, there = await run("openid_client.mjs", node, world)

    assert here == there
    assert here == {
        "discovery": "ok",
        "pushed request": ["client_id", "request_uri"],
        "code": TOKENS,
        "userinfo": PERSON,
        "refresh": TOKENS,
        "userinfo after it": PERSON,
        "end session": f"{BYE}?state=bye",
        "userinfo after the end": "401 invalid_token",
        "refresh after the end": "400 invalid_grant",
        "discovery by a machine": "ok",
        "client credentials": "bearer",
    }


async def test_oauth4webapi_finds_every_answer_in_order_and_a_code_is_good_once(node: Node, world: World) -> None:
    here, there = await run("oauth4webapi.mjs", node, world)

    assert here == there
    assert here == {
        "discovery": "ok",
        "pushed request": "ok",
        "answer without iss": "OAUTH_INVALID_RESPONSE",
        "answer of somebody else": "OAUTH_INVALID_RESPONSE",
        "answer": ["code", "iss", "state"],
        "code": TOKENS,
        "userinfo": PERSON,
        "refresh": TOKENS,
        "userinfo after it": PERSON,
        "code a second time": "400 invalid_grant",
        "userinfo after that": "401 invalid_token",
        "refresh after that": "400 invalid_grant",
        "client credentials": "bearer",
    }


async def test_what_is_refused_there_is_refused_here_in_the_same_words(node: Node, world: World) -> None:
    here, there = await run("refusals.mjs", node, world)

    assert here == {
        "nobody is asked: a stranger": "login_required",
        "nobody is asked: not agreed": "consent_required",
        "nobody is asked: agreed": "ok",
        "no PKCE": "400 invalid_request",
        "plain PKCE": "400 invalid_request",
        "an implicit flow": "400 unsupported_response_type",
        "an address that is not registered": "400 invalid_request",
        "another key than announced": "400 invalid_request",
        "a request that is not pushed": "invalid_request",
        "a pushed request a second time": "null",
        "another code_verifier": "400 invalid_grant",
        "another redirect_uri": "400 invalid_grant",
        "a code bound to another key": "400 invalid_grant",
        "a code with no key": "400 invalid_dpop_proof",
        "a proof for another method": "400 invalid_dpop_proof",
        "a proof for another address": "400 invalid_dpop_proof",
        "an old proof": "400 invalid_dpop_proof",
        "a proof used before": "400 invalid_dpop_proof",
        "userinfo: no proof": "401 invalid_token",
        "userinfo: a proof of another key": "401 invalid_token",
        "userinfo: a proof for another token": "401 invalid_dpop_proof",
        "userinfo: no token of theirs": "401 invalid_token",
        "refresh: a proof for another method": "400 invalid_dpop_proof",
        "refresh: another client's key": "401 invalid_client",
        "refresh: no token of theirs": "400 invalid_grant",
        "refresh: another key for the proof": "ok",
        "an unknown client": "401 invalid_client",
        "an assertion with another's key": "401 invalid_client",
        "an assertion for another provider": "401 invalid_client",
        "an assertion for the endpoint": "401 invalid_client",
        "an assertion for two": "401 invalid_client",
        "an assertion that is over": "401 invalid_client",
        "an assertion of another issuer": "401 invalid_client",
        "an assertion used before": "401 invalid_client",
        "an assertion by Ed25519": "ok",
        "a proof by Ed25519": "ok",
        "a portal for itself": "400 unauthorized_client",
        "a machine for somebody": "400 unauthorized_client",
    }
    assert {step: said for step, said in there.items() if said != here[step]} == {
        # RFC 9449 wants such a request refused (section 5.2) and leaves open by which word.
        "a code with no key": "400 invalid_grant",
        # Whatever is wrong with a proof is invalid_dpop_proof (RFC 9449 section 5), and one used before is.
        "a proof used before": "400 invalid_grant",
        # A client that may not use this grant is unauthorized_client (RFC 6749 section 5.2).
        "a portal for itself": "400 invalid_request",
        "a machine for somebody": "400 invalid_request",
    }


def test_the_lock_says_what_is_installed_and_not_from_where() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
