"""A notice is checked field by field before anything is kept; what is wrong with it is said in one sentence."""

from typing import Any

import pytest

from sk.auth.account import Standing
from tests.refusals import Office, open_office
from tests.world import A_FILE, World, a_notice

RIGHT_TO_LEFT = "\u202e"


async def test_a_notice_in_order_is_accepted_and_says_where_it_is_found(office: Office) -> None:
    answer = await office.post(a_notice(office.handle), [A_FILE])
    assert answer.status == 202
    answer.is_described()

    found = await office.get(answer.headers["Location"])
    assert found.status == 200
    assert found.json()["id"] == answer.json()["id"]


async def test_an_unknown_field_is_named_so_that_a_typo_never_goes_unnoticed(office: Office) -> None:
    await office.is_refused(a_notice(office.handle, betreff="Bescheid"), problem="invalid", field="betreff")


@pytest.mark.parametrize("field", ["reference", "to", "kind", "subject", "law", "rechtsbehelf", "belehrung"])
async def test_a_field_that_a_verwaltungsakt_needs_is_named_when_it_is_missing(office: Office, field: str) -> None:
    await office.is_refused(a_notice(office.handle, **{field: None}), problem="invalid", field=field)


@pytest.mark.parametrize("kind", ["message", "document"])
async def test_a_law_is_refused_where_nothing_is_decided(office: Office, kind: str) -> None:
    await office.is_refused(a_notice(office.handle, kind=kind), problem="invalid", field="law")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", ""),
        ("reference", "r" * 129),
        ("reference", "2026\n0815"),
        ("reference", 815),
        ("to", ""),
        ("kind", "bescheid"),
        ("law", "bgb-130"),
        ("rechtsbehelf", "beschwerde"),
        ("belehrung", "ja"),
        ("belehrung", "true"),
        ("belehrung", 1),
        ("subject", ""),
        ("subject", "s" * 10_000),
        ("subject", "zwei\nZeilen"),
        ("subject", f"Bescheid {RIGHT_TO_LEFT}"),
        ("text", "Guten Tag\0"),
        ("text", "t" * 100_001),
        ("case", "a" * 129),
        ("minimum_trust", "highest"),
        ("recipient", "NW"),
        ("attachments", {}),
    ],
)
async def test_a_value_that_a_field_cannot_have_is_refused(office: Office, field: str, value: object) -> None:
    await office.is_refused(a_notice(office.handle, **{field: value}), problem="invalid", field=field)


async def test_a_field_within_another_is_named_with_it(office: Office) -> None:
    abroad = a_notice(office.handle, recipient={"land": "FR", "abroad": True})
    await office.is_refused(abroad, problem="invalid", field="recipient.land")


async def test_a_handle_that_nobody_has_is_refused(office: Office) -> None:
    await office.is_refused(a_notice("a" * 52), problem="unknown-handle", field="to")
    await office.is_refused(a_notice("kein Postfach"), problem="unknown-handle", field="to")


async def test_a_handle_that_nobody_has_is_not_found(office: Office) -> None:
    answer = await office.get("/api/v1/postboxes/nobody")
    answer.says("not-found", "handle", path="/api/v1/postboxes/{handle}", method="GET")


async def test_a_closed_postbox_takes_no_notice(office: Office) -> None:
    await stands(office, state="closed")
    await office.is_refused(a_notice(office.handle), [A_FILE], problem="postbox-closed", field="to")


async def test_without_einwilligung_nothing_is_taken(office: Office) -> None:
    await stands(office, einwilligung={})
    await office.is_refused(a_notice(office.handle), [A_FILE], problem="no-einwilligung", field="to")


async def test_an_account_that_cannot_reach_the_level_is_not_written_to(office: Office) -> None:
    await stands(office, trust="low")
    high = a_notice(office.handle, minimum_trust="high")
    await office.is_refused(high, [A_FILE], problem="unreachable", field="to")


async def stands(office: Office, **changes: Any) -> None:
    """Let the citizen's account stand otherwise."""
    web, account = office.world.web, office.citizen.account
    standing = account.standing(web.keys.signers)
    account.change(Standing.model_validate({**standing.model_dump(), **changes}), web.keys.signer("sign-web"))
    await web.store.save(account)


async def test_a_law_by_which_an_act_is_sent_and_not_fetched_is_refused_by_name(office: Office) -> None:
    told = await office.is_refused(a_notice(office.handle, law="ao-122-2"), problem="law-not-posted", field="law")
    assert "Acts under ao-122-2 are sent by post or mail, not through a postbox" in told["detail"]


@pytest.mark.parametrize("kind", ["verwaltungsakt", "document"])
async def test_a_document_that_needs_formal_zustellung_is_refused_and_the_provisions_are_named(
    office: Office, kind: str
) -> None:
    law = {} if kind == "verwaltungsakt" else {"law": None, "rechtsbehelf": None, "belehrung": None}
    notice = a_notice(office.handle, kind=kind, zustellung=True, **law)

    told = await office.is_refused(notice, problem="zustellung-needed", field="zustellung")

    assert "§ 73 Abs. 3 VwGO" in told["detail"]
    assert "§ 41 Abs. 5 VwVfG" in told["detail"]


async def test_a_notice_under_the_law_of_nordrhein_westfalen_is_delivered_with_the_days_of_that_law(
    world: World,
) -> None:
    office = await open_office(world, laws=("egovg-nrw-5-3",))
    answer = await office.post(a_notice(office.handle, law="egovg-nrw-5-3"), [A_FILE])
    assert answer.status == 202

    await world.settle()
    told = (await office.get(answer.headers["Location"])).json()
    assert (told["bekanntgabe"]["law"], told["bekanntgabe"]["version"]) == ("egovg-nrw-5-3", "2025-01-01")
    assert told["rechtsbehelf"]["frist_ends_on"] is not None


async def test_a_law_under_which_the_authority_may_not_post_is_refused(world: World) -> None:
    office = await open_office(world, laws=())
    await office.is_refused(a_notice(office.handle), problem="law-not-allowed", field="law")


@pytest.mark.parametrize("value", ["2026-12-01T08:00:00Z", ""])
async def test_a_field_that_is_not_built_yet_is_refused_by_name(office: Office, value: str) -> None:
    notice = a_notice(office.handle, publish_at=value)
    told = await office.is_refused(notice, problem="not-built-yet", field="publish_at")
    assert "publish_at" in told["detail"]


async def test_a_batch_is_refused_by_name_until_it_is_built(office: Office) -> None:
    await office.is_refused(a_notice(office.handle), query="?batch=1", problem="not-built-yet", field="batch")


async def test_what_is_wrong_with_a_notice_is_said_before_its_attachments_are_asked_for(office: Office) -> None:
    declared = a_notice(office.handle, colour="blue", attachments=[A_FILE.declared()])
    await office.is_refused(declared, problem="invalid", field="colour")
