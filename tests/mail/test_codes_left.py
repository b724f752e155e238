"""How many recovery codes are left is said in words that fit the number."""

from string import Formatter
from typing import Literal

import pytest

from sk.mail.letter_texts import TEXTS
from tests.auth.writing import text_of
from tests.fakes import FakeClock
from tests.mail.letters import letter

NUMBERS = {"left"}
"""The facts of letters that are numbers: whoever adds one says in a test here how it reads for none and for one."""


def first_paragraph(language: Literal["de", "en"], left: int, clock: FakeClock) -> str:
    """Return what the mail about a used recovery code says before it tells what to do."""
    facts = {"at": "2026-11-23T09:00:00+00:00", "left": str(left)}
    _, paragraph, *_ = text_of(letter("recovery-code-used", language, facts, clock.now())).split("\n\n")
    return paragraph


@pytest.mark.parametrize(
    ("language", "left", "sentence"),
    [
        ("de", 9, "Von diesen Codes sind jetzt noch 9 übrig."),
        ("de", 2, "Von diesen Codes sind jetzt noch 2 übrig."),
        ("de", 1, "Von diesen Codes ist jetzt noch einer übrig."),
        ("de", 0, "Das war der letzte dieser Codes. Neue bekommen Sie unter „Konto“ und „Sicherheit“."),
        ("en", 9, "9 of these codes are left."),
        ("en", 2, "2 of these codes are left."),
        ("en", 1, "One of these codes is left."),
        ("en", 0, 'That was the last of these codes. You can get new ones under "Account" and "Security".'),
    ],
)
def test_the_mail_about_a_recovery_code_says_how_many_are_left(
    language: Literal["de", "en"], left: int, sentence: str, clock: FakeClock
) -> None:
    assert first_paragraph(language, left, clock).endswith(f"(Servicekonto). {sentence}")


def test_no_other_letter_names_a_number() -> None:
    parts = [part for texts in TEXTS.values() for text in texts.values() for part in text]
    named = {name for part in parts for _, name, _, _ in Formatter().parse(part) if name}
    assert named == NUMBERS | {"operator", "at", "day", "link", "means", "text", "email", "page"}
