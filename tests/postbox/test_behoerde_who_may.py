"""Who acts for an authority by hand: its members, with their roles, after more than a password. To others it is not."""

from typing import Any

import pytest

from sk.auth.authorities import registered
from sk.auth.authority import Authority
from sk.auth.members import remove_member
from sk.auth.trust import Means
from tests.postbox.desks import desk, page_of
from tests.postbox.replies import replied
from tests.security.tab import Answer, Tab, open_tab
from tests.web.pages import words_of
from tests.workers.cases import notice_of
from tests.world import Delivered, World

REST = (
    "",
    "/suche",
    "/antworten",
    "/bescheide/{id}",
    "/bescheide/{id}/evidence.json",
    "/bescheide/{id}/evidence.pdf",
    "/bescheide/{id}/zurueckziehen",
    "/bescheide/{id}/antworten/1",
    "/bescheide/{id}/antworten/1/dateien/1",
)
POSTS = ("/suche", "/bescheide/{id}/zurueckziehen")
ALL: tuple[Any, ...] = ("post", "approve", "replies")


async def answers(tab: Tab, notice: Delivered) -> dict[str, Answer]:
    """Return what somebody gets of an authority's pages about a notice, asked for and sent."""
    found = {}
    for method, rests in (("GET", REST), ("POST", POSTS)):
        for rest in rests:
            path = f"/behoerde/{notice.authority.client_id}{rest.format(id=notice.notice_id)}"
            data = {"csrf": tab.csrf, "suche": "32.4-0815"} if method == "POST" else None
            found[f"{method} {rest}"] = await tab.ask(method, path, data=data)
    return found


async def assert_unknown(world: World, tab: Tab, notice: Delivered) -> None:
    """Assert that somebody gets what they get of an authority that never was, and that nothing has happened."""
    invented = (await tab.get("/behoerde/gibtesnicht")).text.replace("gibtesnicht", notice.authority.client_id)
    found = await answers(tab, notice)
    del found["GET /suche"]  # leads to the list, whatever the authority

    assert {answer.status for answer in found.values()} == {404}
    assert found["GET "].text == invented
    assert (await notice_of(world, notice.notice_id)).withdrawn_at is None


async def test_to_an_outsider_there_is_no_such_authority(world: World) -> None:
    notice, _ = await replied(world)

    await assert_unknown(world, await open_tab(world, await world.citizen(), means="card"), notice)


async def test_to_the_recipient_of_the_notice_neither(world: World) -> None:
    notice, _ = await replied(world)

    await assert_unknown(world, await open_tab(world, notice.citizen, means="passkey"), notice)


async def test_to_a_member_of_another_authority_neither_and_its_notice_is_not_under_their_own(world: World) -> None:
    notice, _ = await replied(world)
    other = await world.authority("Amt für Wohnen")
    tab = await desk(world, other, *ALL)

    await assert_unknown(world, tab, notice)
    under_their_own = await answers(tab, Delivered(other, notice.citizen, notice.notice_id, {}))
    found = {name: answer.status for name, answer in under_their_own.items() if "{id}" in name}
    assert set(found.values()) == {404}
    assert (await notice_of(world, notice.notice_id)).withdrawn_at is None


async def test_to_a_member_who_was_removed_neither_in_the_session_they_have(world: World) -> None:
    notice, _ = await replied(world)
    karl = await world.member(notice.authority, *ALL, username="karl")
    tab = await open_tab(world, karl, means="passkey")
    before = await tab.get(page_of(notice))

    await remove_member(await registered(notice.authority.client_id, world.web), karl.account.id, world.web)

    assert before.status == 200
    await assert_unknown(world, tab, notice)


async def test_a_disabled_authority_is_not_there_for_its_members_either(world: World) -> None:
    notice, _ = await replied(world)
    tab = await desk(world, notice.authority, *ALL)
    found = await world.web.store.get(Authority, notice.authority.client_id)
    card = found.details(world.web.keys.signers).model_copy(update={"disabled": True})
    found.change(card, world.web.keys.signer("sign-web"))
    await world.web.store.save(found)

    await assert_unknown(world, tab, notice)
    assert "Mit Ihrem Konto geht das noch nicht." in (await tab.get("/behoerde")).text


