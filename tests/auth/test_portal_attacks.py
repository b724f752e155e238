"""Attacks on log-ins to portals, each by its name."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from sk.auth.portal_log_in import PortalLogIn
from tests.auth.clients import claims_of, jwk_of, registered, signed, with_hmac
from tests.auth.portals import BACK, Software, a_portal, came_back, new_p256
from tests.refusals import Answer
from tests.security.tab import open_tab
from tests.world import World

USERINFO = "/oauth/userinfo"
UNKNOWN_LEVEL = '{"id_token": {"acr": {"essential": true, "value": "hoch"}}}'


def refused(answer: Answer, error: str, status: int = 400) -> bool:
    """Check that a client is refused with an error; it is true then."""
    assert (answer.status, answer.json()["error"]) == (status, error), answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    return True


async def test_code_replay_ends_what_the_code_led_to(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    code = (await portal.log_in(tab))["code"]
    tokens = (await portal.redeem(code)).json()

    again = await portal.redeem(code)
    told, further = await portal.person(tokens["access_token"]), await portal.refresh(tokens["refresh_token"])

    assert refused(again, "invalid_grant")
    assert refused(told, "invalid_token", 401)
    assert refused(further, "invalid_grant")
    assert await world.web.store.scan(PortalLogIn) == []


async def test_assertion_replay(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens, shown = await portal.tokens(tab), portal.shown()

    first, second = [await portal.refresh(tokens["refresh_token"], **shown) for _ in range(2)]

    assert first.status == 200
    assert refused(second, "invalid_client", 401)


@pytest.mark.parametrize(
    "claims",
    [{"aud": "https://other.example"}, {"aud": f"{BACK}/token"}, {"iss": "somebody"}, {"exp": 1}, {"sub": "somebody"}],
)
async def test_assertion_for_somebody_else(claims: dict[str, Any], world: World) -> None:
    portal = await a_portal(world)

    shown = {**portal.shown(), "client_assertion": portal.assertion(**claims)}

    assert refused(await portal.send("/oauth/par", portal.request() | shown), "invalid_client", 401)


async def test_code_of_another_portal(world: World) -> None:
    portal, other = await a_portal(world), await a_portal(world, name="Serviceportal Anderstadt")
    code = (await portal.log_in(await open_tab(world, await world.citizen())))["code"]

    assert refused(await Software(world, other.card, other.key, verifier=portal.verifier).redeem(code), "invalid_grant")
    assert (await portal.redeem(code)).status == 200


async def test_code_without_its_verifier(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    code = (await portal.log_in(tab))["code"]

    for verifier in ("", secrets.token_urlsafe(32), portal.request()["code_challenge"]):
        assert refused(await portal.redeem(code, code_verifier=verifier), "invalid_grant")
    assert (await portal.redeem(code)).status == 200


@pytest.mark.parametrize(
    "said",
    [
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "kurz"},
    ],
)
async def test_request_without_pkce(said: dict[str, str | None], world: World) -> None:
    assert refused(await (await a_portal(world)).push(**said), "invalid_request")


@pytest.mark.parametrize(
    "address",
    [
        f"{BACK}/",
        f"{BACK}?x=1",
        f"{BACK}#x",
        "https://portal.example/",
        "http://portal.example/zurueck",
        "https://portal.example.evil.example/zurueck",
        "https://portal.example@evil.example/zurueck",
        "https://PORTAL.example/zurueck",
        "https://portal.example/./zurueck",
        "https://portal.example/zurueck%2f..",
        "//portal.example/zurueck",
        "javascript:alert(1)",
        "",
    ],
)
async def test_redirect_uri_that_only_looks_like_the_portals(address: str, world: World) -> None:
    strict, plain = await a_portal(world), await a_portal(world, is_strict=False)
    tab = await open_tab(world, await world.citizen())

    pushed = await strict.push(redirect_uri=address)
    page = await tab.get(await plain.address(redirect_uri=address))
    code = (await plain.log_in(tab))["code"]
    redeemed = await plain.redeem(code, redirect_uri=address)

    assert refused(pushed, "invalid_request")
    assert (page.status, "Location" in page.headers) == (400, False)
    assert "Bei diesem Online-Dienst stimmt etwas nicht" in page.text
    assert refused(redeemed, "invalid_grant")


async def test_parameters_that_stand_there_twice(world: World) -> None:
    portal, tab = await a_portal(world, is_strict=False), await open_tab(world, await world.citizen())

    twice = await tab.get(f"{await portal.address()}&scope=openid+email")
    evil = await tab.get(f"{await portal.address()}&redirect_uri=https://evil.example/")

    for answer in (twice, evil):
        assert (answer.status, answer.headers.get("Location", BACK)[: len(BACK)]) in ((303, BACK), (400, BACK))
    assert "error=invalid_request" in twice.headers["Location"]


async def test_mix_up_of_providers(world: World) -> None:
    """Whoever has several providers learns from each answer which one it is (RFC 9207), also from an error."""
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())

    good = await portal.log_in(tab)
    bad = came_back((await portal.answer(tab, await portal.send_off(tab, prompt="consent"), "nein")).text)
    plain = await a_portal(world, is_strict=False)
    wrong = await tab.get(await plain.address(response_type="token"))

    assert [came["iss"] for came in (good, bad)] == [world.base_url] * 2
    assert f"iss={world.base_url.replace(':', '%3A').replace('/', '%2F')}" in wrong.headers["Location"]


async def test_par_reuse(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    address = await portal.address()

    first, second = await tab.get(address), await tab.get(address)

    assert first.status == 303
    assert (second.status, "Diese Anmeldung ist vorbei" in second.text) == (404, True)


async def test_pushed_request_of_another_portal(world: World) -> None:
    portal, other = await a_portal(world), await a_portal(world)
    tab = await open_tab(world, await world.citizen())

    stolen = (await portal.address()).replace(portal.id, other.id)

    assert (await tab.get(stolen)).status == 404


async def test_request_past_par_of_a_portal_that_has_to_push(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    address = await Software(world, portal.card.model_copy(update={"is_strict": False}), portal.key).address()

    answer = await tab.get(address)

    assert answer.headers["Location"].startswith(f"{BACK}?error=invalid_request&")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/request"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"userinfo": 1}'}, "invalid_request"),
        ({"claims": '{"userinfo": {}, "userinfo": {}}'}, "invalid_request"),
        ({"state": "x" * 2001}, "invalid_request"),
        ({"dpop_jkt": "x" * 43}, "invalid_request"),
        (
            {"claims": '{"id_token": {"acr": {"essential": true, "value": "hoch"}}}'},
            "unmet_authentication_requirements",
        ),
    ],
)
async def test_request_that_is_not_spoken_here(said: dict[str, str | None], error: str, world: World) -> None:
    assert refused(await (await a_portal(world)).push(**said), error)


async def test_dpop_replay(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    token = (await portal.tokens(tab))["access_token"]
    proof = portal.proof("GET", USERINFO, token)

    first, second = [await portal.person(token, proof) for _ in range(2)]

    assert first.status == 200
    assert refused(second, "invalid_dpop_proof", 401)


@pytest.mark.parametrize(
    "wrong",
    [
        {"htu": "https://evil.example/oauth/userinfo"},
        {"htm": "POST"},
        {"iat": 1},
        {"iat": "jetzt"},
        {"ath": "x"},
        {"ath": None},
        {"jti": None},
        {"header": {"typ": "JWT"}},
        {"header": {"alg": "none"}},
        {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}},
        {"header": {"jwk": jwk_of(new_p256())}},
    ],
)
async def test_dpop_proof_for_something_else(wrong: dict[str, Any], world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    token = (await portal.tokens(tab))["access_token"]

    assert refused(await portal.person(token, portal.proof("GET", USERINFO, token, **wrong)), "invalid_dpop_proof", 401)
    assert (await portal.person(token)).status == 200


async def test_dpop_proof_that_gives_its_private_key_away(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    token, jwk = (await portal.tokens(tab))["access_token"], {**jwk_of(portal.proof_key), "d": "AAAA"}

    assert refused(
        await portal.person(token, portal.proof("GET", USERINFO, token, header={"jwk": jwk})), "invalid_dpop_proof", 401
    )


async def test_token_that_a_thief_shows_without_its_key(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens = await portal.tokens(tab)
    thief = Software(world, portal.card, portal.key, verifier=portal.verifier)

    async with world.http.get(
        world.base_url + USERINFO, headers={"Authorization": f"Bearer {tokens['access_token']}"}
    ) as answer:
        assert (answer.status, (await answer.json())["error"]) == (401, "invalid_token")
    assert refused(await thief.person(tokens["access_token"]), "invalid_token", 401)
    further = await Software(world, portal.card, thief.proof_key).refresh(tokens["refresh_token"])
    assert refused(further, "invalid_client", 401)
    code = (await portal.log_in(tab))["code"]
    assert refused(await thief.redeem(code), "invalid_grant")


async def test_every_kind_of_token_is_taken_in_its_own_place_alone(world: World) -> None:
    """No token, and no assertion or proof, passes for another: type, audience and algorithm say what each is for."""
    portal, tab, authority = (
        await a_portal(world),
        await open_tab(world, await world.citizen()),
        await world.authority(),
    )
    tokens, machine = await portal.tokens(tab), await authority.token()
    kinds = {
        "access": tokens["access_token"],
        "id": tokens["id_token"],
        "refresh": tokens["refresh_token"],
        "machine": machine,
        "assertion": portal.assertion(),
        "proof": portal.proof("GET", USERINFO),
    }

    async def at_api(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        async with world.http.get(f"{world.base_url}/api/v1/events", headers=headers) as answer:
            return answer.status

    async def at_token(token: str) -> int:
        shown = {**portal.shown(), "client_assertion": token}
        return (await portal.refresh(tokens["refresh_token"], **shown)).status

    userinfo = {name: (await portal.person(token)).status for name, token in kinds.items()}
    api = {name: await at_api(token) for name, token in kinds.items()}
    clients = {name: await at_token(token) for name, token in kinds.items()}
    refreshed = {name: (await portal.refresh(token)).status for name, token in kinds.items()}

    assert userinfo == {name: 200 if name == "access" else 401 for name in kinds}
    assert api == {name: 200 if name == "machine" else 401 for name in kinds}
    assert clients == {name: 200 if name == "assertion" else 401 for name in kinds}
    assert refreshed == {name: 200 if name == "refresh" else 400 for name in kinds}


@pytest.mark.parametrize("forge", [with_hmac, signed])
async def test_algorithm_confusion(forge: Callable[..., str], world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    token, keys = (await portal.tokens(tab))["access_token"], world.web.keys
    header = {"typ": "at+jwt", "kid": keys.token_eddsa.kid}

    forged = forge(portal.key if forge is signed else keys.token_eddsa.key, header, claims_of(token))

    assert refused(await portal.person(forged), "invalid_token", 401)


async def test_code_of_somebody_who_has_logged_out(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    code = (await portal.log_in(tab))["code"]
    await tab.post("/abmelden")
    await world.settle()

    assert refused(await portal.redeem(code), "invalid_grant")
    assert await world.web.store.scan(PortalLogIn) == []


async def test_tokens_of_a_disabled_portal(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens, code = await portal.tokens(tab), (await portal.log_in(tab))["code"]
    await portal.changed(disabled=True)

    assert refused(await portal.person(tokens["access_token"]), "invalid_token", 401)
    assert refused(await portal.refresh(tokens["refresh_token"]), "invalid_client", 401)
    assert refused(await portal.redeem(code), "invalid_client", 401)
    assert (await tab.get(f"/oauth/authorize?client_id={portal.id}")).status == 400


async def test_portal_of_a_disabled_authority(world: World) -> None:
    authority = await registered(world)
    portal, tab = await a_portal(world, authority=authority.id), await open_tab(world, await world.citizen())
    token = (await portal.tokens(tab))["access_token"]
    await authority.changed(disabled=True)

    assert refused(await portal.person(token), "invalid_token", 401)


async def test_portal_that_asks_for_more_than_was_registered_is_told_no_more(world: World) -> None:
    portal, tab = await a_portal(world, claims=("email",)), await open_tab(world, await world.citizen())

    tokens = await portal.tokens(tab, scope="openid profile email postbox address phone admin")

    assert (await portal.person(tokens["access_token"])).json().keys() == {"sub", "email", "email_verified"}


async def test_what_is_not_registered_any_more_is_told_no_more(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens = await portal.tokens(tab, scope="openid email postbox")
    await portal.changed(claims=("postbox_handle",))

    assert (await portal.person(tokens["access_token"])).json().keys() == {"sub", "postbox_handle"}


async def test_click_jacking_of_the_consent(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    path = await portal.send_off(tab)

    page = await tab.get(path)
    unseen = await tab.ask("POST", path, data={"antwort": "ja"})
    foreign = await tab.ask(
        "POST", path, data={"csrf": tab.csrf, "antwort": "ja"}, headers={"Origin": "https://evil.example"}
    )

    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert [answer.status for answer in (unseen, foreign)] == [403, 403]


async def test_a_machine_client_logs_nobody_in_and_a_portal_gets_no_machine_token(world: World) -> None:
    portal = await a_portal(world)

    assert refused(await portal.send("/oauth/token", {"grant_type": "client_credentials"}), "unauthorized_client")
    assert refused(await portal.send("/oauth/token", {"grant_type": "password"}), "unsupported_grant_type")
