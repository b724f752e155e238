"""Forms that people send: what they have entered, whether the form was given out to them by us, what is wrong."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from aiohttp import web

from sk.errors import Invalid, SkError
from sk.web.body import Part
from sk.web.cookies import form_token_matches

TOKEN_MAX_BYTES = 1024
Fields = defaultdict[str, str]
"""What was entered, by the name of the field; one that did not come is empty."""
Errors = Mapping[str, SkError]
"""What is wrong, by the name of the field; the empty name is about the form as a whole."""
NO_ERRORS: Errors = MappingProxyType({})


async def fields_of(request: web.Request) -> Fields:
    """Return what was entered."""
    return fields({name: str(value) for name, value in (await request.post()).items()})


def fields(known: Mapping[str, Any]) -> Fields:
    """Return what stands in the fields of a form before anybody has entered something."""
    return defaultdict(str, known)


def refuse_stale(request: web.Request, form: Fields) -> None:
    """Raise `Invalid` unless a form was given out by us to this browser and, if it has one, for its session."""
    if not form_token_matches(request, form["csrf"]):
        raise Invalid("this form is too old; please load the page anew and try again", problem="stale-form")


async def refuse_stale_parts(request: web.Request, parts: AsyncIterator[Part]) -> None:
    """Do the same with a form that streams in, because it brings files: its first part is the token."""
    first = await anext(parts, None)
    is_token = first is not None and first.name == "csrf"
    token = (await first.whole(TOKEN_MAX_BYTES)).decode(errors="replace") if first and is_token else ""
    refuse_stale(request, fields({"csrf": token}))


def errors_of(refused: Invalid | None) -> Errors:
    """Return what was refused, under the field that it is about."""
    return {refused.field or "": refused} if refused else NO_ERRORS


def entered_day(text: str, field: str) -> date:
    """Return a day as browsers send it, or as people write it who have no calendar to choose from."""
    if not text.strip():
        raise Invalid("a day is needed", field=field, problem="field-missing")
    for spelling in ("%Y-%m-%d", "%d.%m.%Y"):
        with suppress(ValueError):
            return datetime.strptime(text.strip(), spelling).date()  # noqa: DTZ007 - a day has no time zone
    raise Invalid("this is no day", field=field, problem="day-unreadable")
