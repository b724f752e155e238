"""Bounces: what comes back is believed to nobody, recorded once, and changes nothing by itself."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from sk.evidence.form import Bounced
from sk.evidence.statement import verified
from sk.mail.smtp import open_smtp
from sk.workers.bounces import CONNECTIONS_MAX, taking_bounces
from tests.security.serving import breaks_on_save
from tests.workers.cases import Raced, fetch, notice_of, statements_of, steps_of
from tests.workers.lmtp import NAMES, RECIPIENT, SUBJECT, Bring, back_to, by, dsn, listening, vacation
from tests.world import Delivered, World

BOUNDARY = "4Sx9Yq1Zz4.1795600000/mx.mail.example"
FORGOTTEN = {
    "a vacation reply": vacation(),
    "a delayed mail": dsn("delayed", "4.4.1"),
    "a delayed mail with a permanent code": dsn("delayed", "5.4.1"),
    "a delivered mail": dsn("delivered", "2.0.0"),
    "a failure for now": dsn("failed", "4.4.1"),
    "a code that is none": dsn("failed", "5.1.x"),
    "a code of other digits": dsn("failed", "5.1.\u0661"),
    "a code with words in it": dsn("failed", "5.1.1<script>"),
    "a report of another type": dsn().replace(b"report-type=delivery-status", b"report-type=disposition-notification"),
    "a report without a type": dsn().replace(b"report-type=delivery-status;", b""),
    "a mail that is no report": dsn().replace(b"multipart/report", b"multipart/mixed"),
    "a report without a boundary": dsn().replace(f'boundary="{BOUNDARY}"'.encode(), b"x=y"),
    "a report in which nothing stands": dsn().partition(b"This is")[0],
    "a report that breaks off": dsn().partition(b"Action")[0],
    "a report within a report": dsn().replace(b"message/delivery-status", b"message/rfc822"),
    "nothing": b"",
    "one long header": b"Content-Type: multipart/report; report-type=delivery-status; " + b'";' * 60_000 + b"\r\n\r\n",
    "bytes of no mail": bytes(set(range(256)) - {10, 13}) * 300,
}


@pytest.fixture
def world(world: World, tmp_path: Path) -> World:
    """Return a platform that takes bounces while `bring` is there, or somebody runs that worker."""
    return replace(world, workers=listening(world.workers, tmp_path))


async def test_a_mail_that_came_back_is_told_to_the_authority_and_ends_nothing(world: World, bring: Bring) -> None:
    notice = await world.delivered()
    before = await notice_of(world, notice.notice_id)

    assert await bring(back_to(world).address(notice.notice_id), dsn()) == 250

    await world.settle()
    after = await notice_of(world, notice.notice_id)
    assert (after.status, after.bekanntgabe and after.bekanntgabe.on) == (
        "bereitgestellt",
        before.bekanntgabe and before.bekanntgabe.on,
    )
    _, told = await notice.authority.get("/api/v1/events")
    assert [event["step"] for event in told["events"]] == [
        "accepted",
        "bereitgestellt",
        "benachrichtigt",
        "bounce-reported",
    ]
    _, shown = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
    assert shown["status"] == "bereitgestellt"


async def test_the_statement_is_signed_in_its_form_and_says_the_code_and_nothing_else(
    world: World, bring: Bring
) -> None:
    notice = await world.delivered()
    await bring(back_to(world).address(notice.notice_id), dsn(status="5.7.511"))

    statement = (await statements_of(world, notice.notice_id))[-1]
    said = verified(statement, world.web.keys.signers, "bounce-reported")
    assert Bounced.model_validate(said).status == "5.7.511"
    for secret in (RECIPIENT, "store.mail.example", "User unknown", SUBJECT):
        assert secret not in str(said)


async def test_repeated_after_a_restart_or_at_the_same_time_it_is_stated_once(world: World) -> None:
    notice = await world.delivered()
    address = back_to(world).address(notice.notice_id)
    async with taking_bounces(NAMES, world.workers):
        answers = await asyncio.gather(*(by(world)(address, dsn()) for _ in range(CONNECTIONS_MAX)))
    async with taking_bounces(NAMES, world.workers):
        answers.append(await by(world)(address, dsn(status="5.2.2")))

    assert set(answers) == {250}
    assert (await steps_of(world, notice.notice_id)).count("bounce-reported") == 1


async def test_an_abruf_at_the_same_time_loses_nothing(world: World) -> None:
    notice = await world.delivered()
    raced: Any = Raced(world.workers.store, lambda: fetch(world, notice.citizen))

    async with taking_bounces(NAMES, replace(world.workers, store=raced)):
        assert await by(world)(back_to(world).address(notice.notice_id), dsn()) == 250

    assert (await steps_of(world, notice.notice_id))[3:] == ["abgerufen", "bounce-reported"]


async def test_while_the_store_is_down_the_mail_server_is_asked_to_come_again(world: World) -> None:
    notice = await world.delivered()
    address = back_to(world).address(notice.notice_id)

    async with taking_bounces(NAMES, replace(world.workers, store=breaks_on_save(world.workers.store))):
        assert await by(world)(address, dsn()) == 451
    assert "bounce-reported" not in await steps_of(world, notice.notice_id)

    async with taking_bounces(NAMES, world.workers):
        assert await by(world)(address, dsn()) == 250
    assert "bounce-reported" in await steps_of(world, notice.notice_id)


async def test_a_damaged_notice_is_left_for_later_with_an_alarm(
    world: World, bring: Bring, caplog: pytest.LogCaptureFixture
) -> None:
    notice = await world.delivered()
    stored = await notice_of(world, notice.notice_id)
    stored.benachrichtigt_at = None
    await world.web.store.save(stored)

    assert await bring(back_to(world).address(notice.notice_id), dsn()) == 451
    assert "notice-damaged" in [record.getMessage() for record in caplog.records]


async def test_about_a_notice_that_is_gone_there_is_nothing_more_to_be_said(world: World, bring: Bring) -> None:
    assert await bring(back_to(world).address("a" * 26), dsn()) == 250


@pytest.mark.parametrize("mail", FORGOTTEN.values(), ids=FORGOTTEN)
async def test_everything_but_a_failure_for_good_is_taken_and_forgotten(
    world: World, bring: Bring, mail: bytes
) -> None:
    notice = await world.delivered()

    assert await bring(back_to(world).address(notice.notice_id), mail) == 250
    assert "bounce-reported" not in await steps_of(world, notice.notice_id)


async def test_only_addresses_that_we_gave_are_known(world: World, bring: Bring) -> None:
    notice, other = await world.delivered(), await world.delivered()
    address, of_other = (back_to(world).address(one.notice_id) for one in (notice, other))
    swapped = address.replace(notice.notice_id, other.notice_id)
    forged = address.replace(address[-30:], of_other[-30:])
    strange = ["", "x", "servicekonto@localhost", f"{address}.example", f"x{address}", f"x@y {address}"]
    for to in (swapped, forged, address.replace("+", "-"), address.replace("localhost", "example.org"), *strange):
        assert 500 <= await bring(to, dsn()) <= 553, to

    assert "bounce-reported" not in [*await steps_of(world, notice.notice_id), *await steps_of(world, other.notice_id)]


async def test_an_address_is_known_in_whatever_case_servers_have_put_it(world: World, bring: Bring) -> None:
    notice = await world.delivered()

    assert await bring(back_to(world).address(notice.notice_id).upper(), dsn()) == 250
    assert "bounce-reported" in await steps_of(world, notice.notice_id)


class _Post:
    """The part of aiosmtpd's interface that takes mails, of a server that remembers from whom."""

    def __init__(self) -> None:
        self.senders: list[str | None] = []
        self.contents: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.senders.append(envelope.mail_from)
        self.contents.append(envelope.original_content or b"")
        return "250 2.0.0 OK queued as 4711"


async def sent_through_a_server(world: World) -> tuple[Delivered, _Post]:
    """Have a notice delivered, with its mail handed to a real mail server."""
    post = _Post()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(post, hostname="mx"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mail = SecretStr(f"catcher://127.0.0.1:{port}")
    async with server, open_smtp(world.workers.settings.model_copy(update={"mail": mail})) as mailer:
        notice = await replace(world, workers=replace(world.workers, mailer=mailer)).delivered()
    return notice, post


async def test_a_mail_leaves_from_the_address_that_it_comes_back_to_and_shows_the_usual_one(
    world: World, bring: Bring
) -> None:
    notice, post = await sent_through_a_server(world)

    assert post.senders == [back_to(world).address(notice.notice_id)]
    assert b"From: Servicekonto <servicekonto@localhost>\r\n" in post.contents[0]
    assert await bring(str(post.senders[0]), dsn()) == 250
    assert "bounce-reported" in await steps_of(world, notice.notice_id)


async def test_without_bounces_a_mail_leaves_from_the_usual_address(world: World) -> None:
    off = replace(world.workers, settings=world.workers.settings.model_copy(update={"bounces": ""}))

    _, post = await sent_through_a_server(replace(world, workers=off))

    assert post.senders == ["servicekonto@localhost"]
