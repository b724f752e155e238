"""docs/accessibility.md names every clause for the web once, and every test that it names is there."""

import re
from pathlib import Path

import pytest

from tests.documents import names_in

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/accessibility.md").read_text()
CLAUSES = re.findall(r"^\| (9\.[\d.]+) \|", TEXT, re.MULTILINE)
PLACES = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)))


def test_every_clause_stands_there_once_and_in_its_order() -> None:
    in_order = sorted(CLAUSES, key=lambda clause: [int(part) for part in clause.split(".")])

    assert in_order == CLAUSES
    assert len(set(CLAUSES)) == len(CLAUSES) == 47


@pytest.mark.parametrize(("path", "name"), PLACES, ids=["::".join(place) for place in PLACES])
def test_what_the_document_names_exists(path: str, name: str) -> None:
    assert (ROOT / path).is_file()
    assert not name or name in names_in(ROOT / path)
