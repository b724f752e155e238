"""Vollmachten: how one is offered, accepted, refused, revoked and laid down, and what each side sees and is told."""

import pytest

from sk.auth.vollmacht import Vollmacht, row_id
from sk.evidence.statement import Statement
from sk.store.port import all_of
from tests.auth.visitors import journal
from tests.auth.vollmachten import (
    HERE,
    LAST,
    answered,
    end,
    granted,
    max_beispiel,
    named,
    offer,
    offered_by,
    taken,
    terms_in,
)
from tests.security.alarms import Alarms
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World


async def erika_and_max(world: World) -> tuple[Citizen, Citizen]:
    """Return somebody who grants, and somebody who accepts."""
    return await named(world, await world.citizen(), "Erika", "Mustermann"), await max_beispiel(world)


async def stated(world: World) -> list[str]:
    """Return what was stated about Vollmachten."""
    found = [one async for one in all_of(world.web.store, Statement) if one.vollmacht_id]
    return [one.step for one in sorted(found, key=lambda one: one.at)]


# The way of one


async def test_a_vollmacht_is_granted_handed_over_as_a_code_and_accepted(world: World) -> None:
    erika, other = await erika_and_max(world)
    code = await offered_by(world, erika)
    tab = await open_tab(world, other)

    shown = await answered(tab, code)
    assert "Erika Mustermann bevollmächtigt Max Beispiel, im Postfach von Erika Mustermann" in words_of(shown.text)
    assert "Nachrichten aller Behörden abzurufen. Die Vollmacht gilt vom 23.11.2026 bis zum 23.11.2027." in shown.text
    assert [terms.accepted_at for terms in await terms_in(world)] == [None]

    answer = await answered(tab, code, "accept")
    [terms] = await terms_in(world)
    page = words_of((await tab.get(answer.headers["Location"])).text)

    assert (answer.status, terms.accepted_name, terms.code) == (303, "Max Beispiel", "")
    assert "Sie haben die Vollmacht angenommen." in page
    assert "Postfach von Erika Mustermann" in page
    assert await stated(world) == ["vollmacht-granted", "vollmacht-accepted"]


async def test_both_are_told_by_mails_that_name_nobody_and_find_it_in_their_journals(world: World) -> None:
    erika, other = await erika_and_max(world)
    vollmacht_id = await granted(world, erika, other)
    await world.settle()
    await end(world, erika, vollmacht_id)
    await world.settle()

    mails = [(mail["To"], mail["Subject"]) for mail in world.mails.sent]
    assert sorted(mails[:2], reverse=True) + mails[2:] == [
        ("erika@example.org", "Vollmacht für Ihr Postfach"),
        ("erika@example.org", "Ihre Vollmacht wurde angenommen"),
        ("max@example.org", "Eine Vollmacht wurde widerrufen"),
    ]
    assert not [mail for mail in world.mails.sent if "Beispiel" in str(mail) or "Mustermann" in str(mail)]
    assert await journal(world, erika) == ["vollmacht-ended", "vollmacht-accepted", "vollmacht-granted"]
    assert await journal(world, other) == ["vollmacht-revoked", "vollmacht-taken"]
    said = words_of((await (await open_tab(world, erika)).get("/konto/protokoll")).text)
    assert "Ihre Vollmacht wurde angenommen. Von: Max Beispiel." in said


async def test_what_is_refused_is_over_and_its_principal_is_told(world: World) -> None:
    erika, other = await erika_and_max(world)
    code = await offered_by(world, erika)

    refused, again = await taken(world, other, code, "reject"), await taken(world, other, code)
    await world.settle()

    assert (refused.status, again.status) == (303, 422)
    assert "Ihre Vollmacht wurde abgelehnt" in [mail["Subject"] for mail in world.mails.sent]
    assert await stated(world) == ["vollmacht-granted", "vollmacht-rejected"]
    assert "Abgelehnt am Montag, 23. November 2026." in (await (await open_tab(world, erika)).get(HERE)).text


