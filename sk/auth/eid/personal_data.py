"""The data groups of a card as an eID-Server writes them down (TR-03130-1 section 3.3: PersonalDataType)."""

from collections.abc import Mapping, Sequence
from datetime import date

from sk.auth.eid.card import DATE_LENGTH, EID_TYPES, LEVEL_OF_TYPE, CardData, DateString, EidType, level_of
from sk.auth.trust import LEVELS
from sk.xml import Element, Malformed, child, local_name, needed, text, value

NOT_ON_CHIP = "NOTONCHIP"
"""What some servers write in the place of a name that the card does not have; others leave the element out."""
ISO_DAY_LENGTH = len("2029-10-31")


def read_card(response: Element) -> CardData:
    """Return what a getResultResponse says of a card, or raise `Malformed`."""
    personal, used = needed(response, "PersonalData"), _types_used(response)
    level = level_of(used, text(response, "LevelOfAssuranceResult", "LevelOfAssuranceResponse"))
    known: list[EidType] = [kind for kind in EID_TYPES if kind in used]
    try:
        return CardData(
            pseudonym="".join(text(needed(personal, "RestrictedID"), "ID").split()).lower(),
            document_type=_text(personal, "DocumentType"),
            issuing_state=_text(personal, "IssuingState"),
            expires_on=_day(text(personal, "DateOfExpiry")),
            given_names=_text(personal, "GivenNames"),
            family_names=_text(personal, "FamilyNames"),
            birth_name=_text(personal, "BirthName"),
            academic_title=_text(personal, "AcademicTitle"),
            artistic_name=_text(personal, "ArtisticName"),
            date_of_birth=DateString(raw=_date_string(needed(personal, "DateOfBirth"))),
            place_of_birth=_place_of_birth(child(personal, "PlaceOfBirth")),
            nationality=_text(personal, "Nationality"),
            level=level,
            eid_type=min(known, key=lambda kind: LEVELS.index(LEVEL_OF_TYPE[kind]), default=None),
            **_residence(child(personal, "PlaceOfResidence")),
        )
    except ValueError:
        raise Malformed from None


def _types_used(response: Element) -> Sequence[str]:
    """Return the kinds of cards that were used, as we spell them; one that nobody knows as it stands."""
    spelled = {kind.lower(): kind for kind in EID_TYPES}
    types = child(response, "EIDTypeResponse")
    used = [local_name(one) for one in types if value(one) == "USED"] if types is not None else []
    return [spelled.get(name.lower(), name) for name in used]


def _text(personal: Element, name: str) -> str:
    said = text(personal, name)
    return "" if said == NOT_ON_CHIP else said


def _day(said: str) -> date | None:
    """Return a day of XML Schema, which may have a time zone behind it that means nothing for a day."""
    return date.fromisoformat(said[:ISO_DAY_LENGTH]) if said else None


def _date_string(of_birth: Element) -> str:
    """Return the eight characters; blanks among them are a part of it, those that lay out a document are not."""
    said = needed(of_birth, "DateString").text or ""
    return said if len(said) == DATE_LENGTH else said.strip().ljust(DATE_LENGTH)


def _place_of_birth(place: Element | None) -> str:
    """Return a place in one line."""
    if place is None or (structured := child(place, "StructuredPlace")) is None:
        return "" if place is None else text(place, "FreetextPlace")
    return ", ".join(filter(None, (text(structured, name) for name in ("City", "State", "Country"))))


def _residence(place: Element | None) -> Mapping[str, str]:
    """Return an address by its parts, or as the free text that it is, or that says why there is none."""
    if place is None:
        return {}
    structured = child(place, "StructuredPlace")
    if structured is None:
        return {"residence": text(place, "FreetextPlace") or text(place, "NoPlaceInfo")}
    names = {"street": "Street", "postal_code": "ZipCode", "city": "City", "country": "Country"}
    return {ours: text(structured, theirs) for ours, theirs in names.items()}
