"""Evidence for the file: what the authority fetches can be verified by anybody who knows the log's key."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import SecretStr

from sk.crypto.sign import kid_of
from sk.errors import Unavailable
from sk.evidence.keys import revoke
from sk.evidence.step_words import WORDS
from sk.evidence.verdict import find_files
from sk.postbox.evidence import typeset
from sk.postbox.history import History
from sk.postbox.notice import Notice
from sk.postbox.proven import STEP_NAMES, Printed, prove
from sk.web.app import make_app
from sk.web.keys import PRINTER
from sk.web.one_by_one import WAITING_MAX
from tests.fakes import FakeClock
from tests.postbox.proofs import ask, attached_to, evidence_of, fetched, proof_of, read, text_of, verified
from tests.security.tab import open_tab
from tests.world import A_FILE, World, a_notice, open_world

JSON, PDF = "/api/v1/notices/{id}/evidence.json", "/api/v1/notices/{id}/evidence.pdf"
each_form = pytest.mark.parametrize("path", [JSON, PDF])


async def test_the_evidence_verifies_with_the_key_that_the_authority_was_given(world: World) -> None:
    notice = await fetched(world)

    found = await verified(world, await evidence_of(world, notice))

    assert found.trusted
    assert [one.step for one in found.statements] == ["accepted", "bereitgestellt", "benachrichtigt", "abgerufen"]
    assert find_files(found, {"bescheid.pdf": sha256(A_FILE.data).digest()}).keys() == {"bescheid.pdf"}


async def test_it_is_saved_under_a_name_that_says_which_notice_it_is_about(world: World) -> None:
    notice = await fetched(world)

    for path, media_type in ((JSON, "application/json"), (PDF, "application/pdf")):
        answer = await ask(world, notice.authority, path.format(id=notice.notice_id))
        name = f"evidence-{notice.notice_id}.{path[-4:].strip('.')}"
        assert (answer.status, answer.type) == (200, media_type)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


async def test_the_answer_is_as_described(world: World) -> None:
    notice = await fetched(world)

    answer = await ask(world, notice.authority, JSON.format(id=notice.notice_id))

    answer.is_described(JSON, "GET")


@each_form
async def test_until_every_step_is_in_the_log_the_authority_is_told_to_come_again(world: World, path: str) -> None:
    authority, erika = await world.authority(), await world.citizen()
    _, posted = await authority.post(a_notice(erika.handle), [A_FILE])

    early = await ask(world, authority, path.format(id=posted["id"]))
    await world.settle()
    later = await ask(world, authority, path.format(id=posted["id"]))

    early.says("not-logged-yet", path=path, method="GET")
    assert early.headers["Retry-After"] == "5"
    assert later.status == 200


async def test_every_step_that_comes_later_is_in_the_evidence_that_is_fetched_later(world: World) -> None:
    notice = await world.delivered()
    before = await verified(world, await evidence_of(world, notice))
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}")
    between = await ask(world, notice.authority, JSON.format(id=notice.notice_id))
    await world.settle()
    after = await verified(world, await evidence_of(world, notice))

    assert [one.step for one in after.statements] == [*(one.step for one in before.statements), "abgerufen"]
    assert between.status == 503  # the Abruf has happened and is not in the log: what is older would be incomplete


async def test_a_step_that_comes_while_the_evidence_is_put_together_is_in_it(world: World) -> None:
    notice = await world.delivered()
    tab, reads = await open_tab(world, notice.citizen), 0

    async def read_before_the_abruf() -> tuple[Notice, History]:
        nonlocal reads
        found = await read(world, notice.notice_id)
        reads += 1
        if reads == 1:
            await tab.post(f"/postfach/{notice.notice_id}")
            await world.settle()
        return found

    proof = await prove(read_before_the_abruf, world.web)

    assert reads == 2
    assert proof.verified.statements[-1].step == "abgerufen"


async def test_of_a_notice_that_changes_all_the_time_there_is_no_evidence_yet(world: World) -> None:
    notice = await world.delivered()

    async def read_and_change() -> tuple[Notice, History]:
        await world.web.store.save((await read(world, notice.notice_id))[0])
        found = await read(world, notice.notice_id)
        await world.web.store.save((await read(world, notice.notice_id))[0])
        return found

    with pytest.raises(Unavailable) as refused:
        await prove(read_and_change, world.web)

    assert refused.value.problem == "not-logged-yet"


async def test_it_reaches_to_shortly_before_it_was_asked_for_as_a_step_may_be_on_its_way_into_the_store(
    world: World,
) -> None:
    notice = await fetched(world)
    last = (at_once := (await proof_of(world, notice)).verified).statements[-1].at
    world.clock.advance(minutes=1)

    later = (await proof_of(world, notice)).verified

    assert at_once.as_of == last
    assert later.as_of == world.clock.now() - timedelta(seconds=12)


@each_form
async def test_where_the_log_has_refused_a_step_there_is_no_evidence_and_nobody_is_told_to_come_again(
    world: World, path: str
) -> None:
    await world.delivered()
    await _revoke(world, "sign-delivery")
    authority, erika = await world.authority(), await world.citizen()
    _, posted = await authority.post(a_notice(erika.handle), [A_FILE])
    await world.settle()

    answer = await ask(world, authority, path.format(id=posted["id"]))

    answer.says("notice-damaged", path=path, method="GET")
    assert (answer.status, "Retry-After" in answer.headers) == (403, False)


@each_form
async def test_where_the_key_was_revoked_that_signs_evidence_the_operator_is_told_and_no_notice_is_called_damaged(
    world: World, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    notice = await fetched(world)
    await _revoke(world, "sign-web")

    answer = await ask(world, notice.authority, path.format(id=notice.notice_id))

    answer.says("no-key", path=path, method="GET")
    said = [record.getMessage() for record in caplog.records]
    assert "no-evidence-by-this-key" in said
    assert "notice-damaged" not in said


async def test_where_the_time_stamp_authoritys_certificates_lie_is_told_to_nobody_but_the_operator(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_world(
        tmp_path / "wrong", clock, tsa=SecretStr("https://tsa.example.org/"), tsa_certs="/nowhere.pem"
    ) as world:
        notice = await world.delivered()

        answer = await ask(world, notice.authority, JSON.format(id=notice.notice_id))

        assert answer.status == 503
        assert b"nowhere" not in answer.body


async def test_a_notice_that_was_withdrawn_has_evidence_of_that(world: World) -> None:
    notice = await world.delivered()
    headers = {"Authorization": f"Bearer {await notice.authority.token()}"}
    path = f"{world.base_url}/api/v1/notices/{notice.notice_id}/withdraw"
    async with world.http.post(path, headers=headers) as answer:
        assert answer.status == 200
    await world.settle()

    found = await verified(world, await evidence_of(world, notice))

    assert found.statements[-1].step == "withdrawn"


async def test_the_printed_proof_carries_a_bundle_that_verifies_and_the_authoritys_own_reference(world: World) -> None:
    notice = await fetched(world, reference="66-4711-0815")

    answer = await ask(world, notice.authority, PDF.format(id=notice.notice_id))

    found = await verified(world, attached_to(answer.body))
    assert [one.step for one in found.statements][-1] == "abgerufen"
    assert "66-4711-0815" in text_of(answer.body)


async def _revoke(world: World, use: str) -> None:
    log, kid = world.workers.keys.signer("log"), world.workers.keys.signers
    await revoke(world.web.store, log, kid_of(use, kid.public(use)), world.clock.now())
    await world.settle()


def test_every_step_that_can_be_proven_has_a_name_in_the_table() -> None:
    assert STEP_NAMES.keys() == WORDS.keys()


async def test_whoever_finds_a_long_queue_at_the_printer_is_told_to_come_back(world: World) -> None:
    proof, printed = await proof_of(world, await fetched(world)), Printed("Servicekonto", "/nachweis-pruefen")
    busy = make_app(world.web)[PRINTER]
    waiting = [asyncio.ensure_future(busy.run(typeset, proof, printed)) for _ in range(WAITING_MAX)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="being printed right now; try again"):
        await busy.run(typeset, proof, printed)

    assert len({*await asyncio.gather(*waiting)}) == 1
    await busy.close()
