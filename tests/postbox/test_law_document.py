"""`docs/law.md` is held to the code: every rule names a function and a test that exist, every version its day."""

import ast
import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from sk.postbox.rechtsbehelf import KINDS, Kind
from sk.postbox.regimes import REGIMES, Law
from tests.postbox.cases import LAW

HEADERS = {
    ("law", "version since", "event", "day of Bekanntgabe", "basis", "otherwise", "compared"),
    ("rule", "statute", "function", "test", "certainty", "compared"),
    ("Rechtsbehelf", "one month", "without a right Belehrung one year", "computed by", "compared"),
}
ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/law.md").read_text()
TABLES = [
    [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]
    for lines in (table.splitlines() for table in TEXT.split("\n\n") if table.startswith("| "))
]
RULES = [cells for header, _, *rows in TABLES if header[0] == "rule" for cells in rows]
VERSIONS = [cells for header, _, *rows in TABLES if header[0] == "law" for cells in rows]
REMEDIES = [cells for header, _, *rows in TABLES if header[0] == "Rechtsbehelf" for cells in rows]


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def functions_in(file: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, FUNCTIONS)}


def test_every_row_belongs_to_a_table_that_these_tests_read() -> None:
    assert {tuple(header) for header, *_ in TABLES} == HEADERS
    assert sum(len(table) for table in TABLES) == sum(line.startswith("|") for line in TEXT.splitlines())
    for header, line, *rows in TABLES:
        assert set("".join(line)) == {"-"}
        assert {len(cells) for cells in rows} == {len(header)}


def test_there_are_rules() -> None:
    assert len(RULES) > 40


@pytest.mark.parametrize("cells", RULES, ids=range(len(RULES)))
def test_every_rule_names_its_function_and_its_test(cells: list[str]) -> None:
    _, statute, function, test, certainty, compared = cells
    assert statute
    for place, folder in ((function, "sk/postbox"), (test, "tests/postbox")):
        match = re.fullmatch(r"`(\w+\.py)::(\w+)`", place)
        assert match, place
        assert match[2] in functions_in(ROOT / folder / match[1]), place
    assert re.split("[ ,;]", certainty)[0] in {"text", "case", "commentaries", "inferred", "open", "from"}
    assert compared == "not compared" or date.fromisoformat(compared) <= date(2026, 8, 19)


@pytest.mark.parametrize("law", REGIMES)
def test_every_version_of_every_law_has_its_row(law: Law) -> None:
    rows = {cells[1] for cells in VERSIONS if cells[0] == f"`{law}`"}

    assert rows == {f"{version.begins_on:%d.%m.%Y}" for version in REGIMES[law].versions}


@pytest.mark.parametrize("law", REGIMES)
def test_every_provision_that_a_version_rests_on_stands_in_the_document(law: Law) -> None:
    for version in REGIMES[law].versions:
        (row,) = (cells for cells in VERSIONS if cells[:2] == [f"`{law}`", f"{version.begins_on:%d.%m.%Y}"])
        for basis in (version.basis, version.otherwise_basis):
            assert basis in row


@pytest.mark.parametrize("kind", KINDS)
def test_every_rechtsbehelf_has_its_row(kind: str) -> None:
    assert f"`{kind}`" in [cells[0] for cells in REMEDIES]


@pytest.mark.parametrize(("kind", "rule"), KINDS.items(), ids=KINDS)
def test_the_provisions_of_a_rechtsbehelf_are_those_by_which_its_end_is_computed(kind: str, rule: Kind) -> None:
    (row,) = (cells for cells in REMEDIES if cells[0] == f"`{kind}`")
    _, month, year, computed_by, _ = row

    abroad = ["three months abroad"] if rule.abroad else []
    assert month.split("; ") == [rule.period.basis, *abroad]
    assert rule.abroad is None or rule.abroad.basis == rule.period.basis
    assert (year, computed_by.split(";")[0]) == (rule.without_belehrung.basis, rule.computed_by)


@pytest.mark.parametrize("name", LAW)
def test_the_law_asks_no_clock_so_that_the_moment_of_the_call_does_not_matter(name: str) -> None:
    tree = ast.walk(ast.parse((ROOT / f"sk/postbox/{name}.py").read_text()))
    called = {node.attr for node in tree if isinstance(node, ast.Attribute)}

    assert not called & {"now", "today", "utcnow", "time", "localtime", "environ", "getenv"}
