"""What was read from an ID card, in the card's own spelling: capitals, with ẞ among them, as in the data groups."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import reduce
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sk.auth.trust import TrustLevel, level_named, lower

EidType = Literal["CardCertified", "SECertified", "SEEndorsed", "HWKeyStore"]
"""On what a citizen holds the ID: the chip of a card, a phone's secure element of either kind, a phone's key store."""
EID_TYPES: tuple[EidType, ...] = get_args(EidType)
LEVEL_OF_TYPE: Mapping[str, TrustLevel] = {
    "CardCertified": "high",
    "SECertified": "substantial",
    "SEEndorsed": "substantial",
    "HWKeyStore": "low",
}
DATE_LENGTH, YEAR_LENGTH, MONTH_LENGTH = 8, 4, 6


class DateString(BaseModel):
    """A day as a card has it: yyyymmdd, with blanks for what nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    raw: str = Field(pattern=r"^[0-9 ]{8}$")

    @field_validator("raw")
    @classmethod
    def _is_a_day_if_it_is_whole(cls, raw: str) -> str:
        if raw.isdigit():
            date.fromisoformat(raw)
        return raw

    @property
    def known(self) -> str:
        """Return it as far as it is known, the year first: 1964-08-12, 1964-08, 1964, or nothing."""
        parts = self.raw[:YEAR_LENGTH], self.raw[YEAR_LENGTH:MONTH_LENGTH], self.raw[MONTH_LENGTH:]
        unknown = [place for place, part in enumerate(parts) if not part.isdigit()]
        return "-".join(parts[: unknown[0] if unknown else len(parts)])


class CardData(BaseModel):
    """What was read from a card, and how surely it is true; what the card does not have is empty.

    `pseudonym` (Restricted ID, hex in lower case) is the same whenever this card is shown to us, and no other card has
    it, not even the next one of its owner. An address is either structured (`street` to `country`) or free text, as
    abroad, or the words that there is none: both stand in `residence`, and the rest is empty then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pseudonym: str = Field(pattern=r"^([0-9a-f]{2}){8,128}$")
    document_type: str
    issuing_state: str = ""
    expires_on: date | None = None
    given_names: str
    family_names: str
    birth_name: str = ""
    academic_title: str = ""
    artistic_name: str = ""
    date_of_birth: DateString
    place_of_birth: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    residence: str = ""
    nationality: str = ""
    level: TrustLevel
    eid_type: EidType | None = None


def level_of(eid_types_used: Collection[str], loa_uri: str) -> TrustLevel:
    """Return the level of a card by what it is and by what the eID-Server says: the lower one, and low if neither.

    TR-03130-1 section 3.3: only the chip of a card is high by itself; what nobody knows is low.
    """
    said = [LEVEL_OF_TYPE.get(used, "low") for used in eid_types_used]
    if loa_uri:
        said.append(level_named(loa_uri) or "low")
    return reduce(lower, said) if said else "low"
