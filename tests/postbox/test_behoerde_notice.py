"""A notice as its authority's people see it: what happened, the days with their reasoning, evidence, withdrawal."""

from datetime import UTC, datetime, timedelta

import pytest

from sk.postbox.receipt import ByHand, Receipt
from sk.workers.bounces import record_bounce
from tests.fakes import FakeClock
from tests.postbox.desks import desk, page_of
from tests.postbox.proofs import attached_to, evidence_of, fetched, verified
from tests.postbox.replies import replied
from tests.security.tab import Tab
from tests.web.pages import words_of
from tests.workers.cases import fetch, notice_of, steps_of
from tests.world import Delivered, World

DAY_BEGINS = datetime(2026, 11, 26, 23, tzinfo=UTC)
"""That of the Bekanntgabe of what was made available on the Monday on which the tests' clock begins."""


async def read(tab: Tab, notice: Delivered) -> str:
    """Return the page of a notice, as people read it."""
    answer = await tab.get(page_of(notice))
    assert answer.status == 200
    return words_of(answer.text)


async def test_the_page_tells_every_step_in_the_words_of_the_evidence(world: World) -> None:
    notice, _ = await replied(world)

    shown = await read(await desk(world, notice.authority), notice)

    for words in (
        "ein Verwaltungsakt mit einem Anhang angenommen; die Behörde nannte als Gesetz § 9 OZG.",
        "Zum Abruf bereitgestellt 23.11.2026, 10:00:",
        "die Benachrichtigung per E-Mail angenommen (Antwort 250 2.0.0). Mehr sagt das nicht.",
        "wurde der Inhalt an eine Sitzung des Kontos herausgegeben",
        "Dass jemand ihn gelesen hat, sagt das nicht.",
        "Antwort 1 23.11.2026, 10:00:",
    ):
        assert words in shown


async def test_the_days_stand_there_with_how_they_are_computed(world: World) -> None:
    notice = await world.delivered(case="50.2-0815", reference="2026-4711")

    shown = await read(await desk(world, notice.authority), notice)

    assert "Aktenzeichen50.2-0815 Referenz2026-4711" in shown
    assert "Gilt als bekannt gegeben amFreitag, 27. November 2026" in shown
    assert "Ende der FristMontag, 28. Dezember 2026, 24 Uhr" in shown
    assert "Vierter Tag: Freitag, 27.11.2026" in shown
    assert "Nach unserer Rechnung" not in shown


async def test_of_two_readings_the_later_stands_first_and_both_say_whose_they_are(
    world: World, clock: FakeClock
) -> None:
    clock.advance(days=2)  # a Wednesday: the fourth day after it is a Sunday
    ours_later = await world.delivered(law="ao-122a", rechtsbehelf="einspruch-ao")
    ours_earlier = await world.delivered()

    pages = [
        await read(await desk(world, one.authority, username=one.notice_id[:9]), one)
        for one in (ours_later, ours_earlier)
    ]

    ours, other = "Ende der FristNach unserer Rechnung", "Ende der FristNach anderer Rechtsauffassung"
    later, earlier = "Mittwoch, 30. Dezember 2026, 24 Uhr", "Dienstag, 29. Dezember 2026, 24 Uhr"
    assert f"{ours}{later} {other}{earlier}" in pages[0]
    assert f"{other}{later} {ours}{earlier}" in pages[1]
    assert all("erst, wenn auch der spätere Tag vorbei ist." in page for page in pages)


async def test_a_report_that_the_mail_came_back_is_told_as_a_reading_by_which_no_frist_runs(world: World) -> None:
    notice = await world.delivered()
    await record_bounce(notice.notice_id, "5.1.1", world.workers)

    shown = await read(await desk(world, notice.authority), notice)

    assert "FristWenn die Meldung stimmt, dass die E-Mail nicht ankamEs läuft keine Ende der FristNach unserer" in shown
    assert "noch einmal oder auf einem anderen Weg bekannt geben." in shown
    assert "der spätere Tag" not in shown


async def test_an_act_that_waits_says_that_no_frist_runs_yet(world: World) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")

    shown = await read(await desk(world, notice.authority), notice)

    assert "Noch läuft keine Frist: Der Bescheid gilt noch nicht als bekannt gegeben." in shown
    assert "Abrufbar bisDonnerstag, 3. Dezember 2026" in shown


