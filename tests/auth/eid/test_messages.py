"""The messages between us and an eID-Server: what we send, letter for letter, and the many ways to answer it."""

from datetime import date

import pytest

from sk.auth.eid.card import CardData, DateString
from sk.auth.eid.messages import (
    RESULT_MINORS,
    Refused,
    Started,
    get_result_request,
    read_get_result,
    read_use_id,
    use_id_request,
)
from sk.xml import Element, Malformed, parse
from sk.xmldsig import canonical
from tests.auth.eid.answers import EID_TYPE, LEVEL, PSEUDONYM, RESULT_OK, body, get_result

USE_ID = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:eid="http://bsi.bund.de/eID/">
  <soapenv:Body>
    <eid:useIDRequest>
      <eid:UseOperations>
        <eid:DocumentType>REQUIRED</eid:DocumentType>
        <eid:IssuingState>REQUIRED</eid:IssuingState>
        <eid:DateOfExpiry>REQUIRED</eid:DateOfExpiry>
        <eid:GivenNames>REQUIRED</eid:GivenNames>
        <eid:FamilyNames>REQUIRED</eid:FamilyNames>
        <eid:ArtisticName>ALLOWED</eid:ArtisticName>
        <eid:AcademicTitle>ALLOWED</eid:AcademicTitle>
        <eid:DateOfBirth>REQUIRED</eid:DateOfBirth>
        <eid:PlaceOfBirth>REQUIRED</eid:PlaceOfBirth>
        <eid:Nationality>REQUIRED</eid:Nationality>
        <eid:BirthName>ALLOWED</eid:BirthName>
        <eid:PlaceOfResidence>REQUIRED</eid:PlaceOfResidence>
        <eid:RestrictedID>REQUIRED</eid:RestrictedID>
      </eid:UseOperations>
      <eid:LevelOfAssuranceRequest>http://bsi.bund.de/eID/LoA/normal</eid:LevelOfAssuranceRequest>
      <eid:EIDTypeRequest>
        <eid:CardCertified>ALLOWED</eid:CardCertified>
        <eid:SECertified>ALLOWED</eid:SECertified>
        <eid:SEEndorsed>ALLOWED</eid:SEEndorsed>
        <eid:HWKeyStore>ALLOWED</eid:HWKeyStore>
      </eid:EIDTypeRequest>
    </eid:useIDRequest>
  </soapenv:Body>
</soapenv:Envelope>"""
GET_RESULT = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:eid="http://bsi.bund.de/eID/">
  <soapenv:Body>
    <eid:getResultRequest>
      <eid:Session>
        <eid:ID>1234567890abcdef1234567890abcdef</eid:ID>
      </eid:Session>
      <eid:RequestCounter>2</eid:RequestCounter>
    </eid:getResultRequest>
  </soapenv:Body>
</soapenv:Envelope>"""
SESSION = "<eid:Session><eid:ID>1234567890abcdef1234567890abcdef</eid:ID></eid:Session>"
PSK = "<eid:PSK><eid:ID>0987654321abcdef1234567890abcdef</eid:ID><eid:Key>FEDCBA0987654321</eid:Key></eid:PSK>"
ERIKA = CardData(
    pseudonym=PSEUDONYM,
    document_type="ID",
    issuing_state="D",
    expires_on=date(2029, 10, 31),
    given_names="ERIKA",
    family_names="MUSTERMANN",
    birth_name="GABLER",
    date_of_birth=DateString(raw="19640812"),
    place_of_birth="BERLIN",
    street="HEIDESTRAẞE 17",
    postal_code="51147",
    city="KÖLN",
    country="D",
    nationality="D",
    level="high",
    eid_type="CardCertified",
)
STRUCTURED = """<eid:StructuredPlace>
      <eid:Street>HEIDESTRAẞE 17</eid:Street>
      <eid:City>KÖLN</eid:City>
      <eid:Country>D</eid:Country>
      <eid:ZipCode>51147</eid:ZipCode>
    </eid:StructuredPlace>"""
NO_ADDRESS = {"street": "", "postal_code": "", "city": "", "country": ""}


def golden(text: str) -> bytes:
    """Return a golden message without the blanks that lay it out."""
    return canonical(parse("".join(line.strip() for line in text.splitlines()).encode()))


def erika(**changes: object) -> CardData:
    """Return what Erika's card says, but for the changes."""
    return ERIKA.model_copy(update=changes)


