"""The simulated eID-Server: it keeps to the guideline where that binds a real one."""

import re
from collections.abc import Collection

import pytest

from sk.auth.eid.messages import (
    EID,
    RESULT_MINORS,
    Refused,
    ResultMinor,
    Started,
    get_result_request,
    read_get_result,
    read_use_id,
    use_id_request,
)
from sk.auth.eid.server import GET_RESULT, USE_ID, CardUseOver, EidServer, NoResultYet
from sk.auth.eid.simulator import LASTS, Simulator
from sk.auth.eid.wsse import SOAP
from sk.xml import Element, needed, text
from tests.auth.eid.asking import ERIKA, asked_to_begin, signed, told
from tests.fakes import FakeClock


async def test_a_use_of_the_card_has_random_names_that_nobody_can_guess(server: EidServer) -> None:
    one, other = await server.use_id(), await server.use_id()

    assert len({one.session_id, one.session_identifier, other.session_id, other.session_identifier}) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in (one.session_id, one.session_identifier))
    assert one.psk
    assert len(one.psk) == 32
    assert one.server_address.startswith("https://konto.example.org/")


async def test_there_is_no_result_before_a_card_was_shown(simulator: Simulator, server: EidServer) -> None:
    started = await server.use_id()
    for counter in (1, 2):
        with pytest.raises(NoResultYet):
            await server.get_result(started.session_id, counter)
    simulator.decide(started.session_identifier, "erika", "pin")

    assert await server.get_result(started.session_id, 3) == ERIKA


async def test_a_result_may_come_late(simulator: Simulator, server: EidServer) -> None:
    started = await server.use_id()
    simulator.decide(started.session_identifier, "erika", "late")
    for counter in (1, 2):
        with pytest.raises(NoResultYet):
            await server.get_result(started.session_id, counter)

    assert await server.get_result(started.session_id, 3) == ERIKA


async def test_a_result_is_told_once(simulator: Simulator, server: EidServer) -> None:
    started = await server.use_id()
    simulator.decide(started.session_identifier, "erika", "pin")
    await server.get_result(started.session_id, 1)

    for counter in (1, 2):
        with pytest.raises(CardUseOver):
            await server.get_result(started.session_id, counter)


async def test_a_card_can_be_shown_once(simulator: Simulator, server: EidServer) -> None:
    started = await server.use_id()
    assert simulator.decide(started.session_identifier, "erika", "pin") == ""

    assert simulator.decide(started.session_identifier, "timo", "pin") == "trustedChannelEstablishmentFailed"
    assert await server.get_result(started.session_id, 1) == ERIKA


async def test_the_name_that_the_client_knows_asks_for_no_result(simulator: Simulator, server: EidServer) -> None:
    started = await server.use_id()
    simulator.decide(started.session_identifier, "erika", "pin")

    with pytest.raises(CardUseOver):
        await server.get_result(started.session_identifier, 1)
    assert simulator.decide(started.session_id, "erika", "pin") == "trustedChannelEstablishmentFailed"


async def test_a_use_of_the_card_ends_after_ten_minutes(
    simulator: Simulator, server: EidServer, clock: FakeClock
) -> None:
    started = await server.use_id()
    clock.advance(seconds=LASTS.total_seconds())

    assert simulator.decide(started.session_identifier, "erika", "pin") == "trustedChannelEstablishmentFailed"
    with pytest.raises(CardUseOver):
        await server.get_result(started.session_id, 1)


def operations(**said: str) -> Element:
    """Return which data groups are to be read."""
    return EID("UseOperations", *(EID(name, value) for name, value in said.items()))


PSK = EID("PSK", EID("ID", "0123456789abcdef"), EID("Key", "fedcba9876543210"))
SCHEMA = "common#schemaViolation"


@pytest.mark.parametrize(
    ("inside", "minor"),
    [
        ([], SCHEMA),
        ([operations(Nothing="REQUIRED")], SCHEMA),
        ([operations(GivenNames="PERHAPS")], SCHEMA),
        ([operations(GivenNames="REQUIRED"), EID("LevelOfAssuranceRequest", "high")], SCHEMA),
        ([operations(GivenNames="REQUIRED"), EID("EIDTypeRequest", EID("Paper", "ALLOWED"))], SCHEMA),
        ([operations(GivenNames="REQUIRED"), EID("EIDTypeRequest", EID("SECertified", "USED"))], SCHEMA),
        ([operations(AgeVerification="REQUIRED")], "useID#missingArgument"),
        ([operations(PlaceVerification="ALLOWED")], "useID#missingArgument"),
        ([operations(AgeVerification="REQUIRED"), EID("AgeVerificationRequest")], "useID#missingTerminalRights"),
        ([operations(CommunityID="ALLOWED")], "useID#missingTerminalRights"),
        ([operations(GivenNames="REQUIRED"), EID("PSK", EID("ID", "short"), EID("Key", "fe"))], "useID#invalidPSK"),
    ],
)
async def test_a_request_to_begin_that_is_not_in_order_is_refused(
    server: EidServer, inside: Collection[Element], minor: str
) -> None:
    assert await asked_to_begin(server, *inside) == Refused(minor)


async def test_a_psk_that_we_choose_is_the_one_that_is_used(server: EidServer) -> None:
    started = await asked_to_begin(server, operations(GivenNames="REQUIRED"), PSK)

    assert isinstance(started, Started)
    assert (started.session_identifier, started.psk) == ("0123456789abcdef", bytes.fromhex("fedcba9876543210"))


@pytest.mark.parametrize("counter", ["", "-1", "one", "1.0", "²"])
async def test_a_request_for_a_result_that_is_not_in_order_is_refused(server: EidServer, counter: str) -> None:
    request = get_result_request("7f" * 16, 1)
    for element in request.iter(EID.tag("RequestCounter")):
        element.text = counter

    assert read_get_result(await told(server, GET_RESULT, signed(request, server))) == Refused(SCHEMA)


@pytest.mark.parametrize("minor", RESULT_MINORS)
async def test_every_reason_can_be_had_for_an_answer(
    simulator: Simulator, server: EidServer, minor: ResultMinor
) -> None:
    started = await server.use_id()
    simulator.refuse_next(minor)
    answer = await told(server, GET_RESULT, signed(get_result_request(started.session_id, 1), server))
    assert read_get_result(answer) == Refused(minor)

    simulator.refuse_next(minor)
    assert read_use_id(await told(server, USE_ID, signed(use_id_request(), server))) == Refused(minor)

    started = await server.use_id()
    assert simulator.decide(started.session_identifier, "erika", "pin", minor) == ""
    answer = await told(server, GET_RESULT, signed(get_result_request(started.session_id, 1), server))
    assert read_get_result(answer) == Refused(minor)


async def test_the_server_tells_what_it_is_and_may_do(server: EidServer) -> None:
    envelope = SOAP("Envelope", SOAP("Body", EID("getServerInfoRequest")))
    body = await told(server, EID.tag("getServerInfo"), signed(envelope, server))

    told_of = needed(body, "getServerInfoResponse")
    assert text(needed(told_of, "ServerVersion"), "Major") == "2"
    assert text(needed(told_of, "DocumentVerificationRights"), "RestrictedID") == "ALLOWED"
    assert text(needed(told_of, "DocumentVerificationRights"), "CommunityID") == "PROHIBITED"
