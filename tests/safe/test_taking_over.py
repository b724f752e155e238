"""From the postbox into the safe: the attachments, and what proves where they come from."""

from datetime import date

import pytest

from sk.crypto.lock import LockKey
from sk.safe.document import Content, Document, Version
from sk.safe.provenance import Provenance, provenance_of
from sk.safe.safe import open_safe
from sk.safe.steps import delete, throw_away
from tests.postbox.proofs import evidence_of, fetched
from tests.safe.documents import put
from tests.safe.uploads import bytes_of, kept_in, objects_in
from tests.security.tab import Answer, open_tab
from tests.web.pages import words_of
from tests.world import A_FILE, Citizen, Delivered, World

NAME = A_FILE.name


async def press(world: World, notice: Delivered, citizen: Citizen | None = None) -> Answer:
    """Press the button on the page of a notice."""
    tab = await open_tab(world, citizen or notice.citizen)
    return await tab.post(f"/postfach/{notice.notice_id}/in-den-safe")


async def newest(world: World, citizen: Citizen, name: str = NAME) -> tuple[Document, Version, LockKey]:
    """Return a document and its newest version."""
    opened, entry = await open_safe(citizen.account.id, world.web), (await kept_in(world, citizen))[name]
    document = await world.web.store.get(Document, entry.id)
    return document, document.open(citizen.account.id, opened.own).versions[-1], opened.own


async def come_from(world: World, citizen: Citizen, name: str = NAME) -> Provenance | None:
    """Return what can be said of where the newest version of a document comes from."""
    _, version, _ = await newest(world, citizen, name)
    return await provenance_of(version, world.web)


async def change_origin(world: World, citizen: Citizen, **changes: object) -> None:
    """Let a document claim something else about where it comes from."""
    document, version, own = await newest(world, citizen)
    assert version.origin
    origin = version.origin.model_copy(update=changes)
    content = Content(versions=(version.model_copy(update={"origin": origin}),))
    document.keep(citizen.account.id, content, own)
    await world.web.store.save(document)


async def test_an_attachment_is_put_into_the_safe_by_a_button(world: World) -> None:
    notice = await fetched(world)
    async with world.browser(notice.citizen) as browser:
        page = await browser.open(f"/postfach/{notice.notice_id}")
        await browser.send(page.form("In den Safe legen"))

    entry = (await kept_in(world, notice.citizen))[NAME]

    assert await bytes_of(world, notice.citizen, NAME) == A_FILE.data
    assert (entry.issued_by, entry.type) == ("Stadt Musterstadt", "application/pdf")


async def test_the_safe_says_who_has_issued_it_and_when_once_the_log_has_it(world: World) -> None:
    notice = await fetched(world)
    await press(world, notice)
    before = await come_from(world, notice.citizen)

    await world.settle()

    after = await come_from(world, notice.citizen)
    assert before == Provenance("waiting")
    assert after == Provenance("proven", "Stadt Musterstadt", date(2026, 11, 23), is_trial=True)


async def test_evidence_that_is_not_in_the_log_yet_is_waited_for(world: World) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}")  # the Abruf was stated, and nobody has logged it
    await press(world, notice)

    for _ in range(3):
        await world.settle()
        world.clock.advance(minutes=1)

    found = await come_from(world, notice.citizen)
    assert found
    assert found.state == "proven"


async def test_several_attachments_are_documents_of_their_own(world: World) -> None:
    files = [A_FILE, A_FILE.__class__("anlage.txt", b"Anlage", "text/plain")]
    notice = await fetched(world, files=files)

    answer = await press(world, notice)
    await world.settle()

    assert answer.headers["Location"] == "/safe"
    assert {*await kept_in(world, notice.citizen)} == {NAME, "anlage.txt"}
    for name in (NAME, "anlage.txt"):
        found = await come_from(world, notice.citizen, name)
        assert found
        assert found.state == "proven"


async def test_a_newer_version_of_ones_own_is_said_to_be_from_nobody(world: World) -> None:
    notice = await fetched(world)
    await press(world, notice)
    document_id = (await kept_in(world, notice.citizen))[NAME].id

    await put(world, notice.citizen, NAME, b"von mir", document=document_id)

    assert (await kept_in(world, notice.citizen))[NAME].issued_by == ""
    assert "Von Stadt Musterstadt" not in words_of((await (await open_tab(world, notice.citizen)).get("/safe")).text)


async def test_pressed_twice_nothing_is_there_twice(world: World) -> None:
    notice = await fetched(world)

    first, second = await press(world, notice), await press(world, notice)
    await world.settle()

    assert first.headers["Location"] == second.headers["Location"]
    assert len(await kept_in(world, notice.citizen)) == 1
    assert len(await objects_in(world)) == 2


async def test_what_was_thrown_away_comes_back_and_what_was_deleted_comes_anew(world: World) -> None:
    notice = await fetched(world)
    await press(world, notice)
    account_id = notice.citizen.account.id
    document_id = (await kept_in(world, notice.citizen))[NAME].id
    await throw_away(account_id, document_id, world.web)

    await press(world, notice)
    assert (await kept_in(world, notice.citizen))[NAME].trashed_at is None

    await throw_away(account_id, document_id, world.web)
    await delete(account_id, document_id, world.web)
    await world.settle()
    await press(world, notice)
    await world.settle()

    assert await bytes_of(world, notice.citizen, NAME) == A_FILE.data
    assert (await come_from(world, notice.citizen)) is not None


async def test_an_unread_notice_stays_unread(world: World) -> None:
    notice = await world.delivered()

    answer = await press(world, notice)

    assert answer.status == 403
    assert await kept_in(world, notice.citizen) == {}


async def test_nobody_takes_what_is_in_the_postbox_of_somebody_else(world: World) -> None:
    notice, other = await fetched(world), await world.citizen("otto")

    assert (await press(world, notice, other)).status == 404
    assert await kept_in(world, other) == {}


@pytest.mark.parametrize(
    "changes",
    [{"number": 2}, {"number": 0}, {"notice": "other"}, {"bundle": "{}"}],
    ids=["number", "none", "notice", "bundle"],
)
async def test_what_is_not_proven_is_not_said(world: World, changes: dict[str, object]) -> None:
    notice = await fetched(world)
    await press(world, notice)
    await world.settle()

    await change_origin(world, notice.citizen, **changes)

    assert await come_from(world, notice.citizen) == Provenance("unproven")


async def test_bytes_that_were_not_issued_are_not_said_to_be(world: World) -> None:
    notice, other = await fetched(world), await fetched(world, files=[A_FILE.__class__("fremd.pdf", b"%PDF-1.7 fremd")])
    await press(world, notice)
    await world.settle()

    bundle = (await evidence_of(world, other)).decode()
    await change_origin(world, notice.citizen, bundle=bundle, notice=other.notice_id)

    assert await come_from(world, notice.citizen) == Provenance("unproven")


async def test_what_demanded_a_card_demands_it_in_the_safe(world: World) -> None:
    notice = await fetched(world, minimum_trust="high")
    await press(world, notice)

    assert (await kept_in(world, notice.citizen))[NAME].level == "high"


async def test_a_new_version_of_ones_own_is_nobody_elses(world: World) -> None:
    assert await provenance_of(_own_version(), world.web) is None


def _own_version() -> Version:
    return Version(
        added_at="2026-11-23T09:00:00Z", name="x", type="x", size=1, sha256="", key=b"", streams=(), origin=None
    )