def test_a_request_to_begin_asks_for_what_we_need_and_no_more() -> None:
    assert canonical(use_id_request()) == golden(USE_ID)


def test_a_request_for_the_result_names_the_session_and_counts() -> None:
    assert canonical(get_result_request("1234567890abcdef1234567890abcdef", 2)) == golden(GET_RESULT)


def use_id(*parts: str) -> Element:
    """Return an answer to a request to begin."""
    return body(f"<eid:useIDResponse>{''.join(parts)}</eid:useIDResponse>")


def test_what_has_begun_has_two_names_of_which_one_stays_with_us() -> None:
    address = "<eid:eCardServerAddress>https://eid.example.org/paos</eid:eCardServerAddress>"
    started = read_use_id(use_id(SESSION, address, PSK, RESULT_OK))

    assert started == Started(
        session_id="1234567890abcdef1234567890abcdef",
        session_identifier="0987654321abcdef1234567890abcdef",
        psk=bytes.fromhex("fedcba0987654321"),
        server_address="https://eid.example.org/paos",
    )


def test_an_eid_server_may_do_without_a_psk_and_without_telling_its_address() -> None:
    started = read_use_id(use_id(SESSION, "<eid:eCardServerAddress/>", RESULT_OK))

    assert started == Started("1234567890abcdef1234567890abcdef", "1234567890abcdef1234567890abcdef", None, "")


@pytest.mark.parametrize(
    "parts",
    [
        (PSK, RESULT_OK),
        (SESSION, PSK),
        (SESSION, "<eid:PSK><eid:ID>0987654321abcdef</eid:ID></eid:PSK>", RESULT_OK),
        (SESSION, "<eid:PSK><eid:Key>fedcba0987654321</eid:Key></eid:PSK>", RESULT_OK),
        (SESSION, PSK.replace("FEDC", "secr"), RESULT_OK),
        (SESSION, SESSION, RESULT_OK),
        (SESSION, PSK, PSK, RESULT_OK),
    ],
)
def test_a_beginning_of_which_something_is_missing_wrong_or_doubled_is_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        read_use_id(use_id(*parts))


def test_what_a_card_says_is_kept_in_its_own_spelling() -> None:
    assert read_get_result(get_result()) == ERIKA


@pytest.mark.parametrize(
    "more",
    [
        LEVEL + EID_TYPE,
        LEVEL.replace("AssuranceResult", "AssuranceResponse") + EID_TYPE,
        LEVEL + EID_TYPE.replace("EIDType", "EidType").replace("CardCertified", "cardCertified"),
        LEVEL.replace(">http", ">\n   http") + EID_TYPE.replace("</eid:EID", "<eid:SECertified/></eid:EID"),
        EID_TYPE,
    ],
)
def test_the_level_is_found_under_all_names_that_it_goes_by(more: str) -> None:
    assert read_get_result(get_result(more=more)) == ERIKA


def test_a_card_of_which_nobody_says_a_level_counts_as_low() -> None:
    assert read_get_result(get_result(more="")) == erika(level="low", eid_type=None)
    assert read_get_result(get_result(more=LEVEL)) == erika(eid_type=None)


def test_of_two_kinds_of_cards_the_weaker_one_is_told() -> None:
    both = EID_TYPE.replace("</eid:EID", "<eid:SEEndorsed>USED</eid:SEEndorsed></eid:EID")
    assert read_get_result(get_result(more=both)) == erika(level="substantial", eid_type="SEEndorsed")


@pytest.mark.parametrize("instead", ["", "<eid:BirthName/>", "<eid:BirthName>NOTONCHIP</eid:BirthName>"])
def test_a_name_that_is_not_on_the_chip_is_none(instead: str) -> None:
    answer = get_result(("<eid:BirthName>GABLER</eid:BirthName>", instead))
    assert read_get_result(answer) == erika(birth_name="")


@pytest.mark.parametrize(
    ("written", "raw"),
    [
        ("<eid:DateString>1964    </eid:DateString>", "1964    "),
        ("<eid:DateString>    0812</eid:DateString>", "    0812"),
        ("<eid:DateString>\n     196408\n  </eid:DateString>", "196408  "),
    ],
)
def test_unknown_parts_of_a_day_of_birth_stay_unknown(written: str, raw: str) -> None:
    whole = "<eid:DateString>19640812</eid:DateString><eid:DateValue>1964-08-12</eid:DateValue>"
    assert read_get_result(get_result((whole, written))) == erika(date_of_birth=DateString(raw=raw))


