"""Logs: what happened and where, never the words of an error, which may repeat what it is about."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable

import pytest
from pydantic import BaseModel, ValidationError

from sk.errors import Damaged, Unavailable
from sk.log import JsonFormatter

SECRET = "erika@example.org"
TALK = """
import logging
from sk.log import set_up_logging
set_up_logging("DEBUG")
for name in ("sk.web", "pymongo.command", "mail.log"):
    logging.getLogger(name).debug("debug of %s", name)
    logging.getLogger(name).warning("warning of %s", name)
"""


class Address(BaseModel):
    """Something that refuses to be made of what it is not, and says of what."""

    street: int


def test_a_line_says_where_and_of_which_types_and_nothing_else() -> None:
    line = _line_about(_refused)

    assert SECRET not in line
    told = json.loads(line)
    assert (told["level"], told["event"], told["notice_id"]) == ("error", "request-failed", "n1")
    assert told["traceback"][-1] == "ValidationError"
    assert any(__file__ in place and "_refused" in place for place in told["traceback"])


def test_causes_are_told_in_the_same_way_the_first_one_first() -> None:
    line = _line_about(_refused_twice)

    assert SECRET not in line
    types = [place for place in json.loads(line)["traceback"] if " in " not in place]
    assert types == ["ValidationError", "Damaged", "Unavailable"]


def test_what_a_cause_was_cut_off_from_stays_cut_off() -> None:
    types = [place for place in json.loads(_line_about(_cut_off))["traceback"] if " in " not in place]

    assert types == ["Unavailable"]


def test_libraries_tell_of_trouble_only_and_the_one_that_repeats_strangers_says_nothing() -> None:
    said = subprocess.run([sys.executable, "-c", TALK], capture_output=True, text=True, check=True).stderr

    ours = ["debug of sk.web", "warning of sk.web"]
    assert [json.loads(line)["event"] for line in said.splitlines()] == [*ours, "warning of pymongo.command"]


def test_no_field_hides_what_has_happened() -> None:
    record = logging.makeLogRecord({"levelname": "ERROR", "name": "sk", "msg": "event-set-aside", "event": "NoticeDue"})

    assert json.loads(JsonFormatter().format(record))["event"] == "event-set-aside"


def _refused() -> None:
    Address.model_validate({"street": SECRET})


def _refused_twice() -> None:
    try:
        try:
            _refused()
        except ValidationError as error:
            raise Damaged from error
    except Damaged as error:
        raise Unavailable(SECRET) from error


def _cut_off() -> None:
    try:
        _refused()
    except ValidationError:
        raise Unavailable from None


def _line_about(fails: Callable[[], None]) -> str:
    """Return the line that is logged when something fails."""
    try:
        fails()
    except Exception:  # noqa: BLE001 - whatever it is, it is logged
        record = logging.makeLogRecord(
            {"levelname": "ERROR", "name": "sk", "msg": "request-failed", "notice_id": "n1", "exc_info": sys.exc_info()}
        )
        return JsonFormatter().format(record)
    pytest.fail("nothing has failed")
