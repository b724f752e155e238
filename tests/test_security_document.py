"""`docs/security.md` is held to the code: no requirement is left out, and all that it names exists."""

import re
from pathlib import Path
from typing import get_args

import pytest

from sk.auth.authority import SCOPES
from sk.auth.trust import Means
from sk.web.app import all_routes
from tests.documents import names_in

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/security.md").read_text()
HEADER = ["#", "L", "asks for", "met by", "shown by"]
LEVELS = {
    "1": """
6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2
7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2
8.1.1 8.2.1 8.2.2 8.3.1
9.1.1 9.1.2 9.1.3 9.2.1
10.4.1 10.4.2 10.4.3 10.4.4 10.4.5
""",
    "2": """
6.1.2 6.1.3 6.2.9 6.2.10 6.2.11 6.2.12 6.3.3 6.3.4 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.1 6.6.2 6.6.3
6.8.1 6.8.2 6.8.3 6.8.4
7.1.1 7.1.2 7.1.3 7.3.1 7.3.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.6.1 7.6.2
8.1.2 8.2.3 8.4.1
9.2.2 9.2.3 9.2.4
10.1.1 10.1.2 10.2.1 10.2.2 10.3.1 10.3.2 10.3.3 10.3.4 10.4.6 10.4.7 10.4.8 10.4.9 10.4.10 10.4.11
10.5.1 10.5.2 10.5.3 10.5.4 10.5.5 10.6.1 10.6.2 10.7.1 10.7.2 10.7.3
""",
    "3": """
6.3.5 6.3.6 6.3.7 6.3.8 6.4.5 6.4.6 6.5.6 6.5.7 6.5.8 6.6.4 6.7.1 6.7.2
7.5.3
8.1.3 8.1.4 8.2.4 8.3.2 8.3.3 8.4.2
10.2.3 10.3.5 10.4.12 10.4.13 10.4.14 10.4.15 10.4.16
""",
}
"""All requirements of the chapters V6 to V10 of ASVS 5.0.0, by the level from which on they count."""
REQUIREMENTS = {number: level for level, numbers in LEVELS.items() for number in numbers.split()}
UNMET = ("**not met**", "not applicable")
PLACE = re.compile(r"`((?:sk|tests|docs|deploy)/[\w/.-]+)(?:::(\w+))?`")
PLACES = sorted({(match[1], match[2] or "") for match in PLACE.finditer(TEXT)})
FIELD_OF_PASSWORD = re.compile(r"\{\{ input\(\"password\".*|<input[^>]*name=\"password\"[^>]*>")


def tables() -> list[list[list[str]]]:
    """Return the cells of every table of requirements, below its header."""
    blocks = [block.splitlines() for block in TEXT.split("\n\n") if block.startswith("| # |")]
    return [[[cell.strip() for cell in line.strip("|").split("|")] for line in lines] for lines in blocks]


ROWS = [row for _, _, *rows in tables() for row in rows]


def test_every_requirement_stands_there_once_and_in_its_order() -> None:
    in_order = sorted(REQUIREMENTS, key=lambda number: [int(part) for part in number.split(".")])

    assert [row[0] for row in ROWS] == in_order
    assert len(REQUIREMENTS) == 47 + 19 + 13 + 7 + 36
    assert [header for header, *_ in tables()] == [HEADER] * 5


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_requirement_says_how_it_is_met_and_what_shows_it_or_why_not(row: list[str]) -> None:
    assert len(row) == len(HEADER)
    number, level, asked, met, shown = row
    assert level == REQUIREMENTS[number]
    assert asked
    assert re.search(r"`(?:sk|deploy)/|^\"|^\*\*not met\*\*|^not applicable", met), met
    assert "`tests/" in shown or shown == "this page" or shown.startswith("no test: ") or met.startswith(UNMET), shown
    assert (shown != "this page") or number.split(".")[1] == "1"


@pytest.mark.parametrize(("path", "name"), PLACES, ids=["::".join(place) for place in PLACES])
def test_what_the_document_names_exists(path: str, name: str) -> None:
    file = ROOT / path
    assert file.is_file()
    if path.startswith("tests/"):
        assert file.name.startswith("test_")
        assert not name or name.startswith("test_")
    assert not name or name in names_in(file)


def test_no_name_stands_there_without_its_file() -> None:
    assert TEXT.count("::") == len([match for match in PLACE.finditer(TEXT) if match[2]])


def test_every_way_in_stands_in_the_document() -> None:
    ways = TEXT.partition("| way in |")[2].partition("\n\n")[0]

    assert re.findall(r"^\| `([\w-]+)` \|", ways, re.MULTILINE) == list(get_args(Means))


def test_everybody_whom_a_route_lets_in_stands_in_the_document() -> None:
    routes = TEXT.partition("### By route")[2].partition("\n### ")[0]
    told = {tuple(re.findall(r"`([\w:]+)`", row.split("|")[1])) for row in routes.splitlines() if row.startswith("| `")}
    allowed = [route.allow for route in all_routes(trial=True)]

    assert {(allow.who, allow.scope) if allow.scope else (allow.who,) for allow in allowed} == told
    assert "| `citizen`, fresh |" in routes
    assert {f"`{scope}`" for scope in SCOPES} <= set(re.findall("`[^`]+`", routes))


def test_every_password_is_masked_and_known_to_password_managers() -> None:
    pages = {file: file.read_text() for file in (ROOT / "sk/web/templates").glob("*.html")}
    fields = {file.name: found for file, text in pages.items() if (found := FIELD_OF_PASSWORD.findall(text))}

    assert {name for name in fields if f"`sk/web/templates/{name}`" in TEXT} == set(fields)
    assert len(fields) == 3
    assert len([name for name, text in pages.items() if "{{ new_password(" in text]) == 4
    for name, found in fields.items():
        for field in found:
            assert '"password"' in field.partition('"password"')[2], name
            assert re.search("(current|new)-password", field), name
    assert "paste" not in "".join([*pages.values(), (ROOT / "sk/web/static/passkeys.js").read_text()])
