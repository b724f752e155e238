"""The door at which bounces are brought: who comes in, how much is taken, and where it is."""

import asyncio
import logging
import smtplib
import socket
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from sk.errors import Invalid, Unavailable
from sk.mail.bounces import LOCAL_MAX
from sk.workers.bounces import CONNECTIONS_MAX, MAX_BYTES, taking_bounces
from tests.platforms import Embedded, running
from tests.workers.cases import said_of
from tests.workers.lmtp import NAMES, RECIPIENT, Bring, MailServer, back_to, by, dsn, listening, vacation
from tests.world import World


@pytest.fixture
def world(world: World, tmp_path: Path) -> World:
    """Return a platform that takes bounces while `bring` is there, or somebody runs that worker."""
    return replace(world, workers=listening(world.workers, tmp_path))


async def test_what_is_too_large_is_refused_announced_or_not(world: World, bring: Bring) -> None:
    notice = await world.delivered()
    address, large = back_to(world).address(notice.notice_id), dsn() + b"x" * MAX_BYTES

    assert await bring(address, large) == 552
    server = MailServer(world.workers.settings.bounces)
    announced = await asyncio.to_thread(server.says, b"LHLO mx", b"MAIL FROM:<> SIZE=%d" % (MAX_BYTES + 1))
    assert b"\r\n552 " in announced
    assert (await said_of(world, notice.notice_id))[-1]["step"] == "benachrichtigt"


@pytest.mark.usefixtures("bring")
async def test_a_second_recipient_has_to_wait_for_a_mail_of_its_own(world: World) -> None:
    notice = await world.delivered()

    def talk() -> list[int]:
        with MailServer(world.workers.settings.bounces).connect() as lmtp:
            address = back_to(world).address(notice.notice_id)
            return [lmtp.mail("")[0], lmtp.rcpt(address)[0], lmtp.rcpt(address)[0], lmtp.data(dsn())[0]]

    assert await asyncio.to_thread(talk) == [250, 250, 452, 250]


async def test_commands_that_are_none_disturb_nobody(
    world: World, bring: Bring, caplog: pytest.LogCaptureFixture
) -> None:
    notice = await world.delivered()
    server = MailServer(world.workers.settings.bounces)
    for commands in (
        [b"\xff\xfe\x00"],
        [b"EHLO mx"],
        [b"LHLO mx", b"MAIL FROM:<"],
        [b"LHLO mx", b"MAIL FROM:\xff"],
        [b"LHLO mx", b"RCPT TO:<x@y>"],
        [b"LHLO mx", b"MAIL FROM:<>", b'RCPT TO:"(<@[\x00' + b"x" * 300],
        [b"LHLO mx", b"DATA"],
        [b"LHLO mx", b"VRFY erika@example.org"],
        [b"x" * 300_000],
    ):
        await asyncio.to_thread(server.says, *commands)

    assert await bring(back_to(world).address(notice.notice_id), dsn()) == 250
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_nothing_of_a_mail_or_its_address_is_logged(
    world: World, bring: Bring, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="sk")
    notice = await world.delivered()
    address = back_to(world).address(notice.notice_id)
    await bring(address, dsn())
    await bring(address.replace("+", "-"), vacation())

    ours = " ".join(str(vars(record)) for record in caplog.records if record.name.startswith("sk"))
    for secret in (RECIPIENT, "mail.example", "User unknown", address, address[-34:-10]):
        assert secret not in ours


async def test_there_is_room_for_a_few_visitors_and_who_comes_later_is_asked_to_come_again(
    world: World, bring: Bring
) -> None:
    notice = await world.delivered()
    server = MailServer(world.workers.settings.bounces)
    inside = [await asyncio.to_thread(server.connect) for _ in range(CONNECTIONS_MAX)]

    with pytest.raises(smtplib.SMTPConnectError, match="421"):
        await asyncio.to_thread(server.connect)
    for visit in inside:
        await asyncio.to_thread(visit.quit)
        visit.close()

    assert await bring(back_to(world).address(notice.notice_id), dsn()) == 250


async def test_it_stops_at_once_whoever_is_connected_and_can_start_again(world: World) -> None:
    server = MailServer(world.workers.settings.bounces)
    for _ in range(2):
        async with taking_bounces(NAMES, world.workers):
            visit = await asyncio.to_thread(server.connect)
            began = monotonic()
        assert monotonic() - began < 1
        with pytest.raises(smtplib.SMTPServerDisconnected):
            await asyncio.to_thread(visit.noop)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.to_thread(server.connect)


async def test_a_socket_in_a_folder_will_do_and_one_that_was_left_behind_is_no_hindrance(
    world: World, tmp_path: Path
) -> None:
    notice = await world.delivered()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "lmtp"))
    settings = world.workers.settings.model_copy(update={"bounces": f"lmtp://{tmp_path}/lmtp"})
    here = replace(world, workers=replace(world.workers, settings=settings))

    async with taking_bounces(NAMES, here.workers):
        assert (tmp_path / "lmtp").stat().st_mode & 0o777 == 0o660
        assert await by(here)(back_to(world).address(notice.notice_id), dsn()) == 250


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"bounces": "smtp://127.0.0.1:24"}, "must be lmtp://HOST:PORT or lmtp:///SOCKET"),
        ({"bounces": "lmtp://127.0.0.1"}, "must be lmtp://HOST:PORT or lmtp:///SOCKET"),
        ({"bounces": "lmtp://127.0.0.1:24/socket"}, "must be lmtp://HOST:PORT or lmtp:///SOCKET"),
        ({"bounces": "lmtp://"}, "must be lmtp://HOST:PORT or lmtp:///SOCKET"),
        ({"mail_from": f"{'x' * (LOCAL_MAX + 1)}@example.org"}, "at most 12 plain letters"),
        ({"mail_from": '"a b"@example.org'}, "at most 12 plain letters"),
        ({"mail_from": "servicekonto"}, "at most 12 plain letters"),
    ],
)
async def test_a_setting_that_cannot_be_is_named(world: World, change: dict[str, str], sentence: str) -> None:
    settings = world.workers.settings.model_copy(update=change)
    with pytest.raises(Invalid, match=f"SK_BOUNCES .*{sentence}"):
        async with taking_bounces(NAMES, replace(world.workers, settings=settings)):
            pytest.fail("it listens")


async def test_a_port_that_somebody_else_has_is_named(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        setting = f"lmtp://127.0.0.1:{taken.getsockname()[1]}"
        settings = world.workers.settings.model_copy(update={"bounces": setting})
        with pytest.raises(Unavailable, match=f"SK_BOUNCES: nobody can listen at {setting}"):
            async with taking_bounces(NAMES, replace(world.workers, settings=settings)):
                pytest.fail("it listens")


async def test_other_workers_and_an_installation_without_bounces_listen_nowhere(world: World) -> None:
    off = replace(world.workers, settings=world.workers.settings.model_copy(update={"bounces": ""}))
    for names, services in ((["delivery", "evidence", "relay"], world.workers), (NAMES, off)):
        async with taking_bounces(names, services):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.to_thread(MailServer(world.workers.settings.bounces).connect)


def test_the_platform_takes_bounces_as_it_is_started_by_an_operator(tmp_path: Path) -> None:
    with running(Embedded(tmp_path, {"bounces": f"lmtp://{tmp_path}/lmtp"})) as platform:
        assert MailServer(f"lmtp://{tmp_path}/lmtp").bring("servicekonto@localhost", dsn()) == 550
        assert platform.end() == [0]
