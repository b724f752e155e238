"""The cards that the simulator holds, and how they come through to us."""

from datetime import date

import pytest

from sk.auth.eid.messages import (
    EID,
    Refused,
    Started,
    get_result_request,
    read_get_result,
)
from sk.auth.eid.server import GET_RESULT, CardRefused, EidServer
from sk.auth.eid.simulator import ENDINGS, Choice, Simulator
from sk.auth.eid.simulator_personas import next_card, on_a_phone, personas
from sk.xml import needed, text
from tests.auth.eid.asking import BASE_URL, ERIKA, TODAY, asked_to_begin, read, signed, told
from tests.fakes import FakeClock


async def test_a_card_is_read_as_it_is(simulator: Simulator) -> None:
    card = await read(simulator)

    assert card == ERIKA
    assert (card.given_names, card.family_names, card.birth_name) == ("ERIKA", "MUSTERMANN", "GABLER")
    assert (card.street, card.postal_code, card.city) == ("HEIDESTRAẞE 17", "51147", "KÖLN")
    assert (card.level, card.eid_type, card.expires_on) == ("high", "CardCertified", date(2029, 10, 31))


@pytest.mark.parametrize("persona", personas(TODAY))
@pytest.mark.parametrize("level_name", ["LevelOfAssuranceResult", "LevelOfAssuranceResponse"])
async def test_everybodys_card_comes_through_as_it_is(persona: str, level_name: str, clock: FakeClock) -> None:
    simulator = Simulator(clock, BASE_URL, level_name)

    assert await read(simulator, persona) == simulator.personas()[persona].card


def test_everybody_is_there_for_something_that_real_cards_have() -> None:
    cards = {name: persona.card for name, persona in personas(TODAY).items()}

    assert len({card.pseudonym for card in cards.values()}) == len(cards)
    assert cards["soeren"].birth_name == ""
    assert set("ÄÖÜẞ") <= set("".join(cards["soeren"].model_dump(include={"family_names", "street"}).values()))
    assert (cards["amelie"].city, cards["amelie"].residence != "") == ("", True)
    assert cards["konrad"].date_of_birth.known == "1950-03"
    assert (cards["samira"].document_type, cards["samira"].date_of_birth.known) == ("AR", "1979")
    assert cards["mia"].date_of_birth.known > "2010-11-23"
    assert (cards["timo"].level, cards["timo"].eid_type) == ("substantial", "SEEndorsed")


async def test_a_card_shows_the_same_pseudonym_whenever_and_wherever(simulator: Simulator, clock: FakeClock) -> None:
    assert (await read(simulator)).pseudonym == (await read(Simulator(clock, "https://elsewhere"))).pseudonym


async def test_a_new_card_of_the_same_person_shows_another_pseudonym(simulator: Simulator) -> None:
    new = await read(simulator, choice="new-card")

    assert new == next_card(ERIKA)
    assert new.pseudonym != ERIKA.pseudonym
    assert new.expires_on
    assert ERIKA.expires_on
    assert new.expires_on > ERIKA.expires_on


async def test_a_card_in_a_phone_may_count_for_less(simulator: Simulator) -> None:
    card = await read(simulator, choice="lower-level")

    assert card == on_a_phone(ERIKA)
    assert (card.level, card.eid_type) == ("low", "HWKeyStore")


async def test_what_is_voluntary_can_be_denied(simulator: Simulator) -> None:
    card = await read(simulator, "soeren", "deny-voluntary")

    whole = simulator.personas()["soeren"].card
    assert (whole.academic_title, whole.artistic_name) == ("DR.", "ÆGIR")
    assert card == whole.model_copy(update={"academic_title": "", "artistic_name": ""})


async def test_what_was_denied_and_what_is_not_on_the_chip_is_told_apart(
    simulator: Simulator, server: EidServer
) -> None:
    started = await server.use_id()
    simulator.decide(started.session_identifier, "soeren", "deny-voluntary")
    body = await told(server, GET_RESULT, signed(get_result_request(started.session_id, 1), server))

    allowed = needed(needed(body, "getResultResponse"), "OperationsAllowedByUser")
    assert [text(allowed, name) for name in ("GivenNames", "AcademicTitle", "BirthName", "CommunityID")] == [
        "ALLOWED", "PROHIBITED", "PROHIBITED", "PROHIBITED",
    ]  # fmt: skip
    simulator.decide((again := await server.use_id()).session_identifier, "soeren", "pin")
    body = await told(server, GET_RESULT, signed(get_result_request(again.session_id, 1), server))
    assert text(needed(needed(body, "getResultResponse"), "OperationsAllowedByUser"), "BirthName") == "NOTONCHIP"


@pytest.mark.parametrize(("choice", "client", "minor"), [
    ("cancel", "cancellationByUser", "sal#cancellationByUser"),
    ("wrong-pin", "clientError", "al/common#unknownError"),
    ("expired", "serverError", "getResult#invalidDocument"),
    ("blocked", "serverError", "getResult#invalidDocument"),
    ("denied", "serverError", "getResult#deniedDocument"),
])  # fmt: skip
async def test_a_card_that_is_not_read_is_told_of_on_both_ways(
    simulator: Simulator, server: EidServer, choice: Choice, client: str, minor: str
) -> None:
    started = await server.use_id()

    assert simulator.decide(started.session_identifier, "erika", choice) == client
    with pytest.raises(CardRefused) as raised:
        await server.get_result(started.session_id, 1)
    assert raised.value.minor == minor
    assert choice in ENDINGS


@pytest.mark.parametrize(
    ("level", "types", "persona", "minor"),
    [
        ("hoch", {}, "erika", ""),
        ("hoch", {}, "timo", "getResult#deniedDocument"),
        ("hoch", {"SEEndorsed": "ALLOWED"}, "timo", ""),
        ("normal", {"SEEndorsed": "DENIED"}, "timo", "getResult#deniedDocument"),
        ("", {"CardCertified": "DENIED"}, "erika", "getResult#deniedDocument"),
        ("substantiell", {}, "timo", ""),
    ],
)
async def test_a_kind_of_card_is_taken_if_it_is_allowed_or_else_if_its_level_will_do(
    simulator: Simulator, server: EidServer, level: str, types: dict[str, str], persona: str, minor: str
) -> None:
    wanted = [EID("UseOperations", *(EID(name, "REQUIRED") for name in REQUIRED))]
    wanted += [EID("LevelOfAssuranceRequest", f"http://bsi.bund.de/eID/LoA/{level}")] if level else []
    wanted += [EID("EIDTypeRequest", *(EID(name, said) for name, said in types.items()))] if types else []
    started = await asked_to_begin(server, *wanted)
    assert isinstance(started, Started)
    simulator.decide(started.session_identifier, persona, "pin")

    body = await told(server, GET_RESULT, signed(get_result_request(started.session_id, 1), server))
    result = read_get_result(body)

    assert (result.minor if isinstance(result, Refused) else "") == minor


REQUIRED = ("DocumentType", "GivenNames", "FamilyNames", "DateOfBirth", "RestrictedID")
