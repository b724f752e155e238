"""Characters: which names a register can write, and what is said of those that it cannot."""

import unicodedata
from pathlib import Path
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.auth.characters import LETTERS, MORE_SIGNS, SEQUENCES, SIGNS, SINGLE, DataType, described, permitted
from sk.errors import Invalid
from tests.crypto.cases import UNHURRIED

SHARED = Path(__file__).parents[3] / "shared"
Form = Literal["NFC", "NFD"]
DATA_TYPES: tuple[DataType, ...] = get_args(DataType)
BLANK = " "

in_both_data_types = pytest.mark.parametrize("data_type", DATA_TYPES)


def refused(text: str, data_type: DataType) -> str:
    """Return which character is told when a name is refused."""
    with pytest.raises(Invalid) as told:
        permitted(text, data_type, "family_name")
    assert (told.value.field, told.value.problem) == ("family_name", "character-not-permitted")
    said = described(told.value.more["character"])
    assert said in str(told.value)
    return said


def names(data_type: DataType) -> st.SearchStrategy[tuple[DataType, str]]:
    """Return names of all that a data type permits, composed or decomposed, with any number of blanks."""
    parts = st.lists(st.sampled_from(sorted(SEQUENCES | SINGLE[data_type])) | st.just(BLANK)).map("".join)
    written = st.builds(unicodedata.normalize, st.sampled_from(get_args(Form)), parts)
    return st.tuples(st.just(data_type), written)


def test_there_are_as_many_entries_as_in_the_norm() -> None:
    assert [len(group) for group in (LETTERS, SEQUENCES, SIGNS, MORE_SIGNS)] == [500, 149, 18, 60]
    assert {data_type: len(SEQUENCES | SINGLE[data_type]) for data_type in DATA_TYPES} == {"A": 667, "B": 727}


def test_where_the_list_of_the_norm_lies_the_entries_are_the_same() -> None:
    """Who has the folder `shared` beside the checkout compares with its list, and learns it if that is missing.

    Of everybody else, who has no such folder, nothing is asked.
    """
    if not SHARED.exists():
        return
    groups: dict[str, set[str]] = {}
    for line in (SHARED / "din91379/characters.txt").read_text("utf-8").splitlines():
        group, _, codes, *_ = line.split("; ")
        groups.setdefault(group, set()).add("".join(chr(int(code, 16)) for code in codes.split()))
    assert groups["bll"] == LETTERS | SEQUENCES
    assert groups["bnlreq"] == SIGNS
    assert groups["bnl"] == MORE_SIGNS
    assert groups["dc"] == {char for entry in SEQUENCES for char in entry if unicodedata.combining(char)}


@in_both_data_types
@pytest.mark.parametrize("form", get_args(Form))
def test_every_entry_is_taken_and_comes_back_composed(form: Form, data_type: DataType) -> None:
    for entry in (SEQUENCES | SINGLE[data_type]) - {BLANK}:
        assert permitted(unicodedata.normalize(form, entry), data_type, "family_name") == entry


@pytest.mark.parametrize("sign", sorted(MORE_SIGNS))
def test_digits_and_more_signs_are_for_other_names_than_those_of_persons(sign: str) -> None:
    assert permitted(f"Am Markt {sign}", "B", "street") == f"Am Markt {sign}"
    assert refused(f"Erika {sign}", "A") == f"“{sign}” (U+{ord(sign):04X} {unicodedata.name(sign)})"


@in_both_data_types
@pytest.mark.parametrize(
    "name",
    [
        "Müller-Lüdenscheidt",
        "O\N{RIGHT SINGLE QUOTATION MARK}Neill",
        "d'Artagnan",
        "Nguyễn Thị Ánh",
        "K͟hālid",
        "Groß, Dr.",
    ],
)
def test_names_of_persons_are_taken_as_they_are(name: str, data_type: DataType) -> None:
    assert permitted(name, data_type, "family_name") == name


@in_both_data_types
def test_blanks_around_a_name_are_dropped_and_those_within_become_one(data_type: DataType) -> None:
    assert permitted("  von   der  Heide ", data_type, "family_name") == "von der Heide"
    assert permitted("   ", data_type, "family_name") == ""


@in_both_data_types
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Q\u0308", "“◌\u0308” (U+0308 COMBINING DIAERESIS)"),  # no letter of the norm has it
        ("A\u030b\u0323", "“◌\u030b” (U+030B COMBINING DOUBLE ACUTE ACCENT)"),  # Ạ takes the other mark away
        ("K\u035fx", "“◌\u035f” (U+035F COMBINING DOUBLE MACRON BELOW)"),  # half of a sequence
        ("L\u0325\u0304\u0304", "“◌\u0304” (U+0304 COMBINING MACRON)"),  # one more than the sequence has
        ("\u0301Erika", "“◌\u0301” (U+0301 COMBINING ACUTE ACCENT)"),
        ("C\u0327\u0301", "“\u1e08” (U+1E08 LATIN CAPITAL LETTER C WITH CEDILLA AND ACUTE)"),
    ],
)
def test_a_mark_stands_where_the_norm_has_it_and_nowhere_else(name: str, told: str, data_type: DataType) -> None:
    assert refused(name, data_type) == told


@in_both_data_types
@pytest.mark.parametrize(
    ("character", "told"),
    [
        ("\u2018", "“\u2018” (U+2018 LEFT SINGLE QUOTATION MARK)"),
        ("\u2013", "“\u2013” (U+2013 EN DASH)"),
        ("\u2122", "“\u2122” (U+2122 TRADE MARK SIGN)"),
        ("\u0416", "“\u0416” (U+0416 CYRILLIC CAPITAL LETTER ZHE)"),
        ("\U0001f600", "“\U0001f600” (U+1F600 GRINNING FACE)"),
        ("\u00a0", "U+00A0 NO-BREAK SPACE"),
        ("\u200b", "U+200B ZERO WIDTH SPACE"),
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\t", "U+0009"),
        ("\n", "U+000A"),
        ("\x00", "U+0000"),
        ("\ud800", "U+D800"),
    ],
)
def test_another_character_is_refused_wherever_it_stands(character: str, told: str, data_type: DataType) -> None:
    for name in (f"{character}Erika", f"Eri{character}ka", f"Erika{character}"):
        assert refused(name, data_type) == told


def test_in_german_a_character_has_its_code_point_and_no_english_name() -> None:
    assert described("\u2122", "de") == "„\u2122“ (U+2122)"
    assert described("\u202e", "de") == "U+202E"


def test_the_first_character_that_is_not_permitted_is_told() -> None:
    assert refused("Erika 7 \u2013 \t", "A") == "“7” (U+0037 DIGIT SEVEN)"


@UNHURRIED
@given(st.sampled_from(DATA_TYPES).flatmap(names))
def test_a_name_that_was_taken_is_taken_again_and_stays_as_it_is(of: tuple[DataType, str]) -> None:
    data_type, text = of
    name = permitted(text, data_type, "family_name")

    assert permitted(name, data_type, "family_name") == name
    assert unicodedata.is_normalized("NFC", name)


@UNHURRIED
@given(st.text(), st.sampled_from(DATA_TYPES))
def test_any_text_is_taken_or_refused_and_what_is_taken_stays_as_it_is(text: str, data_type: DataType) -> None:
    try:
        name = permitted(text, data_type, "family_name")
    except Invalid:
        return
    assert permitted(name, data_type, "family_name") == name
