"""Evidence tells nobody what is not theirs, and nothing is handed out that does not verify."""

import pytest

from sk.evidence.sequence import Tile
from sk.postbox.notice import Notice
from tests.postbox.proofs import ask, fetched
from tests.security.alarms import Alarms
from tests.security.intruder import Intruder, as_bytes
from tests.security.tab import Tab, open_tab
from tests.world import A_FILE, World

API = ("/api/v1/notices/{id}/evidence.json", "/api/v1/notices/{id}/evidence.pdf")
PAGES = ("/postfach/{id}/nachweis", "/postfach/{id}/nachweis.json", "/postfach/{id}/nachweis.pdf")
each_page = pytest.mark.parametrize("path", PAGES)
each_route = pytest.mark.parametrize("path", API)


@each_page
async def test_another_citizens_proof_is_as_unknown_as_one_that_never_was(world: World, path: str) -> None:
    notice, somebody = await fetched(world), await world.citizen("somebody")
    tab = await open_tab(world, somebody)

    theirs, none = await tab.get(path.format(id=notice.notice_id)), await tab.get(path.format(id="none"))

    assert (theirs.status, none.status) == (404, 404)
    assert theirs.body.replace(notice.notice_id.encode(), b"none") == none.body


@each_page
async def test_whoever_is_not_logged_in_is_led_to_the_log_in_and_back_to_the_page(world: World, path: str) -> None:
    notice = await fetched(world)

    answer = await Tab(world.http, world.base_url, "", "").get(path.format(id=notice.notice_id))

    page = f"/postfach/{notice.notice_id}{'/nachweis' if path.endswith('/nachweis') else ''}"
    assert (answer.status, answer.headers["Location"]) == (303, f"/anmelden?weiter={page}")


@each_route
async def test_another_authoritys_evidence_is_unknown_to_an_authority(world: World, path: str) -> None:
    notice, other = await fetched(world), await world.authority("Landkreis Anderswo")

    answer = await ask(world, other, path.format(id=notice.notice_id))

    answer.says("not-found", path=path, method="GET")


@each_page
async def test_asking_for_the_proof_of_an_unread_notice_shows_nothing_of_it_and_is_no_abruf(
    world: World, path: str
) -> None:
    words = {"subject": "Kanarienvogel im Betreff", "text": "Kanarienvogel im Text", "case": "Kanarienvogel 7"}
    notice = await world.delivered(**words)
    tab = await open_tab(world, notice.citizen)

    answer = await tab.get(path.format(id=notice.notice_id))

    assert answer.status == 403
    assert b"Kanarienvogel" not in answer.body
    assert A_FILE.name.encode() not in answer.body
    assert (await world.web.store.get(Notice, notice.notice_id)).abgerufen_at is None


@each_route
async def test_what_does_not_verify_is_handed_to_nobody_and_somebody_hears_of_it(
    world: World, intruder: Intruder, alarms: Alarms, path: str
) -> None:
    notice = await fetched(world)
    await _spoil(world, intruder)

    answer = await ask(world, notice.authority, path.format(id=notice.notice_id))

    answer.says("notice-damaged", path=path, method="GET")
    assert (alarms.raised(), alarms.failures()) == (["notice-damaged"], [])


@each_page
async def test_what_does_not_verify_is_not_shown_to_the_citizen_either(
    world: World, intruder: Intruder, alarms: Alarms, path: str
) -> None:
    notice = await fetched(world)
    tab = await open_tab(world, notice.citizen)
    await _spoil(world, intruder)

    assert (await tab.get(path.format(id=notice.notice_id))).status == 403
    assert (alarms.raised(), alarms.failures()) == (["notice-damaged"], [])


@each_page
async def test_files_of_evidence_are_saved_and_never_run(world: World, path: str) -> None:
    notice = await fetched(world)

    answer = await (await open_tab(world, notice.citizen)).get(path.format(id=notice.notice_id))

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    if path != PAGES[0]:
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


async def _spoil(world: World, intruder: Intruder) -> None:
    """Put another hash into the log, so that no proof leads to its root any more."""
    tile = (await world.web.store.get(Tile, "0.0")).hashes
    intruder.change("tile", "0.0", hashes=as_bytes(bytes(32) + tile[32:]))