async def test_a_password_alone_is_not_enough_and_the_page_says_where_to_get_more(world: World) -> None:
    notice, _ = await replied(world)
    tab = await open_tab(world, await world.member(notice.authority, *ALL))

    found = await answers(tab, notice)
    del found["GET /suche"]

    assert {answer.status for answer in found.values()} == {403}
    assert all("Für eine Behörde reicht ein Passwort allein nicht" in words_of(one.text) for one in found.values())
    assert 'href="/konto/sicherheit"' in found["GET "].text
    assert (await notice_of(world, notice.notice_id)).withdrawn_at is None


@pytest.mark.parametrize("means", ["password-totp", "password-recovery-code", "passkey", "card"])
async def test_everything_else_is(world: World, means: Means) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, await world.member(notice.authority), means=means)

    assert (await tab.get(page_of(notice))).status == 200


@pytest.mark.parametrize(
    ("roles", "refused"),
    [
        ((), {"GET /antworten", "GET /bescheide/{id}/antworten/1", "GET /bescheide/{id}/antworten/1/dateien/1"}),
        (("replies",), set()),
    ],
    ids=["without", "replies"],
)
async def test_every_member_sees_notices_and_evidence_but_replies_only_with_their_role(
    world: World, roles: tuple[Any, ...], refused: set[str]
) -> None:
    notice, _ = await replied(world)
    tab = await desk(world, notice.authority, *roles)

    found = await answers(tab, notice)

    without_post = {f"{method} /bescheide/{{id}}/zurueckziehen" for method in ("GET", "POST")}
    assert {name for name, answer in found.items() if answer.status == 403} == refused | without_post
    assert {answer.status for name, answer in found.items() if name not in refused | without_post} == {200, 303}
    assert "Das dürfen Sie für diese Behörde nicht tun" in found["POST /bescheide/{id}/zurueckziehen"].text


async def test_links_lead_only_where_somebody_may_go(world: World) -> None:
    notice, _ = await replied(world)
    eyes = await world.authority("Amt", four_eyes=True)

    shown = []
    for number, (authority, roles) in enumerate(
        ((notice.authority, ()), (notice.authority, ALL), (eyes, ALL), (eyes, ("approve",)))
    ):
        tab = await desk(world, authority, *roles, username=f"karl{number}")
        text = (await tab.get(f"/behoerde/{authority.client_id}")).text
        shown.append(
            [name for name in ("antworten", "schreiben", "freigabe") if f"{authority.client_id}/{name}" in text]
        )

    assert shown == [[], ["antworten", "schreiben"], ["antworten", "schreiben", "freigabe"], ["freigabe"]]


async def test_whoever_is_no_member_is_told_how_one_becomes_one(world: World) -> None:
    tab = await open_tab(world, await world.citizen())

    answer = await tab.get("/behoerde")

    assert answer.status == 200
    assert "Wer für eine Behörde handeln darf, legt der Betreiber fest: Servicekonto." in words_of(answer.text)


async def test_a_member_of_one_authority_is_led_to_it_and_of_two_chooses(world: World) -> None:
    city = await world.authority("Stadt")
    karl = await world.member(city, username="karl")
    tab = await open_tab(world, karl, means="passkey")
    one = await tab.get("/behoerde")

    await world.let_act(await world.authority("Amt für Wohnen"), karl)

    two = await tab.get("/behoerde")
    assert (one.status, one.headers["Location"]) == (303, f"/behoerde/{city.client_id}")
    assert (two.status, "Amt für Wohnen Stadt" in words_of(two.text)) == (200, True)
    assert "Zurück zu Ihren Behörden" in (await tab.get(f"/behoerde/{city.client_id}")).text


async def test_whoever_is_not_logged_in_is_asked_to(world: World) -> None:
    authority = await world.authority()

    async with world.browser() as browser:
        page = await browser.open(f"/behoerde/{authority.client_id}")

    assert page.url == "/anmelden"