def test_an_address_may_be_structured_free_text_or_none_at_all() -> None:
    free = get_result((STRUCTURED, "<eid:FreetextPlace>12 RUE DES LILAS, STRASBOURG</eid:FreetextPlace>"))
    none = get_result((STRUCTURED, "<eid:NoPlaceInfo>KEINE WOHNUNG IN DEUTSCHLAND</eid:NoPlaceInfo>"))
    no_street = get_result(("      <eid:Street>HEIDESTRAẞE 17</eid:Street>\n", ""))

    assert read_get_result(free) == erika(**NO_ADDRESS, residence="12 RUE DES LILAS, STRASBOURG")
    assert read_get_result(none) == erika(**NO_ADDRESS, residence="KEINE WOHNUNG IN DEUTSCHLAND")
    assert read_get_result(no_street) == erika(street="")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (
            "<eid:StructuredPlace><eid:City>ALEPPO</eid:City><eid:Country>SYR</eid:Country></eid:StructuredPlace>",
            "ALEPPO, SYR",
        ),
        ("<eid:NoPlaceInfo>UNBEKANNT</eid:NoPlaceInfo>", ""),
    ],
)
def test_a_place_of_birth_is_told_in_one_line(place: str, told: str) -> None:
    answer = get_result(("<eid:FreetextPlace>BERLIN</eid:FreetextPlace>", place))
    assert read_get_result(answer) == erika(place_of_birth=told)


@pytest.mark.parametrize(
    ("said", "day"), [("2029-10-31+01:00", date(2029, 10, 31)), ("2029-10-31Z", date(2029, 10, 31)), ("", None)]
)
def test_the_day_on_which_a_card_expires_has_no_time_zone(said: str, day: date | None) -> None:
    assert read_get_result(get_result((">2029-10-31<", f">{said}<"))) == erika(expires_on=day)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PSEUDONYM.upper(), ""),
        (PSEUDONYM.upper(), "not hex"),
        ("eid:RestrictedID>", "eid:Pseudonym>"),
        ("19640812", "tomorrow"),
        ("2029-10-31", "soon"),
        (
            "<eid:GivenNames>ERIKA</eid:GivenNames>",
            "<eid:GivenNames>ERIKA</eid:GivenNames><eid:givenNames>EVA</eid:givenNames>",
        ),
        ("ERIKA", "<eid:Name>ERIKA</eid:Name>"),
        ("eid:PersonalData>", "eid:Data>"),
    ],
)
def test_a_result_of_which_something_is_missing_wrong_or_doubled_is_refused(before: str, after: str) -> None:
    with pytest.raises(Malformed):
        read_get_result(get_result((before, after)))


@pytest.mark.parametrize("minor", RESULT_MINORS)
def test_every_refusal_of_the_guideline_is_read(minor: str) -> None:
    uri = f"http://www.bsi.bund.de/eid/server/2.0/resultminor/{minor}"
    major = "http://www.bsi.bund.de/ecard/api/1.1/resultmajor#error"
    message = "<dss:ResultMessage>Es ging nicht.</dss:ResultMessage>"
    parts = f"<dss:ResultMajor>{major}</dss:ResultMajor><ResultMinor>\n{uri}</ResultMinor>{message}"
    result = f"<dss:Result>{parts}</dss:Result>"

    assert read_use_id(use_id(result)) == Refused(minor, "Es ging nicht.")
    answer = body(f"<eid:getResultResponse>{result}</eid:getResultResponse>")
    assert read_get_result(answer) == Refused(minor, "Es ging nicht.")


def test_a_refusal_with_data_is_a_refusal() -> None:
    answer = get_result(more=RESULT_OK.replace("#ok", "#error"))
    with pytest.raises(Malformed):
        read_get_result(answer)  # two results
    warning = body(f"<eid:useIDResponse>{SESSION}{PSK}{RESULT_OK.replace('#ok', '#warning')}</eid:useIDResponse>")
    assert read_use_id(warning) == Refused("")


def test_an_answer_to_something_else_is_refused() -> None:
    with pytest.raises(Malformed):
        read_get_result(use_id(SESSION, PSK, RESULT_OK))
    with pytest.raises(Malformed):
        read_use_id(get_result())
