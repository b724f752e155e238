"""The citizen's proof: the same as the authority's, as a page that every reader of screens can read."""

import pytest

from sk.evidence.bundle import read_bundle
from sk.evidence.verdict import find_files
from tests.postbox.proofs import attached_to, evidence_of, fetched, proof_of, text_of, verified
from tests.security.tab import Tab, open_tab
from tests.web.pages import words_of
from tests.workers.cases import take_back
from tests.world import A_FILE, Delivered, World

SUBJECT = "Bescheid über Ihren Antrag"
each_form = pytest.mark.parametrize("form", ["", ".json", ".pdf"])


async def test_the_page_says_every_sentence_that_the_proof_has(world: World) -> None:
    notice = await fetched(world)
    proof = await proof_of(world, notice)

    shown = words_of((await (await _tab(world, notice)).get(path(notice))).text)

    for words in (*proof.report.proven, *proof.report.computed, *proof.report.remarks):
        assert words.de in shown
    assert len(proof.rows) == 4
    for row in proof.rows:
        assert f"{row.step.de} {row.at.de}" in shown
    assert proof.digests[0] in shown
    assert str(proof.verified.vkey) in shown


async def test_it_is_reached_from_the_notice_and_leads_to_both_files_and_to_where_they_are_verified(
    world: World,
) -> None:
    notice = await fetched(world)
    async with world.browser(notice.citizen) as browser:
        opened = await browser.open(f"/postfach/{notice.notice_id}")
        shown = await browser.open(opened.links["Nachweis über diese Nachricht"])
        saved = await browser.download(shown.links["Nachweis-Datei"])
        printed = await browser.download(shown.links["Nachweis zum Ausdrucken"])
        form = await browser.open(shown.links["Einen Nachweis prüfen"])

    assert (await verified(world, saved)).trusted
    assert (await verified(world, attached_to(printed))).trusted
    assert form.form("Prüfen").action == "/nachweis-pruefen"


async def test_it_proves_what_the_authoritys_evidence_proves(world: World) -> None:
    notice = await fetched(world, reference="66-4711-0815")
    tab = await _tab(world, notice)

    mine = await verified(world, (await tab.get(f"{path(notice)}.json")).body)
    theirs = await verified(world, await evidence_of(world, notice))

    assert mine.statements == theirs.statements
    assert mine.opening == theirs.opening
    assert "66-4711-0815" not in text_of((await tab.get(f"{path(notice)}.pdf")).body)


@each_form
async def test_there_is_none_of_an_unread_notice(world: World, form: str) -> None:
    notice = await world.delivered()

    answer = await (await _tab(world, notice)).get(path(notice) + form)

    assert answer.status == 403
    assert "Diese Nachricht ist ungelesen" in answer.text
    assert SUBJECT not in answer.text


@each_form
async def test_there_is_none_for_somebody_whose_log_in_does_not_reach_the_level(world: World, form: str) -> None:
    notice = await fetched(world, minimum_trust="high")
    low = await open_tab(world, notice.citizen, "low")

    assert (await low.get(path(notice) + form)).status == 403


@each_form
async def test_until_every_step_is_in_the_log_the_page_says_so_and_offers_to_load_it_again(
    world: World, form: str
) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}")

    early = await tab.get(path(notice) + form)
    await world.settle()
    later = await tab.get(path(notice) + form)

    assert (early.status, later.status) == (503, 200)
    assert "Der Nachweis ist gleich fertig" in early.text
    assert f'href="{path(notice)}{form}"' in early.text
    assert early.headers["Retry-After"] == "5"


async def test_of_a_notice_that_was_withdrawn_unread_it_proves_that_and_says_nothing_of_its_content(
    world: World,
) -> None:
    notice = await world.delivered()
    await take_back(world, notice.notice_id)
    await world.settle()
    tab = await _tab(world, notice)

    shown, saved = await tab.get(path(notice)), await tab.get(f"{path(notice)}.json")

    assert "Zurückgezogen" in words_of(shown.text)
    assert "Ende der Frist" not in words_of(shown.text)  # what was withdrawn is never announced
    assert f'{path(notice)}"' in (await tab.get(f"/postfach/{notice.notice_id}")).text
    _is_mute(saved.body)
    assert [one.step for one in (await verified(world, saved.body)).statements][-1] == "withdrawn"


async def test_of_a_notice_whose_ten_days_have_passed_it_proves_that_and_says_nothing_of_its_content(
    world: World,
) -> None:
    notice = await world.delivered(law="vwvfg-41-2a")
    world.clock.advance(days=12)
    await world.settle()
    tab = await open_tab(world, notice.citizen)

    shown, saved = await tab.get(path(notice)), await tab.get(f"{path(notice)}.json")

    assert "Bereitstellung beendet" in words_of(shown.text)
    _is_mute(saved.body)


async def test_what_was_fetched_before_can_be_compared_with_the_proof(world: World) -> None:
    notice = await fetched(world)

    found = await verified(world, (await (await _tab(world, notice)).get(f"{path(notice)}.json")).body)

    digest = bytes.fromhex(A_FILE.declared()["sha256"])
    assert find_files(found, {"bescheid.pdf": digest})["bescheid.pdf"].de == "Anhang 1 der Nachricht"


def path(notice: Delivered) -> str:
    return f"/postfach/{notice.notice_id}/nachweis"


def _is_mute(bundle: bytes) -> None:
    """Check that nobody can guess content from a bundle: there is no digest in it but under a salt that is kept."""
    assert read_bundle(bundle).opening is None


async def _tab(world: World, notice: Delivered) -> Tab:
    return await open_tab(world, notice.citizen)
