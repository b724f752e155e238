"""The messages between us and an eID-Server (TR-03130-1 section 3): what we ask, and how its answers are read.

Elements are found by their local names: the text of the guideline, its examples and the servers differ in namespaces,
capitals and in the name of the level of assurance.
"""

from typing import Literal, NamedTuple, get_args

from sk.auth.eid.card import EID_TYPES, CardData
from sk.auth.eid.personal_data import read_card
from sk.auth.eid.wsse import SOAP
from sk.xml import Element, Malformed, Namespace, child, needed, text

EID = Namespace("eid", "http://bsi.bund.de/eID/")
Operation = Literal[
    "DocumentType", "IssuingState", "DateOfExpiry", "GivenNames", "FamilyNames", "ArtisticName", "AcademicTitle",
    "DateOfBirth", "PlaceOfBirth", "Nationality", "BirthName", "PlaceOfResidence", "CommunityID", "ResidencePermitI",
    "RestrictedID", "AgeVerification", "PlaceVerification",
]  # fmt: skip
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
ALLOWED: frozenset[Operation] = frozenset({"ArtisticName", "AcademicTitle", "BirthName"})
"""What not every card has, and its owner may keep to themselves."""
UNUSED: frozenset[Operation] = frozenset({"CommunityID", "ResidencePermitI", "AgeVerification", "PlaceVerification"})
LOWEST = "http://bsi.bund.de/eID/LoA/normal"

MAJOR = "http://www.bsi.bund.de/ecard/api/1.1/resultmajor#"
MINOR = "http://www.bsi.bund.de/eid/server/2.0/resultminor/"
ECARD_MINOR = "http://www.bsi.bund.de/ecard/api/1.1/resultminor/"
"""Where the reasons of TR-03112 stand, which an eID-Server may hand on: `sal#cancellationByUser`."""
ResultMinor = Literal[
    "common#internalError", "common#schemaViolation",
    "useID#invalidPSK", "useID#tooManyOpenSessions", "useID#missingArgument", "useID#missingTerminalRights",
    "getResult#noResultYet", "getResult#invalidSession", "getResult#invalidCounter", "getResult#deniedDocument",
    "getResult#invalidDocument",
]  # fmt: skip
RESULT_MINORS: tuple[ResultMinor, ...] = get_args(ResultMinor)


class Refused(NamedTuple):
    """An eID-Server's no, without the first part of its address: one of `RESULT_MINORS`, or one of TR-03112."""

    minor: str
    message: str = ""


class Started(NamedTuple):
    """A use of the card that has begun: how we ask for its result, and what goes into the TCToken.

    `session_id` stays between us and the eID-Server; the card's owner gets `session_identifier` and `psk`. A server
    that tells its connections apart by other means gives no PSK, and then both identifiers are the same. The address
    is empty if it is always the same.
    """

    session_id: str
    session_identifier: str
    psk: bytes | None
    server_address: str


def use_id_request() -> Element:
    """Return the envelope of a request to begin. Any kind of card will do, as we are told which one it was."""
    operations = (EID(name, _wanted(name)) for name in OPERATIONS if name not in UNUSED)
    types = (EID(name, "ALLOWED") for name in EID_TYPES)
    return _envelope(
        EID(
            "useIDRequest",
            EID("UseOperations", *operations),
            EID("LevelOfAssuranceRequest", LOWEST),
            EID("EIDTypeRequest", *types),
        )
    )


def get_result_request(session_id: str, counter: int) -> Element:
    """Return the envelope of a request for the result: the first of a session has the counter 1, the next 2."""
    session = EID("Session", EID("ID", session_id))
    return _envelope(EID("getResultRequest", session, EID("RequestCounter", str(counter))))


def _wanted(name: Operation) -> str:
    return "ALLOWED" if name in ALLOWED else "REQUIRED"


def _envelope(message: Element) -> Element:
    return SOAP("Envelope", SOAP("Body", message))


def read_use_id(body: Element) -> Started | Refused:
    """Return what a signed Body says of a beginning, or raise `Malformed`."""
    response = needed(body, "useIDResponse")
    if refused := _refused(response):
        return refused
    session_id, psk = text(needed(response, "Session"), "ID"), child(response, "PSK")
    identifier, key = (text(psk, "ID"), text(psk, "Key")) if psk is not None else ("", "")
    if not session_id or bool(identifier) != bool(key):
        raise Malformed
    try:
        secret = bytes.fromhex(key) if key else None
    except ValueError:
        raise Malformed from None
    return Started(session_id, identifier or session_id, secret, text(response, "eCardServerAddress"))


def read_get_result(body: Element) -> CardData | Refused:
    """Return what a signed Body says of a card, or raise `Malformed`."""
    response = needed(body, "getResultResponse")
    if refused := _refused(response):
        return refused
    return read_card(response)


def _refused(response: Element) -> Refused | None:
    """Return the refusal in an answer, if it is none of success."""
    result = needed(response, "Result")
    if text(result, "ResultMajor") == MAJOR + "ok":
        return None
    minor = text(result, "ResultMinor").removeprefix(MINOR).removeprefix(ECARD_MINOR)
    return Refused(minor, text(result, "ResultMessage"))
