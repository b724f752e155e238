"""What is known about a person: each datum with where it comes from, when, and how surely it is true.

What the citizen has typed in can be changed by them; what a card has said, or BundID, changes by one of these alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.addresses import mailable
from sk.auth.characters import DataType, described, permitted
from sk.auth.countries import is_country
from sk.auth.trust import TrustLevel
from sk.errors import Forbidden, Invalid
from sk.postbox.holidays import LAND_NAMES

Source = Literal["self", "card", "bundid"]
FieldName = Literal[
    "given_names", "family_names", "birth_name", "academic_title", "date_of_birth", "place_of_birth", "nationality",
    "street", "postal_code", "city", "country", "land", "phone", "de_mail",
]  # fmt: skip
NAMES: tuple[FieldName, ...] = get_args(FieldName)
MARKS = {"postal code": " -", "phone": " +/()-"}
"""What may stand between letters and digits."""
YEARS_MIN = 16
YEARS_MAX = 130
LENGTH_MAX = 200
LAST_OF_A_YEAR = (12, 31)


class Field(NamedTuple):
    """What a datum is: the characters that it is written with, or what else it has to be."""

    form: DataType | Literal["day", "country", "land", "postal code", "phone", "address"]
    required: bool = False


FIELDS: Mapping[FieldName, Field] = {
    "given_names": Field("A", required=True),
    "family_names": Field("A", required=True),
    "birth_name": Field("A"),
    "academic_title": Field("A"),
    "date_of_birth": Field("day", required=True),
    "place_of_birth": Field("B"),
    "nationality": Field("country"),
    "street": Field("B", required=True),
    "postal_code": Field("postal code", required=True),
    "city": Field("B", required=True),
    "country": Field("country", required=True),
    "land": Field("land"),
    "phone": Field("phone"),
    "de_mail": Field("address"),
}


class Datum(BaseModel):
    """One thing that is known about a person; `raw` is the card's own spelling, in capitals, where it has another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str
    raw: str = ""
    source: Source
    at: AwareDatetime
    trust: TrustLevel


class Profile(BaseModel):
    """All that is known about a person, by field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: dict[FieldName, Datum] = {}

    def value(self, name: FieldName) -> str:
        """Return a value, or nothing."""
        return self.data[name].value if name in self.data else ""

    def is_verified(self, name: FieldName) -> bool:
        """Tell whether somebody else vouches for a datum: a card, or BundID."""
        return name in self.data and self.data[name].source != "self"

    def declared(self, values: Mapping[FieldName, str], at: AwareDatetime) -> "Profile":
        """Return the profile with what the citizen says; `Forbidden` if they say other than is verified."""
        data = dict(self.data)
        for name, value in values.items():
            if value == self.value(name):
                continue
            if self.is_verified(name):
                raise Forbidden(f"{name} is verified and changes with an ID card or BundID alone", field=name)
            data.pop(name, None)
            if value:
                data[name] = Datum(value=value, source="self", at=at, trust="low")
        return Profile(data=data)

    def read(
        self,
        values: Mapping[FieldName, str],
        level: TrustLevel,
        at: AwareDatetime,
        raw: Mapping[FieldName, str] = MappingProxyType({}),
        source: Source = "card",
    ) -> "Profile":
        """Return the profile with what a card has said, or BundID; what was known of the same before gives way."""
        data = {name: datum for name, datum in self.data.items() if name not in values}
        for name, value in values.items():
            if value:
                data[name] = Datum(value=value, raw=raw.get(name, ""), source=source, at=at, trust=level)
        return Profile(data=data)


class Read(NamedTuple):
    """What somebody says of themselves, as registers write it, and what is wrong with the rest, by field."""

    values: dict[FieldName, str]
    errors: dict[str, Invalid]


def read_form(form: Mapping[str, str], names: Sequence[FieldName], today: date) -> Read:
    """Return what somebody has entered into some fields. All that is wrong is told at once."""
    values: dict[FieldName, str] = {}
    errors: dict[str, Invalid] = {}
    for name in names:
        try:
            values[name] = _checked(name, form.get(name, ""), today)
        except Invalid as refused:
            errors[name] = refused
    if values.get("land") and values.get("country") != "DE":
        values["land"] = ""
    return Read(values, errors)


def refuse_too_young(date_of_birth: str, today: date) -> None:
    """Raise `Invalid` unless somebody born on a day (RFC 3339; unknown parts are absent) is surely sixteen."""
    parts = [int(part) for part in date_of_birth.split("-")] if date_of_birth else [today.year]
    year, month, day = (*parts, *LAST_OF_A_YEAR[len(parts) - 1 :])
    if (today.year - year, today.month, today.day) < (YEARS_MIN, month, day):
        raise Invalid(f"an account can be had from {YEARS_MIN} years on", field="date_of_birth", problem="too-young")


def _checked(name: FieldName, said: str, today: date) -> str:
    if len(said) > LENGTH_MAX:
        raise Invalid(f"{name} has more than {LENGTH_MAX} characters", field=name, problem="field-too-long")
    field = FIELDS[name]
    value = _in_form(name, field, said.strip(), today)
    if field.required and not value:
        raise Invalid(f"{name} is missing", field=name, problem="field-missing")
    return value


def _in_form(name: FieldName, field: Field, said: str, today: date) -> str:
    if not said:
        return ""
    match field.form:
        case "A" | "B":
            said = permitted(said, field.form, name)
        case "day":
            said = _day_of_birth(said, today)
        case "country" if not is_country(said):
            raise Invalid(f"{said} is not in the list of countries", field=name, problem="unknown-country")
        case "land" if said not in LAND_NAMES:
            raise Invalid(f"there is no Land {said}", field=name, problem="unknown-land")
        case "address":
            said = mailable(said, name)
        case "postal code" | "phone":
            said = _plain(said, MARKS[field.form], name)
    return said


def _day_of_birth(said: str, today: date) -> str:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        raise Invalid(f"{said} is no day", field="date_of_birth", problem="no-day") from None
    if not today.year - YEARS_MAX <= day.year or day > today:
        raise Invalid(f"{said} is no day on which anybody was born who lives", field="date_of_birth", problem="no-day")
    refuse_too_young(str(day), today)
    return str(day)


def _plain(said: str, also: str, name: FieldName) -> str:
    """Return letters and digits of ASCII with a few marks between them, or say which character is none."""
    for character in said:
        if not (character.isascii() and character.isalnum()) and character not in also:
            raise Invalid(
                f"{name} has the character {described(character)}",
                field=name,
                problem="character-not-here",
                more={"character": character},
            )
    return said
