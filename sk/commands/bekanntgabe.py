"""`sk bekanntgabe`: what the law makes of these moments. It needs no store, no keys and no folder."""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, get_args

import click
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sk.commands.common import data_option, json_option, show
from sk.commands.platform import settings_of
from sk.errors import Invalid
from sk.postbox.bekanntgabe import Bekanntgabe
from sk.postbox.bekanntgabe_terms import Moments, Recipient
from sk.postbox.explanation import Language, Words
from sk.postbox.holidays import Land, land_of
from sk.postbox.notice_out import OtherReadingOut
from sk.postbox.rechtsbehelf import Rechtsbehelf, compute_days

Flag = Literal["bereitstellung_unproven", "benachrichtigung_unproven", "not_received", "lenient_ten_days"]
WRITTEN = "a moment is written like 2026-11-25T09:00:00+01:00, a day like 2026-12-01"
SAID = {
    "extra_forbidden": "there is no such key",
    "missing": "the key is missing",
    "model_type": "an object is needed",
}
"""What we say better than pydantic."""


def _written_out(value: object) -> object:
    """Refuse the numbers that pydantic would take for seconds since 1970."""
    if value is None or (isinstance(value, str) and value[4:5] == "-"):
        return value
    raise ValueError(WRITTEN)


class Refused(click.ClickException):
    """The law gives no answer to what was asked."""

    exit_code = 2


class CaseIn(BaseModel):
    """One case, with the keys of the worked cases; what they say about the outcome is not read."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str | int | None = None
    law: str
    event: Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written_out)]
    abruf: Annotated[AwareDatetime | None, Field(strict=False), BeforeValidator(_written_out)] = None
    zugang: Annotated[date | None, Field(strict=False), BeforeValidator(_written_out)] = None
    flags: list[Flag] = []
    recipient_land: str | None = None
    seat_land: str | None = None
    rechtsbehelf: str | None = None
    belehrung: bool = True
    ausland: bool = False
    bekanntgabe_on: Any = None
    frist_ends_on: Any = None
    frist_expires_at: Any = None
    confidence: Any = None
    why: Any = None

    def days(self, land: Land) -> tuple[Bekanntgabe, Rechtsbehelf]:
        """Return what the law makes of the case. `land` counts where the case names none."""
        moments = Moments(
            event=self.event,
            abruf=self.abruf,
            zugang_on=self.zugang,
            received="not_received" not in self.flags,
            bereitstellung_proven="bereitstellung_unproven" not in self.flags,
            benachrichtigung_proven="benachrichtigung_unproven" not in self.flags,
            lenient_ten_days="lenient_ten_days" in self.flags,
        )
        recipient = Recipient(land=land_of(self.recipient_land or land), abroad=self.ausland)
        return compute_days(
            self.law,
            moments,
            recipient,
            rechtsbehelf=self.rechtsbehelf or "none",
            belehrung=self.belehrung,
            seat=land_of(self.seat_land or land),
        )


class DaysOut(BaseModel):
    """The days of one case, and why."""

    id: str | int | None
    bekanntgabe_on: date | None
    frist_ends_on: date | None
    frist_expires_at: datetime | None
    law: str
    version: date
    basis: str
    why: str
    other_reading: OtherReadingOut | None


HEADINGS = (
    Words(de="Bekanntgabe", en="Bekanntgabe"),
    Words(de="Frist", en="Frist"),
    Words(de="Andere Ansicht", en="Another view"),
)


@click.command()
@data_option
@json_option
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--law", help="ozg-9, egovg-nrw-5-3, vwvfg-41-2, vwvfg-41-2a, sgbx-37-2, sgbx-37-2a, ao-122-2, ao-122a.")
@click.option("--event", help="Moment from which that law counts, with its offset: 2026-11-25T09:00:00+01:00.")
@click.option("--abruf", help="Moment of the first Abruf.")
@click.option("--zugang", help="Proven day of Zugang: 2026-12-01.")
@click.option("--rechtsbehelf", help="klage-vwgo, widerspruch-sgg, einspruch-ao, …; without it no Frist is computed.")
@click.option("--no-belehrung", is_flag=True, help="The Belehrung is missing or wrong.")
@click.option("--recipient-land", help="Land of the recipient (SK_LAND).")
@click.option("--seat-land", help="Land of the authority's seat (SK_LAND).")
@click.option("--abroad", is_flag=True, help="The recipient is abroad.")
@click.option("--bereitstellung-unproven", is_flag=True, help="The Bereitstellung or its moment cannot be proven.")
@click.option(
    "--benachrichtigung-unproven",
    is_flag=True,
    help="The Benachrichtigung was refused, late, or its Zugang cannot be proven.",
)
@click.option("--not-received", is_flag=True, help="What was sent never came in.")
@click.option("--lenient-ten-days", is_flag=True, help="A tenth day (§ 41 Abs. 2a VwVfG) that is no working day moves.")
@click.option("--explain", is_flag=True, help="Write the reasoning step by step, in German and in English.")
@click.option("--jsonl", is_flag=True, help="Read one case a line from FILE or standard input; write one line each.")
def bekanntgabe(
    data: Path | None, file: BinaryIO | None, *, jsonl: bool, explain: bool, as_json: bool, **options: Any
) -> None:
    """Compute the day of Bekanntgabe and the end of the Frist.

    With --jsonl a line that cannot be computed gets an "error", and the rest goes on. Otherwise exit 2.

    \b
    Example: sk bekanntgabe --law ozg-9 --event 2026-11-25T09:00:00+01:00 --rechtsbehelf klage-vwgo --explain
    Example: sk bekanntgabe --jsonl cases.jsonl
    """
    land = land_of(settings_of(data).land)
    if jsonl:
        said = [name for name, value in {**options, "explain": explain}.items() if value]
        if said:
            raise click.UsageError(f"with --jsonl the cases say everything; leave out --{said[0].replace('_', '-')}")
        for answer in _answers(file or sys.stdin.buffer, land):
            click.echo(answer)
        return
    if file:
        raise click.UsageError("a FILE is read with --jsonl only")
    for name in ("law", "event"):
        if not options[name]:
            raise click.UsageError(f"--{name} is missing")
    try:
        announced, remedy = _read_case(json.dumps(_case_of(options)).encode()).days(land)
    except Invalid as error:
        raise Refused(str(error)) from None
    if explain:
        click.echo("\n".join([*_explained(announced, remedy, "de"), "", *_explained(announced, remedy, "en")]))
    else:
        facts = _out(None, announced, remedy).model_dump(mode="json", exclude={"id"})
        show(facts if as_json else _in_words(facts), as_json=as_json)


def _case_of(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the command line says as a case."""
    said = {name: options[name] for name in ("law", "event", "abruf", "zugang", "rechtsbehelf")}
    places = {name: options[name] for name in ("recipient_land", "seat_land")}
    flags = [name for name in get_args(Flag) if options[name]]
    return {**said, **places, "belehrung": not options["no_belehrung"], "ausland": options["abroad"], "flags": flags}


