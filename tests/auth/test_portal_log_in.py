"""Logging in to a portal: from its request to what it is told, and to the end."""

import asyncio
import re

import jwt
import pytest

from sk.auth.consent import Consent
from sk.auth.handles import handle_towards
from sk.auth.portal_log_in import PortalLogIn
from sk.safe.share import Share
from tests.auth.clients import claims_of
from tests.auth.portals import BACK, Software, a_portal, came_back
from tests.safe.documents import put
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import World

LEVEL = "http://eidas.europa.eu/LoA/"
DOCUMENTS = '{"userinfo": {"documents": {"kinds": ["Mietvertrag", "Einkommen"]}}}'
HIGH_ONLY = f'{{"id_token": {{"acr": {{"essential": true, "value": "{LEVEL}high"}}}}}}'


async def test_a_portal_learns_who_has_logged_in_and_what_they_agreed_to(world: World) -> None:
    portal, erika = await a_portal(world), await world.citizen()

    came = await portal.log_in(await open_tab(world, erika), scope="openid email postbox")
    tokens = (await portal.redeem(came["code"])).json()
    told = (await portal.person(tokens["access_token"])).json()

    assert (came["state"], came["iss"]) == ("s-123", world.base_url)
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("DPoP", 300, "openid email postbox")
    claims = claims_of(tokens["id_token"])
    assert (claims["aud"], claims["iss"], claims["nonce"]) == (portal.id, world.base_url, "n-456")
    assert claims["acr"] == f"{LEVEL}high"
    assert told == {
        "sub": claims["sub"],
        "email": "erika@example.org",
        "email_verified": True,
        "postbox_handle": handle_towards(erika.account, portal.card.authority, world.web),
    }


async def test_tokens_are_signed_by_keys_that_everybody_can_fetch(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens = await portal.tokens(tab)

    async with world.http.get(f"{world.base_url}/oauth/jwks") as answer:
        keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(await answer.json()).keys}

    for token, algorithm in ((tokens["id_token"], "ES256"), (tokens["access_token"], "EdDSA")):
        key = keys[jwt.get_unverified_header(token)["kid"]]
        jwt.decode(token, key.key, algorithms=[algorithm], options={"verify_exp": False, "verify_aud": False})


