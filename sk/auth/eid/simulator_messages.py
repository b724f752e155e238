"""The messages of the simulated eID-Server: how requests are read, and what is answered (TR-03130-1 section 3)."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from lxml import etree

from sk.auth.eid.card import EID_TYPES, CardData
from sk.auth.eid.messages import EID, MAJOR, OPERATIONS, UNUSED, Operation, Started
from sk.auth.eid.wsse import SOAP
from sk.auth.trust import NAMES, level_named, reaches
from sk.xml import Element, Malformed, Namespace, child, local_name, needed, text, value

DSS = Namespace("dss", "urn:oasis:names:tc:dss:1.0:core:schema")
UNDEFINED = "http://bsi.bund.de/eID/LoA/undefined"
REQUESTED = ("REQUIRED", "ALLOWED")


class UseId(NamedTuple):
    """A request to begin: which data groups, and which kinds of cards will do."""

    operations: Mapping[str, str]
    lacks_argument: bool = False
    level: str = ""
    types: Mapping[str, str] = {}
    psk: tuple[str, str] | None = None

    @property
    def requested(self) -> Collection[str]:
        """Return the names of the data groups and functions that are to be used."""
        return [name for name, said in self.operations.items() if said in REQUESTED]

    def takes(self, card: CardData) -> bool:
        """Tell whether a card will do: what is said of its kind counts first, then the level (section 3.3.12)."""
        said = self.types.get(card.eid_type or "")
        return said == "ALLOWED" if said else reaches(card.level, level_named(self.level) or "low")


class GetResult(NamedTuple):
    """A request for a result."""

    session_id: str
    counter: int


class GetServerInfo(NamedTuple):
    """A request for what the server is and may do."""


def read_request(body: Element) -> UseId | GetResult | GetServerInfo:
    """Return what a signed Body asks for; `Malformed` if it does not keep to the schema."""
    if len(body) != 1:
        raise Malformed
    match local_name(request := body[0]):
        case "useIDRequest":
            return _read_use_id(request)
        case "getResultRequest":
            counter = text(request, "RequestCounter")
            if not (counter.isascii() and counter.isdigit()):
                raise Malformed
            return GetResult(text(needed(request, "Session"), "ID"), int(counter))
        case "getServerInfoRequest":
            return GetServerInfo()
    raise Malformed


def _read_use_id(request: Element) -> UseId:
    operations = {local_name(one): value(one) or "PROHIBITED" for one in needed(request, "UseOperations")}
    types = {local_name(one): value(one) for one in _children(request, "EIDTypeRequest")}
    level, psk = text(request, "LevelOfAssuranceRequest"), child(request, "PSK")
    wrong = (
        operations.keys() - set(OPERATIONS),
        set(operations.values()) - {*REQUESTED, "PROHIBITED"},
        types.keys() - set(EID_TYPES),
        set(types.values()) - {"ALLOWED", "DENIED"},
        level not in ("", UNDEFINED) and level_named(level) is None,
    )
    if any(wrong):
        raise Malformed
    lacking = (
        operations.get(name) in REQUESTED and child(request, f"{name}Request") is None
        for name in ("AgeVerification", "PlaceVerification")
    )
    given = (text(psk, "ID"), text(psk, "Key")) if psk is not None else None
    return UseId(operations, any(lacking), level, types, given)


def _children(parent: Element, name: str) -> Iterator[Element]:
    found = child(parent, name)
    return iter(()) if found is None else iter(found)


def refusal(function: str, minor: str) -> Element:
    """Return the envelope of an answer of one of the functions that says no, with the whole address of the reason."""
    return _envelope(f"{function}Response", _result("error", minor))


def use_id_response(started: Started) -> Element:
    """Return the envelope of the answer to a request to begin."""
    psk = EID("PSK", EID("ID", started.session_identifier), EID("Key", (started.psk or b"").hex()))
    session = EID("Session", EID("ID", started.session_id))
    return _envelope("useIDResponse", session, EID("eCardServerAddress", started.server_address), psk, _result("ok"))


def get_result_response(
    request: UseId, card: CardData, denied: Collection[str], *, no_place: bool, level_name: str
) -> Element:
    """Return the envelope of the answer that tells what was read from a card: what was requested and not denied."""
    groups = _data_groups(card, no_place=no_place)
    told = [name for name in OPERATIONS if name in request.requested and name not in denied]
    read = [group for name in told if (group := groups.get(name)) is not None]
    allowed = (
        EID(name, "PROHIBITED" if name not in told else "NOTONCHIP" if groups.get(name) is None else "ALLOWED")
        for name in OPERATIONS
    )
    more = []
    if request.level:
        more.append(EID(level_name, NAMES[card.level].tr_03107))
    if request.types and card.eid_type:
        more.append(EID("EIDTypeResponse", EID(card.eid_type, "USED")))
    answered = EID("PersonalData", *read), EID("OperationsAllowedByUser", *allowed)
    return _envelope("getResultResponse", *answered, *more, _result("ok"))


def server_info_response() -> Element:
    """Return the envelope of the answer to what this server is."""
    version = {"VersionString": "Simulator 2.4.0", "Major": "2", "Minor": "4", "Bugfix": "0"}
    rights = (EID(name, "PROHIBITED" if name in UNUSED else "ALLOWED") for name in OPERATIONS)
    return _envelope(
        "getServerInfoResponse",
        EID("ServerVersion", *(EID(name, said) for name, said in version.items())),
        EID("DocumentVerificationRights", *rights),
    )


def _data_groups(card: CardData, *, no_place: bool) -> Mapping[Operation, Element | None]:
    """Return every data group as it is written down, or None where the chip does not have it."""
    groups: dict[Operation, Element | None] = {
        "DocumentType": EID("DocumentType", card.document_type),
        "IssuingState": EID("IssuingState", card.issuing_state),
        "DateOfExpiry": EID("DateOfExpiry", str(card.expires_on)),
        "GivenNames": EID("GivenNames", card.given_names),
        "FamilyNames": EID("FamilyNames", card.family_names),
        "ArtisticName": EID("ArtisticName", card.artistic_name),
        "AcademicTitle": EID("AcademicTitle", card.academic_title),
        "DateOfBirth": _date_of_birth(card.date_of_birth.raw),
        "PlaceOfBirth": EID("PlaceOfBirth", EID("FreetextPlace", card.place_of_birth)),
        "Nationality": EID("Nationality", card.nationality),
        "BirthName": EID("BirthName", card.birth_name) if card.birth_name else None,
        "PlaceOfResidence": EID("PlaceOfResidence", _residence(card, no_place=no_place)),
        "RestrictedID": EID("RestrictedID", EID("ID", card.pseudonym.upper())),
    }
    return groups


def _date_of_birth(raw: str) -> Element:
    whole = [EID("DateValue", str(date.fromisoformat(raw)))] if raw.isdigit() else []
    return EID("DateOfBirth", EID("DateString", raw), *whole)


def _residence(card: CardData, *, no_place: bool) -> Element:
    if card.residence:
        return EID("NoPlaceInfo" if no_place else "FreetextPlace", card.residence)
    parts = {"Street": card.street, "City": card.city, "Country": card.country, "ZipCode": card.postal_code}
    return EID("StructuredPlace", *(EID(name, said) for name, said in parts.items()))


def _result(major: str, minor: str = "") -> Element:
    """Return the result as the examples of the guideline have it: what is in it stands in no namespace."""
    result = DSS("Result")
    etree.SubElement(result, "ResultMajor").text = MAJOR + major
    if minor:
        etree.SubElement(result, "ResultMinor").text = minor
    return result


def _envelope(response: str, *inside: Element) -> Element:
    return SOAP("Envelope", SOAP("Body", EID(response, *inside)))