def _answers(lines: BinaryIO, land: Land) -> Iterator[str]:
    for line in lines:
        if not line.strip():
            continue
        try:
            case = _read_case(line)
            yield _out(case.id, *case.days(land)).model_dump_json()
        except Invalid as error:
            yield json.dumps({"id": _id_in(line), "error": str(error)})


def _read_case(text: bytes) -> CaseIn:
    try:
        return CaseIn.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        kind = first["type"]
        said = WRITTEN if kind.startswith(("date", "timezone")) else SAID.get(kind, first["msg"])
        raise Invalid(": ".join([*map(str, first["loc"]), said.removeprefix("Value error, ")])) from None


def _id_in(line: bytes) -> str | int | None:
    """Return the id of a case that cannot be read otherwise, if it has one."""
    try:
        said = json.loads(line)["id"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return said if isinstance(said, str | int) else None


def _out(case_id: str | int | None, announced: Bekanntgabe, remedy: Rechtsbehelf) -> DaysOut:
    return DaysOut(
        id=case_id,
        bekanntgabe_on=announced.on,
        frist_ends_on=remedy.frist_ends_on,
        frist_expires_at=remedy.frist_expires_at,
        law=announced.law,
        version=announced.version,
        basis=announced.basis,
        why=f"{announced.why} {remedy.why}",
        other_reading=OtherReadingOut.of(remedy.other_reading),
    )


def _explained(announced: Bekanntgabe, remedy: Rechtsbehelf, language: Language) -> Iterator[str]:
    """Yield every step as a line of its own, under headings."""
    parts = (announced.steps, remedy.steps, remedy.other_reading.steps if remedy.other_reading else ())
    for heading, steps in zip(HEADINGS, parts, strict=True):
        if steps:
            yield heading.in_language(language)
        for step in steps:
            yield f"  {step.in_language(language)}"


def _in_words(facts: dict[str, Any]) -> dict[str, Any]:
    other = facts["other_reading"]
    return {**facts, "other_reading": other and f"{other['frist_ends_on'] or 'none'}: {other['why']}"}
