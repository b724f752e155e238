"""The people whose cards the simulator holds. All are made up; each is there for something that real cards have."""

from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from sk.auth.eid.card import CardData, DateString
from sk.postbox.explanation import Words

VALID_YEARS = 3
"""Cards expire on an October 31 so many years from now, whenever a tester comes."""
LASTS = timedelta(days=3652)
STILL_A_CHILD_YEARS = 15
EVERY_CARD: Mapping[str, Any] = {
    "document_type": "ID", "issuing_state": "D", "nationality": "D", "country": "D",
    "level": "high", "eid_type": "CardCertified",
}  # fmt: skip
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "erika": {
        "about": Words(
            de="Erika Mustermann: Personalausweis mit Geburtsname",
            en="Erika Mustermann: ID card with a name at birth",
        ),
        "given_names": "ERIKA", "family_names": "MUSTERMANN", "birth_name": "GABLER",
        "date_of_birth": "19640812", "place_of_birth": "BERLIN",
        "street": "HEIDESTRAẞE 17", "postal_code": "51147", "city": "KÖLN",
    },
    "soeren": {
        "about": Words(
            de="Dr. Sören Öztürk-Grüßmann: Umlaute, Doktorgrad, kein Geburtsname auf dem Chip",
            en="Dr. Sören Öztürk-Grüßmann: umlauts, a doctorate, no name at birth on the chip",
        ),
        "given_names": "SÖREN JÜRGEN", "family_names": "ÖZTÜRK-GRÜẞMANN",
        "academic_title": "DR.", "artistic_name": "ÆGIR",
        "date_of_birth": "19810228", "place_of_birth": "GÖẞWEINSTEIN",
        "street": "ÄUẞERE MÜHLGASSE 3A", "postal_code": "80331", "city": "MÜNCHEN",
    },
    "amelie": {
        "about": Words(
            de="Amélie Lindqvist: wohnt im Ausland, Adresse als Freitext",
            en="Amélie Lindqvist: lives abroad, her address is free text",
        ),
        "given_names": "AMÉLIE", "family_names": "LINDQVIST", "birth_name": "ŠIMŮNKOVÁ",
        "date_of_birth": "19900131", "place_of_birth": "HAMBURG",
        "residence": "12 RUE DES LILAS, 67000 STRASBOURG, FRANKREICH", "country": "",
    },
    "samira": {
        "about": Words(
            de="Samira Al Masri: Aufenthaltstitel, Tag und Monat der Geburt unbekannt",
            en="Samira Al Masri: residence permit, day and month of birth unknown",
        ),
        "document_type": "AR", "nationality": "SYR",
        "given_names": "SAMIRA", "family_names": "AL MASRI",
        "date_of_birth": "1979    ", "place_of_birth": "ALEPPO",
        "street": "AM ALTEN MARKT 5", "postal_code": "45127", "city": "ESSEN",
    },
    "konrad": {
        "about": Words(
            de="Konrad Weiß: keine Wohnung in Deutschland, Tag der Geburt unbekannt",
            en="Konrad Weiß: no home in Germany, day of birth unknown",
        ),
        "given_names": "KONRAD", "family_names": "WEIẞ",
        "date_of_birth": "195003  ", "place_of_birth": "BRESLAU",
        "residence": "KEINE HAUPTWOHNUNG IN DEUTSCHLAND", "country": "", "no_place": True,
    },
    "mia": {
        "about": Words(
            de=f"Mia Krämer: {STILL_A_CHILD_YEARS} Jahre alt",
            en=f"Mia Krämer: {STILL_A_CHILD_YEARS} years old",
        ),
        "given_names": "MIA SOPHIE", "family_names": "KRÄMER",
        "date_of_birth": "{child}0101", "place_of_birth": "BONN",
        "street": "LINDENWEG 1", "postal_code": "53111", "city": "BONN",
    },
    "timo": {
        "about": Words(
            de="Timo Çelik: Smart-eID, also Vertrauensniveau substanziell",
            en="Timo Çelik: Smart-eID, so trust level substantial",
        ),
        "given_names": "TIMO", "family_names": "ÇELIK",
        "date_of_birth": "19990704", "place_of_birth": "NÜRNBERG",
        "street": "HAFENSTRAẞE 44", "postal_code": "28217", "city": "BREMEN",
        "level": "substantial", "eid_type": "SEEndorsed",
    },
}  # fmt: skip
"""What sets each card apart from every other one; `{child}` is the year in which one is born who is still a child."""


class Persona(NamedTuple):
    """Somebody with a card. `no_place` says that the words in the place of an address mean that there is none."""

    about: Words
    card: CardData
    no_place: bool


def personas(today: date) -> Mapping[str, Persona]:
    """Return everybody, by the names that a tester chooses by."""
    return {name: _persona(name, today, **person) for name, person in PEOPLE.items()}


def _persona(
    name: str, today: date, *, about: Words, date_of_birth: str, no_place: bool = False, **values: Any
) -> Persona:
    card: dict[str, Any] = {
        **EVERY_CARD,
        "pseudonym": sha256(f"sk simulator {name}".encode()).hexdigest(),
        "expires_on": date(today.year + VALID_YEARS, 10, 31),
        "date_of_birth": DateString(raw=date_of_birth.format(child=today.year - STILL_A_CHILD_YEARS)),
        **values,
    }
    return Persona(about, CardData(**card), no_place)


def next_card(card: CardData) -> CardData:
    """Return the card that the same person gets after this one: another pseudonym, another day on which it expires."""
    pseudonym = sha256(f"after {card.pseudonym}".encode()).hexdigest()
    expires_on = card.expires_on + LASTS if card.expires_on else None
    return card.model_copy(update={"pseudonym": pseudonym, "expires_on": expires_on})


def on_a_phone(card: CardData) -> CardData:
    """Return what the same person has in the key store of a phone, which is worth less."""
    pseudonym = sha256(f"phone of {card.pseudonym}".encode()).hexdigest()
    return card.model_copy(update={"pseudonym": pseudonym, "level": "low", "eid_type": "HWKeyStore"})
