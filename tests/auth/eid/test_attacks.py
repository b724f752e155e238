"""Attacks on the way between us and an eID-Server: what was said once is not said again, and nobody else is heard."""

from datetime import timedelta

import pytest

from sk.auth.eid.messages import (
    Refused,
    get_result_request,
    read_get_result,
    read_use_id,
    use_id_request,
)
from sk.auth.eid.server import GET_RESULT, USE_ID, CardUseOver, EidServer, NoResultYet
from sk.auth.eid.simulator import SESSIONS_MAX, Simulator
from sk.auth.eid.wsse import SOAP, sign
from sk.errors import Unavailable
from tests.auth.eid.asking import ERIKA, signed, told
from tests.auth.eid.parties import STRANGER, changed, part, written
from tests.fakes import FakeClock


async def test_soap_replay_of_a_get_result_is_refused(simulator: Simulator, server: EidServer) -> None:
    started = await server.use_id()
    early, late = (signed(get_result_request(started.session_id, counter), server) for counter in (1, 2))
    assert read_get_result(await told(server, GET_RESULT, early)) == Refused("getResult#noResultYet")
    simulator.decide(started.session_identifier, "erika", "pin")
    assert read_get_result(await told(server, GET_RESULT, late)) == ERIKA

    assert read_get_result(await told(server, GET_RESULT, late)) == Refused("getResult#invalidSession")
    assert read_get_result(await told(server, GET_RESULT, early)) == Refused("getResult#invalidSession")


async def test_soap_replay_while_there_is_no_result_is_refused_and_ends_the_session(
    simulator: Simulator, server: EidServer
) -> None:
    started = await server.use_id()
    message = signed(get_result_request(started.session_id, 1), server)
    assert read_get_result(await told(server, GET_RESULT, message)) == Refused("getResult#noResultYet")

    assert read_get_result(await told(server, GET_RESULT, message)) == Refused("getResult#invalidCounter")
    assert simulator.decide(started.session_identifier, "erika", "pin") != ""


@pytest.mark.parametrize("counter", [0, 2, 3, 2**40])
async def test_a_counter_gap_is_refused_and_ends_the_session(
    simulator: Simulator, server: EidServer, counter: int
) -> None:
    started = await server.use_id()
    simulator.decide(started.session_identifier, "erika", "pin")

    answer = await told(server, GET_RESULT, signed(get_result_request(started.session_id, counter), server))
    assert read_get_result(answer) == Refused("getResult#invalidCounter")
    with pytest.raises(CardUseOver):
        await server.get_result(started.session_id, 1)


async def test_a_replayed_answer_is_good_for_five_minutes_at_most(server: EidServer, clock: FakeClock) -> None:
    recorded = await server.transport(USE_ID, signed(use_id_request(), server))

    async def replay(_: str, __: bytes) -> bytes:
        return recorded

    replayed = EidServer(replay, server.key, server.certificate, server.server_certificate, "", clock)
    await replayed.use_id()
    clock.advance(minutes=6, seconds=1)
    with pytest.raises(Unavailable):
        await replayed.use_id()


async def test_the_result_of_another_session_is_not_told(simulator: Simulator, server: EidServer) -> None:
    mine, theirs = await server.use_id(), await server.use_id()
    simulator.decide(theirs.session_identifier, "timo", "pin")

    with pytest.raises(NoResultYet):
        await server.get_result(mine.session_id, 1)


@pytest.mark.parametrize("action", [USE_ID, GET_RESULT])
async def test_an_unsigned_request_is_refused(server: EidServer, action: str) -> None:
    request = use_id_request() if action == USE_ID else get_result_request("7f" * 16, 1)
    header = changed(signed(request, server), lambda root: root.remove(part(root, SOAP.tag("Header"))))
    forged = sign(request, *STRANGER, server.clock.now())
    expired = sign(request, server.key, server.certificate, server.clock.now() - timedelta(minutes=7))
    read = read_use_id if action == USE_ID else read_get_result

    for message in (written(request), header, forged, expired, b"", b"<!DOCTYPE a><a/>"):
        assert read(await told(server, action, message)) == Refused("common#internalError")


async def test_no_more_uses_of_the_card_are_open_than_there_is_room_for(server: EidServer, clock: FakeClock) -> None:
    message = signed(use_id_request(), server)
    for _ in range(SESSIONS_MAX):
        await server.transport(USE_ID, message)
    assert read_use_id(await told(server, USE_ID, message)) == Refused("useID#tooManyOpenSessions")

    clock.advance(minutes=10)
    await server.use_id()