async def test_whoever_acts_may_lay_it_down(world: World) -> None:
    erika, other = await erika_and_max(world)
    vollmacht_id = await granted(world, erika, other)

    answer, again = await end(world, other, vollmacht_id), await end(world, erika, vollmacht_id)
    await world.settle()

    assert (answer.status, again.status) == (303, 303)
    assert [terms.ended for terms in await terms_in(world)] == ["laid-down"]
    assert await stated(world) == ["vollmacht-granted", "vollmacht-accepted", "vollmacht-revoked"]
    assert "Jemand handelt nicht mehr für Sie" in [mail["Subject"] for mail in world.mails.sent]


async def test_an_offer_that_is_revoked_before_anybody_took_it_cannot_be_taken(world: World) -> None:
    erika, other = await erika_and_max(world)
    code = await offered_by(world, erika)
    [terms] = await terms_in(world)
    await end(world, erika, terms.id)

    assert (await taken(world, other, code)).status == 422
    assert [terms.ended for terms in await terms_in(world)] == ["revoked"]


# Who may


async def test_a_code_is_good_for_two_weeks_and_once_and_for_somebody_else(world: World) -> None:
    erika, other = await erika_and_max(world)
    code, late = await offered_by(world, erika), await offered_by(world, erika)

    own = await taken(world, erika, code)
    spelled_otherwise = await taken(world, other, f" {code.upper()} ")
    twice = await taken(world, other, code)
    world.clock.advance(days=14)
    too_late = await taken(world, other, late)
    made_up = await taken(world, other, "a" * 26)

    assert "Diese Vollmacht haben Sie selbst erteilt." in own.text
    assert spelled_otherwise.status == 303
    for answer in (twice, too_late, made_up):
        assert answer.status == 422
        assert "Dieser Link oder Code gilt nicht mehr." in answer.text
    assert "Nicht angenommen: Der Code gilt nicht mehr." in (await (await open_tab(world, erika)).get(HERE)).text


async def test_a_vollmacht_of_others_is_unknown_to_whoever_asks(world: World) -> None:
    erika, other = await erika_and_max(world)
    vollmacht_id = await granted(world, erika, other)
    stranger = await world.citizen("mallory")
    tab = await open_tab(world, stranger)

    assert (await tab.get(f"{HERE}/{vollmacht_id}")).status == 404
    assert (await tab.get(f"/vertretung/{vollmacht_id}")).status == 404
    assert (await end(world, stranger, vollmacht_id)).status == 404
    assert [terms.ended for terms in await terms_in(world)] == [None]


async def test_only_its_principal_sees_the_code_and_only_while_it_waits(world: World) -> None:
    erika, other = await erika_and_max(world)
    code = await offered_by(world, erika)
    await taken(world, other, code)
    [terms] = await terms_in(world)

    pages = [(await (await open_tab(world, who)).get(f"{HERE}/{terms.id}")).text for who in (erika, other)]

    assert not [page for page in pages if code in page or "Code zum Weitergeben" in page]


@pytest.mark.parametrize("how", ["a lower level", "not fresh"])
async def test_the_code_is_not_shown_to_a_session_that_could_not_have_granted_it(world: World, how: str) -> None:
    erika, _ = await erika_and_max(world)
    code = await offered_by(world, erika)
    [terms] = await terms_in(world)
    tab = await open_tab(world, erika, level="low" if how == "a lower level" else "high")
    if how == "not fresh":
        world.clock.advance(minutes=6)

    page = await tab.get(f"{HERE}/{terms.id}")

    assert (page.status, code in page.text) == (200, False)
    assert "Den Code dazu zeigen wir Ihnen nur kurz nach einer Anmeldung" in page.text


async def test_an_offer_ends_with_the_last_day_of_what_it_offers(world: World) -> None:
    erika, other = await erika_and_max(world)
    code = await offered_by(world, erika, ends_on="2026-11-24")
    world.clock.advance(days=2)

    assert (await taken(world, other, code)).status == 422


async def test_whoever_has_another_name_than_the_document_is_pointed_out_to_both(world: World) -> None:
    erika, _ = await erika_and_max(world)
    other = await named(world, await world.citizen("moritz"), "Moritz", "Fremd")
    code = await offered_by(world, erika)

    offer_page = await answered(await open_tab(world, other), code)
    accepted = await taken(world, other, code)
    own = await (await open_tab(world, erika)).get(accepted.headers["Location"])

    assert "In der Vollmacht steht „Max Beispiel“, in Ihrem Konto „Moritz Fremd“." in offer_page.text
    assert "im Konto, das sie angenommen hat, „Moritz Fremd“." in own.text