async def test_whoever_has_agreed_is_not_asked_again_for_the_same_but_for_more(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    await portal.log_in(tab, scope="openid email")

    again = await tab.get(await portal.send_off(tab, scope="openid email"))
    less = await tab.get(await portal.send_off(tab, scope="openid"))
    more = await tab.get(await portal.send_off(tab, scope="openid email profile"))
    asked_for = await tab.get(await portal.send_off(tab, scope="openid email", prompt="consent"))

    assert ["code" in came_back(page.text) for page in (again, less)] == [True, True]
    assert ["Zustimmen und weiter" in page.text for page in (more, asked_for)] == [True, True]


async def test_the_page_names_the_portal_its_authority_and_every_datum(world: World) -> None:
    portal = await a_portal(world, purpose="um Ihren Antrag auszufüllen")
    tab = await open_tab(world, await world.citizen())

    said = words_of((await tab.get(await portal.send_off(tab, scope="openid email postbox"))).text)

    assert "Anmelden bei Serviceportal Musterstadt" in said
    assert "Dieser Online-Dienst gehört zu: Stadt Musterstadt" in said
    assert "um Ihren Antrag auszufüllen" in said
    assert "E-Mail-Adresseerika@example.org" in said
    assert "die, unter der nur diese Behörde Ihr Postfach findet: Stadt Musterstadt" in said


async def test_whoever_does_not_agree_is_led_back_and_nothing_is_told(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    path = await portal.send_off(tab)

    came = came_back((await portal.answer(tab, path, "nein")).text)
    gone = await tab.get(path)

    assert (came["error"], came["state"], "code" in came) == ("access_denied", "s-123", False)
    assert (gone.status, "Diese Anmeldung ist vorbei" in gone.text) == (404, True)
    assert await world.web.store.scan(PortalLogIn) == []


async def test_whoever_is_not_logged_in_does_that_first_and_comes_back(world: World) -> None:
    portal, erika = await a_portal(world), await world.citizen()
    async with world.browser() as browser:
        form = await browser.open(await portal.address())
        page = await browser.send(form.form("Anmelden"), username=erika.username, password=erika.password)

    assert form.url == "/anmelden"
    assert page.url.startswith("/portal/")
    assert page.form("Zustimmen und weiter").action == page.url


async def test_of_two_windows_one_leads_back_and_the_other_says_that_it_is_over(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    path = await portal.send_off(tab)

    answers = await asyncio.gather(*(portal.answer(tab, path, "ja") for _ in range(2)))

    assert sorted(answer.status for answer in answers) == [200, 404]
    assert await world.web.store.scan(Consent) != []


async def test_a_portal_that_demands_high_leads_to_the_card(world: World) -> None:
    portal, erika = await a_portal(world), await world.citizen()
    low, high = await open_tab(world, erika, "low"), await open_tab(world, erika, "high", means="card")
    path = await portal.send_off(low, claims=HIGH_ONLY)

    asked = words_of((await low.get(path)).text)
    forced = await portal.answer(low, path, "ja")
    without = await portal.answer(low, path, "ohne")
    after = words_of((await high.get(path)).text)
    came = came_back((await portal.answer(high, path, "ja")).text)
    claims = claims_of((await portal.redeem(came["code"])).json()["id_token"])

    assert "Dafür brauchen Sie eine sicherere Anmeldung" in asked
    assert "Mit dem Online-Ausweis anmelden" in asked
    assert "Ohne sicherere Anmeldung weiter" not in asked
    assert [(answer.status, answer.headers["Location"]) for answer in (forced, without)] == [(303, path)] * 2
    assert "Dafür brauchen Sie" in (await low.get(await portal.send_off(low, claims=HIGH_ONLY))).text
    assert "Zustimmen und weiter" in after
    assert claims["acr"] == f"{LEVEL}high"


async def test_a_level_that_is_only_wished_for_can_be_done_without(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen(), "low")
    path = await portal.send_off(tab, acr_values=f"{LEVEL}high {LEVEL}substantial")

    asked = (await tab.get(path)).text
    await portal.answer(tab, path, "ohne")
    came = came_back((await portal.answer(tab, path, "ja")).text)
    claims = claims_of((await portal.redeem(came["code"])).json()["id_token"])

    assert "Ohne sicherere Anmeldung weiter" in asked
    assert claims["acr"] == f"{LEVEL}low"


@pytest.mark.parametrize("said", [{"prompt": "login"}, {"max_age": "300"}, {"max_age": "0"}])
async def test_an_old_log_in_is_not_enough_for_a_portal_that_wants_a_fresh_one(
    said: dict[str, str | None], world: World
) -> None:
    portal, erika = await a_portal(world), await world.citizen()
    old = await open_tab(world, erika)
    world.clock.advance(seconds=301)
    path = await portal.send_off(old, **said)

    sent = await old.get(path)
    world.clock.advance(seconds=1)
    fresh = await open_tab(world, erika)

    assert (sent.status, sent.headers["Location"]) == (303, f"/anmelden/erneut?weiter={path}")
    assert "Zustimmen und weiter" in (await fresh.get(path)).text


async def test_nobody_is_asked_where_the_portal_wants_that(world: World) -> None:
    portal, erika = await a_portal(world), await world.citizen()
    tab, low = await open_tab(world, erika), await open_tab(world, erika, "low")

    async def silently(software: Software = portal, by: object = tab, **said: str) -> str:
        answer = await by.get(await software.address(prompt="none", **said))  # type: ignore[attr-defined]
        assert answer.status == 303
        assert answer.headers["Location"].startswith(BACK)
        return str(answer.headers["Location"])

    async with world.http.get(world.base_url + await portal.address(prompt="none"), allow_redirects=False) as answer:
        stranger = answer.headers["Location"]
    before = await silently()
    await portal.log_in(tab)
    after, more, level = (
        await silently(),
        await silently(scope="openid email"),
        await silently(by=low, claims=HIGH_ONLY),
    )

    assert "error=login_required" in stranger
    assert "error=consent_required" in before
    assert "code=" in after
    assert "error=consent_required" in more
    assert "error=unmet_authentication_requirements" in level


async def test_another_person_than_expected_is_not_logged_in(world: World) -> None:
    portal, erika, otto = await a_portal(world), await world.citizen(), await world.citizen("otto")
    subject = claims_of((await portal.tokens(await open_tab(world, erika)))["id_token"])["sub"]
    tab, claims = await open_tab(world, otto), f'{{"id_token": {{"sub": {{"value": "{subject}"}}}}}}'

    page = await tab.get(await portal.send_off(tab, claims=claims))
    silent = await tab.get(await portal.address(claims=claims, prompt="none"))

    assert came_back(page.text)["error"] == "login_required"
    assert "error=login_required" in silent.headers["Location"]


async def test_an_id_token_says_who_is_expected(world: World) -> None:
    portal, erika, otto = await a_portal(world), await world.citizen(), await world.citizen("otto")
    tab, other = await open_tab(world, erika), await open_tab(world, otto)
    hint = (await portal.tokens(tab))["id_token"]

    same = await tab.get(await portal.address(id_token_hint=hint, prompt="none"))
    another = await other.get(await portal.address(id_token_hint=hint, prompt="none"))
    strangers = await (await a_portal(world)).push(id_token_hint=hint)
    made_up = await portal.push(id_token_hint="e30.e30.e30")

    assert "code=" in same.headers["Location"]
    assert "error=login_required" in another.headers["Location"]
    assert [answer.json()["error"] for answer in (strangers, made_up)] == ["invalid_request"] * 2


async def test_further_tokens_come_as_long_as_the_session_could_last(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    tokens = await portal.tokens(tab, scope="openid email")
    hours = world.web.settings.session_max_hours

    world.clock.advance(seconds=301)
    expired = await portal.person(tokens["access_token"])
    further = (await portal.refresh(tokens["refresh_token"])).json()
    good = await portal.person(further["access_token"])
    wider = await portal.refresh(tokens["refresh_token"], scope="openid email address")
    world.clock.advance(hours=hours)
    over = await portal.refresh(tokens["refresh_token"])
    await world.settle()

    assert (expired.status, expired.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in expired.headers["WWW-Authenticate"]
    assert good.json()["email"] == "erika@example.org"
    assert claims_of(further["id_token"])["sub"] == claims_of(tokens["id_token"])["sub"]
    assert ("nonce" in claims_of(tokens["id_token"]), "nonce" in claims_of(further["id_token"])) == (True, False)
    assert wider.json()["error"] == "invalid_scope"
    assert (over.status, over.json()["error"]) == (400, "invalid_grant")
    assert await world.web.store.scan(PortalLogIn) == []


async def test_a_portal_that_knows_neither_par_nor_dpop_runs_the_plain_code_flow(world: World) -> None:
    portal, tab = await a_portal(world, is_strict=False), await open_tab(world, await world.citizen())

    tokens = await portal.tokens(tab, scope="openid email")
    told = (await portal.person(tokens["access_token"])).json()

    assert tokens["token_type"] == "Bearer"
    assert told["email"] == "erika@example.org"


async def test_a_portal_whose_software_cannot_sign_shows_a_secret(world: World) -> None:
    portal, tab = await a_portal(world, secret="geheim-und-lang"), await open_tab(world, await world.citizen())
    wrong = Software(world, portal.card, verifier=portal.verifier, secret="geraten")

    code = (await portal.log_in(tab))["code"]
    refused = await wrong.redeem(code)
    taken = await portal.redeem(code)

    assert (refused.status, refused.json()["error"]) == (401, "invalid_client")
    assert taken.status == 200


async def test_a_request_may_come_by_a_form_of_the_portals_page(world: World) -> None:
    portal, tab = await a_portal(world, is_strict=False), await open_tab(world, await world.citizen())
    headers = {"Origin": "https://portal.example", "Sec-Fetch-Site": "cross-site"}

    answer = await tab.ask("POST", "/oauth/authorize", data=portal.request(), headers=headers)

    assert answer.status == 303
    assert "Zustimmen und weiter" in (await tab.get(answer.headers["Location"])).text


async def test_a_code_lasts_a_minute_and_a_pushed_request_ninety_seconds(world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    code, pushed = (await portal.log_in(tab))["code"], await portal.address()

    world.clock.advance(seconds=60)
    late = await portal.redeem(code)
    world.clock.advance(seconds=30)
    over = await tab.get(pushed)

    assert (late.status, late.json()["error"]) == (400, "invalid_grant")
    assert (over.status, "Diese Anmeldung ist vorbei" in over.text) == (404, True)


async def test_a_portal_asks_for_documents_and_its_authority_fetches_what_was_picked(world: World) -> None:
    authority = await world.authority()
    portal = await a_portal(world, authority=authority.client_id, claims=("documents",), purpose="Wohngeld")
    erika = await world.citizen()
    await put(world, erika, "Urlaub.txt", b"Sand")
    await put(world, erika, "Mietvertrag 2024.txt", b"Miete")
    tab = await open_tab(world, erika)
    path = await portal.send_off(tab, scope="openid", claims=DOCUMENTS)

    asked = await tab.get(path)
    [mietvertrag, _] = re.findall(r'<option value="(\w+)">', asked.text)[:2]
    form = {"csrf": tab.csrf, "antwort": "ja", "dokument-1": mietvertrag}
    came = came_back((await tab.ask("POST", path, data=form)).text)
    tokens = (await portal.redeem(came["code"])).json()
    [told] = (await portal.person(tokens["access_token"])).json()["documents"]
    fetched = await authority.download(told["href"])
    again = await tab.get(await portal.send_off(tab, scope="openid", claims=DOCUMENTS))

    assert "Der Online-Dienst fragt nach Dokumenten." in words_of(asked.text)
    assert (told["kind"], told["number"]) == ("Mietvertrag", 1)
    assert fetched == (200, b"Miete")
    assert "Zustimmen und weiter" in again.text


async def test_whoever_picks_no_document_is_logged_in_all_the_same(world: World) -> None:
    portal, erika = await a_portal(world, claims=("documents",)), await world.citizen()
    await put(world, erika, "Urlaub.txt", b"Sand")

    tokens = await portal.tokens(await open_tab(world, erika), scope="openid", claims=DOCUMENTS)

    assert (await portal.person(tokens["access_token"])).json().keys() == {"sub"}
    assert await world.web.store.scan(Share) == []