@pytest.mark.parametrize("approved_by", ["", "berta"])
async def test_what_was_written_by_hand_says_by_whom(world: World, approved_by: str) -> None:
    notice = await world.delivered()
    tab, records = await desk(world, notice.authority), world.web.keys.lock_key("records")
    before = await read(tab, notice)
    receipt = await world.web.store.get(Receipt, notice.notice_id)
    by_hand = ByHand(written_by="karl", approved_by=approved_by)
    receipt.keep(receipt.open(records).model_copy(update={"by_hand": by_hand}), records)
    await world.web.store.save(receipt)

    shown = await read(tab, notice)

    assert "Geschrieben von" not in before
    assert "Geschrieben vonkarl" in shown
    assert ("Freigegeben vonberta" in shown) == bool(approved_by)


async def test_what_is_damaged_is_not_shown(world: World) -> None:
    notice = await world.delivered()
    tab = await desk(world, notice.authority)
    found = await notice_of(world, notice.notice_id)
    found.law = "ao-122a"
    await world.web.store.save(found)

    answer = await tab.get(page_of(notice))

    assert (answer.status, "Diese Nachricht ist beschädigt" in answer.text) == (403, True)


# Evidence


async def test_the_evidence_is_that_of_the_api_to_keep_and_to_print(world: World) -> None:
    notice = await fetched(world)
    tab = await desk(world, notice.authority)

    bundle, printed = [await tab.get(f"{page_of(notice)}/evidence.{kind}") for kind in ("json", "pdf")]

    steps = [one.step for one in (await verified(world, bundle.body)).statements]
    assert steps == [one.step for one in (await verified(world, await evidence_of(world, notice))).statements]
    assert (await verified(world, attached_to(printed.body))).opening is not None
    name = f'attachment; filename="evidence-{notice.notice_id}.json"'
    assert (bundle.headers["Content-Disposition"], printed.headers["Content-Type"]) == (name, "application/pdf")


# Withdrawal


async def test_a_notice_is_withdrawn_after_a_second_question(world: World) -> None:
    notice = await world.delivered()
    karl = await world.member(notice.authority, "post", username="karl")

    async with world.strong_browser(karl) as browser:
        page = await browser.open(page_of(notice))
        asked = await browser.open(page.links["Nachricht zurückziehen"])
        between = await notice_of(world, notice.notice_id)
        done = await browser.send(asked.form("Endgültig zurückziehen"))

    assert between.withdrawn_at is None
    assert (done.url, "Die Nachricht ist zurückgezogen." in done.text) == (page_of(notice), True)
    assert "Nachricht zurückziehen" not in done.links
    assert not [words for words in ("Ende der Frist", "Gilt als bekannt gegeben") if words in done.text]
    assert (await steps_of(world, notice.notice_id))[-1] == "withdrawn"


async def test_only_whoever_may_withdraw_is_led_to_it(world: World) -> None:
    notice = await world.delivered()

    shown = [
        await read(await desk(world, notice.authority, role, username=role), notice) for role in ("post", "approve")
    ]

    assert ["Nachricht zurückziehen" in page for page in shown] == [True, False]


async def test_it_is_withdrawn_once_however_often_that_is_sent(world: World) -> None:
    notice = await world.delivered()
    tab = await desk(world, notice.authority, "post")

    answers = [await tab.post(f"{page_of(notice)}/zurueckziehen") for _ in range(2)]

    assert [answer.status for answer in answers] == [303, 303]
    assert (await steps_of(world, notice.notice_id)).count("withdrawn") == 1


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("fetched", "Sie ist schon abgerufen."),
        ("announced", "Sie gilt schon als bekannt gegeben, oder ein Gericht kann das annehmen."),
        ("lapsed", "Die Nachricht kann ohnehin niemand mehr öffnen."),
    ],
)
async def test_what_the_api_refuses_is_refused_here_and_not_offered(
    world: World, clock: FakeClock, state: str, says: str
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a" if state == "lapsed" else "ozg-9")
    if state == "fetched":
        await fetch(world, notice.citizen)
    else:
        clock.advance(seconds=(DAY_BEGINS - clock.now()).total_seconds() + (timedelta(days=9).total_seconds()))
    tab = await desk(world, notice.authority, "post")

    asked, sent = [
        await tab.get(f"{page_of(notice)}/zurueckziehen"),
        await tab.post(f"{page_of(notice)}/zurueckziehen"),
    ]

    assert (asked.status, sent.status) == (409, 409)
    assert says in words_of(asked.text)
    assert says in words_of(sent.text)
    assert "zurueckziehen" not in (await tab.get(page_of(notice))).text
    assert (await notice_of(world, notice.notice_id)).withdrawn_at is None


async def test_without_the_token_of_the_session_nothing_is_withdrawn(world: World) -> None:
    notice = await world.delivered()
    tab = await desk(world, notice.authority, "post")

    answer = await tab.ask("POST", f"{page_of(notice)}/zurueckziehen", data={"csrf": "x" * 43})

    assert answer.status == 403
    assert (await notice_of(world, notice.notice_id)).withdrawn_at is None