async def test_granting_asks_for_a_log_in_just_now(world: World) -> None:
    erika, _ = await erika_and_max(world)
    tab = await open_tab(world, erika)
    world.clock.advance(minutes=10)

    form, sent = await tab.get(f"{HERE}/neu"), await offer(tab)

    assert (form.status, sent.status) == (303, 303)
    assert form.headers["Location"].startswith("/anmelden/erneut")
    assert await terms_in(world) == []


async def test_without_a_name_nobody_grants_or_accepts(world: World) -> None:
    erika, nameless = await named(world, await world.citizen(), "Erika", "Mustermann"), await world.citizen("namenlos")
    code = await offered_by(world, erika)
    tab = await open_tab(world, nameless)

    form, shown = await tab.get(f"{HERE}/neu"), await answered(tab, code)
    sent, accepted = await offer(tab), await taken(world, nameless, code)

    assert "In Ihrem Konto fehlt Ihr Name." in form.text
    assert "In Ihrem Konto fehlt Ihr Name." in shown.text
    assert "Annehmen</span>" not in shown.text
    assert (sent.status, accepted.status) == (422, 422)
    assert [terms.accepted_at for terms in await terms_in(world)] == [None]


# What is entered


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"name": "Max™"}, "ist in Namen bei Behörden nicht zugelassen"),
        ({"name": "M" * 201}, "Das sind zu viele Zeichen."),
        ({"authority": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"begins_on": "2026-11-22"}, "Dieser Tag ist vorbei."),
        ({"begins_on": "morgen"}, "Das ist kein Tag."),
        ({"ends_on": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"ends_on": "2026-11-22"}, "Der letzte Tag darf nicht vor dem ersten liegen"),
        ({"ends_on": "2029-12-31"}, "höchstens drei Jahre danach"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(
    world: World, changes: dict[str, str], said: str
) -> None:
    erika, _ = await erika_and_max(world)

    answer = await offer(await open_tab(world, erika), replies="on", **changes)

    [field] = changes
    assert answer.status == 422
    assert said in answer.text
    assert f'href="#{field}"' in answer.text
    assert '<option value="on" selected>' in answer.text
    assert await terms_in(world) == []


async def test_an_authority_that_there_is_not_gets_none(world: World) -> None:
    erika, _ = await erika_and_max(world)

    assert (await offer(await open_tab(world, erika), authority="a" * 26)).status == 404
    assert await terms_in(world) == []


async def test_days_may_be_written_as_people_write_them(world: World) -> None:
    erika, _ = await erika_and_max(world)

    assert (await offer(await open_tab(world, erika), begins_on=" 1.12.2026", ends_on="31.12.2026")).status == 303
    [terms] = await terms_in(world)
    assert (str(terms.begins_on), str(terms.ends_on)) == ("2026-12-01", "2026-12-31")


async def test_neither_names_nor_who_acts_for_whom_can_be_read_in_the_store(world: World) -> None:
    erika, other = await erika_and_max(world)
    await granted(world, erika, other)
    [stored] = [one async for one in all_of(world.web.store, Vollmacht)]
    statements = [one async for one in all_of(world.web.store, Statement) if one.vollmacht_id]

    for one in (stored, *statements):
        assert not [word for word in ("Erika", "Beispiel", erika.account.id, other.account.id) if word in one.body()]
    assert len(statements) == 2
    assert LAST in str((await terms_in(world))[0].ends_on)


async def test_one_that_was_tampered_with_opens_nothing_and_hides_no_other(world: World, alarms: Alarms) -> None:
    erika, other = await erika_and_max(world)
    bad, good = await granted(world, erika, other), await granted(world, erika, other)
    row, other_row = [await world.web.store.get(Vollmacht, row_id(one, world.web)) for one in (bad, good)]
    row.locked = other_row.locked
    await world.web.store.save(row)
    tab = await open_tab(world, other)

    page = await tab.get("/postfach")

    assert (f'href="/vertretung/{good}"' in page.text, bad in page.text) == (True, False)
    assert (await tab.get(f"/vertretung/{bad}")).status == 404
    assert set(alarms.raised()) == {"vollmacht-damaged"}
