"""`sk bekanntgabe`: the days of one case, of many, the reasoning, and what it refuses."""

import json
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from sk.cli import main
from tests.postbox.cases import CASES, ROWS
from tests.process import run_sk

ON_WEDNESDAY = {"law": "ozg-9", "event": "2026-11-25T09:00:00+01:00"}
KEYS = [
    *("id", "bekanntgabe_on", "frist_ends_on", "frist_expires_at"),
    *("law", "version", "basis", "why", "other_reading"),
]
OZG = ["bekanntgabe", "--law", "ozg-9", "--event", "2026-11-25T09:00:00+01:00"]


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a folder in which there is nothing."""
    monkeypatch.chdir(tmp_path)


def computed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["bekanntgabe", *arguments, "--json"])
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def lines_of(capsys: pytest.CaptureFixture[str], *lines: bytes) -> list[dict[str, Any]]:
    Path("cases.jsonl").write_bytes(b"\n".join(lines))
    main(["bekanntgabe", "--jsonl", "cases.jsonl"])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def as_line(**changes: object) -> bytes:
    return json.dumps({**ON_WEDNESDAY, **changes}).encode()


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["bekanntgabe", *arguments])
    said = capsys.readouterr()
    assert (end.value.code, said.out, said.err.count("\n")) == (2, "", 1)
    return said.err.removeprefix("sk: ").strip()


# Many cases


def test_every_worked_case_comes_out_as_it_was_worked_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    answers = lines_of(capsys, *(json.dumps(row).encode() for row in ROWS))

    assert [list(answer) for answer in answers] == [KEYS] * len(CASES)
    outcome = ("id", "law", "bekanntgabe_on", "frist_ends_on", "frist_expires_at")
    assert [[answer[key] for key in outcome] for answer in answers] == [[row[key] for key in outcome] for row in ROWS]


def test_cases_are_read_from_standard_input_where_no_file_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(as_line(id="a") + b"\n\n" + as_line(id=2))))
    main(["bekanntgabe", "--jsonl"])

    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ["a", 2]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (as_line(event="2020-12-09T23:59:59+01:00"), "knows a Bekanntgabe since 10 December 2020 only"),
        (as_line(event="2199-01-01T00:00:00Z"), "Days are computed from 1991 to 2098 only"),
        (as_line(event="2026-11-25T09:00:00"), "event: a moment is written like 2026-11-25T09:00:00+01:00"),
        (as_line(event="1764061200"), "event: a moment is written like"),
        (as_line(event=1764061200), "event: a moment is written like"),
        (as_line(event=None), "event: a moment is written like"),
        (as_line(zugang="1. Dezember"), "a day like 2026-12-01"),
        (as_line(law="ozg-8"), "There is no law 'ozg-8'; the names are ozg-9, "),
        (as_line(law=None), "law: "),
        (as_line(rechtsbehelf="einrede"), "There is no Rechtsbehelf 'einrede'"),
        (as_line(recipient_land="XX"), "There is no Land 'XX'"),
        (as_line(seat_land="XX"), "There is no Land 'XX'"),
        (as_line(flags=["unproven"]), "flags: 0: "),
        (as_line(belehrung="ja"), "belehrung: "),
        (as_line(zugnag="2026-12-01"), "zugnag: there is no such key"),
        (b'{"law": "ozg-9"}', "event: the key is missing"),
        (b"[]", "an object is needed"),
        (b'"ozg-9"', "an object is needed"),
        (b"garbage", "Invalid JSON"),
        (b'{"id": "\\ud800"}', "Invalid JSON"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"[" * 100_000, "Invalid JSON"),
        (b"1" * 10_000, "Invalid JSON"),
    ],
    ids=range(23),
)
def test_a_line_that_cannot_be_computed_gets_an_error_and_the_rest_goes_on(
    line: bytes, error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before, wrong, after = lines_of(capsys, as_line(id="before"), line, as_line(id="after"))

    assert (before["bekanntgabe_on"], after["bekanntgabe_on"]) == ("2026-11-29", "2026-11-29")
    assert set(wrong) == {"id", "error"}
    assert error in wrong["error"]


def test_an_error_names_the_case_that_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [as_line(id=given, law="x") for given in ("R12", 7, None, [1])]

    assert [answer["id"] for answer in lines_of(capsys, *lines)] == ["R12", 7, None, None]


def test_a_case_that_names_no_land_is_in_that_of_the_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = as_line(law="ao-122a", event="2026-01-02T09:00:00+01:00")
    (in_nordrhein_westfalen,) = lines_of(capsys, line)
    monkeypatch.setenv("SK_LAND", "BY")
    (in_bavaria,) = lines_of(capsys, line)

    assert (in_nordrhein_westfalen["bekanntgabe_on"], in_bavaria["bekanntgabe_on"]) == ("2026-01-06", "2026-01-07")


@pytest.mark.parametrize("option", [["--law", "ozg-9"], ["--lenient-ten-days"], ["--explain"], ["--abroad"]])
def test_an_option_that_the_cases_say_themselves_is_refused_beside_them(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"leave out {option[0]} " in refusal(capsys, "--jsonl", *option)


# One case


def test_one_case_is_printed_with_its_rule_its_version_and_the_other_reading(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([*OZG, "--rechtsbehelf", "klage-vwgo"])
    said = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())

    assert (said["bekanntgabe_on"], said["frist_ends_on"]) == ("2026-11-29", "2026-12-29")
    assert (said["frist_expires_at"], said["version"]) == ("2026-12-29T23:00:00Z", "2025-01-01")
    assert said["basis"] == "§ 9 Abs. 1 Satz 4 OZG"
    assert said["other_reading"].startswith("2026-12-30: nach anderer Ansicht")


def test_another_reading_without_a_frist_is_printed_as_none(capsys: pytest.CaptureFixture[str]) -> None:
    main([*OZG, "--rechtsbehelf", "klage-vwgo", "--benachrichtigung-unproven"])
    said = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())

    assert said["other_reading"].startswith("none: nach anderer Ansicht begann ohne eine rechtzeitige")


@pytest.mark.parametrize(
    ("arguments", "bekanntgabe_on", "frist_ends_on"),
    [
        ([*OZG[1:], "--rechtsbehelf", "klage-vwgo", "--no-belehrung"], "2026-11-29", "2027-11-29"),
        ([*OZG[1:], "--rechtsbehelf", "klage-sgg", "--abroad"], "2026-11-29", "2027-03-01"),
        ([*OZG[1:], "--bereitstellung-unproven", "--abruf", "2026-12-04T08:00:00Z"], "2026-12-04", None),
        ([*OZG[1:], "--bereitstellung-unproven"], None, None),
        (["--law", "vwvfg-41-2", *OZG[3:], "--zugang", "2026-12-01"], "2026-12-01", None),
        (["--law", "vwvfg-41-2", *OZG[3:], "--not-received"], None, None),
        (["--law", "sgbx-37-2a", *OZG[3:], "--benachrichtigung-unproven"], None, None),
        (
            ["--law", "ao-122a", "--event", "2026-01-02T09:00:00+01:00", "--recipient-land", "BY"],
            "2026-01-07",
            None,
        ),
        (
            ["--law", "ozg-9", "--event", "2025-12-02T10:00:00Z", "--seat-land", "BY", "--rechtsbehelf", "klage-vwgo"],
            "2025-12-06",
            "2026-01-07",
        ),
        (
            [
                *("--law", "vwvfg-41-2a", "--event", "2026-11-05T09:00:00+01:00"),
                *("--abruf", "2026-11-16T10:00:00+01:00", "--lenient-ten-days", "--rechtsbehelf", "klage-vwgo"),
            ],
            "2026-11-17",
            "2026-12-17",
        ),
    ],
    ids=range(10),
)
def test_every_option_counts(
    arguments: list[str], bekanntgabe_on: str | None, frist_ends_on: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = computed(capsys, *arguments)

    assert (found["bekanntgabe_on"], found["frist_ends_on"]) == (bekanntgabe_on, frist_ends_on)


def test_another_day_of_bekanntgabe_is_told_even_where_no_frist_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = computed(capsys, *OZG[1:])

    assert found["other_reading"] is None
    assert "nach anderer Ansicht verschiebt sich die Bekanntgabe" in found["why"]


def test_the_reasoning_is_written_step_by_step_in_german_and_then_in_english(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([*OZG, "--rechtsbehelf", "klage-vwgo", "--explain"])
    german, english = capsys.readouterr().out.split("\n\n")

    assert german.splitlines()[:3] == [
        "Bekanntgabe",
        "  Mittwoch, 25.11.2026 Bereitstellung",
        "  vierter Tag: Sonntag, 29.11.2026",
    ]
    assert "  die Frist endet am Dienstag, 29.12.2026, 24 Uhr" in german.splitlines()
    assert "Andere Ansicht" in german.splitlines()
    assert "  the time limit (Frist) ends on Tuesday, 29 December 2026, 24:00" in english.splitlines()
    assert len(english.splitlines()) == len(german.splitlines())


def test_where_nothing_is_open_no_other_view_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    main(["bekanntgabe", "--law", "vwvfg-41-2", *OZG[3:], "--explain"])

    assert "Andere Ansicht" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--law", "ozg-9", "--event", "2020-12-09T12:00:00Z"], "§ 9 OZG knows a Bekanntgabe since 10 December 2020"),
        (["--law", "ozg-8", *OZG[3:]], "There is no law 'ozg-8'"),
        (["--law", "ozg-9", "--event", "heute"], "event: a moment is written like"),
        ([*OZG[1:], "--zugang", "2026-13-01"], "zugang: a moment is written like"),
        ([*OZG[1:], "--rechtsbehelf", "einrede"], "There is no Rechtsbehelf 'einrede'"),
        ([*OZG[1:], "--seat-land", "XX"], "There is no Land 'XX'"),
        (["--law", "\udcff", *OZG[3:]], "Invalid JSON"),
        (OZG[3:], "--law is missing"),
        (OZG[1:3], "--event is missing"),
        (["--jsonl", "missing.jsonl"], "missing.jsonl"),
        ([*OZG[1:], __file__], "a FILE is read with --jsonl only"),
    ],
    ids=range(11),
)
def test_what_cannot_be_computed_is_said_in_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in refusal(capsys, *arguments)


def test_it_needs_no_store_no_keys_and_no_folder(tmp_path: Path) -> None:
    done = run_sk(tmp_path, {"SK_DATA": str(tmp_path / "data")}, *OZG)

    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
