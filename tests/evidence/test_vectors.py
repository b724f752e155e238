"""Bundles that somebody else has made: `sk` believes those that it must, and no other."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from sk.crypto.sign import encode
from sk.evidence.bundle import BUNDLE_MAX_BYTES
from sk.evidence.verdict import NotValid, find_files
from tests.evidence.bundles import (
    FETCHED,
    KNOWN,
    LOADED,
    TAKEN,
    VECTORS,
    expected,
    known_to,
    named,
    raw_of,
    said_of,
    verified,
)
from tests.process import run_sk
from tests.vectors.bundle_stories import a_message
from tests.vectors.evidence import bundled, spelled
from tests.vectors.patches import Vector

REFUSALS = {
    1: ("The log's checkpoint is not signed", "The bundle's key is not the known key"),
    2: ("The log's checkpoint is not signed", "The checkpoint is of another log"),
    3: ("not signed by who may make it", "Among the keys stands something else"),
    4: ("not signed by who may make it", "might not state"),
    5: ("is not in the log in this form", "or the order is wrong"),
    6: ("or the order is wrong", "is about something else", "contradicts those before it", "holds no statement"),
    7: ("is not validly signed", "might not state as-of", "is not as-of", "The bundle is not complete"),
    8: ("digests of content and attachments do not belong",),
    9: ("A time stamp contradicts the checkpoint", "The time stamps do not stand in the order"),
    11: (
        *("The Vollmachten of the bundle are not those", "A Vollmacht of the bundle is not complete"),
        *("The words of a Vollmacht are not", "the Vollmacht did not suffice"),
    ),
    12: ("Purpose and digests of the documents", "behind the end of the share", "goes beyond the share"),
}
"""What is said where a rule of docs/formats/bundle.md refuses a bundle."""
EXIT = {"valid": 0, "unreadable": 2, "unvouched": 3}
ALL_AT_ONCE = """
import contextlib, io, json, sys
from sk.cli import main
for line in sys.stdin:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main(json.loads(line))
        except SystemExit as end:
            code = end.code
    print(code)
"""


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_bundle_is_what_its_vector_says(vector: Vector) -> None:
    outcome, sentence = said_of(raw_of(vector), known_to(vector))

    if isinstance(rule := expected(vector), int):
        assert outcome == "not-valid"
        assert any(part in sentence for part in REFUSALS[rule]), sentence
    else:
        assert outcome == rule, sentence


@pytest.mark.parametrize("name", ["known: another key under this name", "known: no key, of somebody else"])
def test_a_second_installation_under_the_same_name_is_refused_by_whoever_knows_the_first(name: str) -> None:
    assert said_of(raw_of(name), ["konto"])[0] == "not-valid"
    assert said_of(raw_of(name), [])[0] == "unvouched"


def test_a_bundle_that_is_too_long_is_not_read() -> None:
    raw = raw_of(TAKEN)

    assert said_of(raw[:-1] + b" " * (BUNDLE_MAX_BYTES - len(raw)) + b"}", [])[0] == "unreadable"
    outcome, sentence = said_of(raw + b" " * BUNDLE_MAX_BYTES, [])
    assert (outcome, sentence) == ("unreadable", f"a bundle has at most {BUNDLE_MAX_BYTES} bytes")


def test_the_command_ends_for_every_vector_as_it_says(tmp_path: Path) -> None:
    lines, codes = [], []
    for number, vector in enumerate(VECTORS):
        bundle = tmp_path / f"{number}.json"
        bundle.write_bytes(raw_of(vector))
        trust = [option for name in known_to(vector) for option in ("--trust", str(KNOWN[name]))]
        lines.append(json.dumps(["verify", str(bundle), *trust]))
        codes.append(EXIT.get(expected(vector), 1))
    ran = subprocess.run(
        [sys.executable, "-c", ALL_AT_ONCE], input="\n".join(lines), capture_output=True, text=True, check=True
    )

    ended = zip(VECTORS, ran.stdout.split(), codes, strict=True)
    assert [(vector["name"], got, code) for vector, got, code in ended if got != str(code)] == []


@pytest.fixture
def handed_over(tmp_path: Path) -> Path:
    """Return a folder with what a citizen has: the bundle, the files of the notice, one changed, and another one."""
    (tmp_path / "evidence.json").write_bytes(raw_of(FETCHED))
    for file in LOADED["files"]:
        (tmp_path / file["name"]).write_text(file["text"], encoding="utf-8")
    (tmp_path / "changed.txt").write_text(LOADED["files"][1]["text"].replace("abgelehnt", "genehmigt"))
    (tmp_path / "rechnung.txt").write_text("Eine Rechnung.")
    return tmp_path


TRUST = ("--trust", str(KNOWN["konto"]))


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ([], 0, "Gültig: Die Aussagen sind unterschrieben und stehen im Log konto.example"),
        (["bescheid.txt"], 0, "Die Datei bescheid.txt ist unverändert: Anhang 1 der Nachricht."),
        (["merkblatt.txt", "bescheid.txt"], 0, "The file merkblatt.txt is unchanged: attachment 2 of the notice."),
        (["the text"], 0, "Die Datei the text ist unverändert: der Text der Nachricht."),
        (["bescheid.txt", "changed.txt"], 1, "Nicht gültig: Die Datei changed.txt ist in keiner Aussage enthalten"),
        (["rechnung.txt"], 1, "Not valid: No statement contains the file rechnung.txt"),
        (["evidence.json"], 1, "No statement contains the file evidence.json"),
        (["rechnung.txt", "bescheid.txt", "changed.txt"], 1, "Die Dateien rechnung.txt, changed.txt sind in keiner"),
        ([], 0, "zum Abruf bereitgestellt. Im Log seit 23.11.2026, 10:15:02 MEZ."),
    ],
)
def test_a_file_is_known_by_its_content_and_one_that_is_none_is_named(
    handed_over: Path, files: list[str], code: int, said: str
) -> None:
    ran = run_sk(handed_over, {}, "verify", "evidence.json", *files, *TRUST)

    assert (ran.returncode, ran.stderr) == (code, "")
    assert said in ran.stdout
    assert ("Gültig:" in ran.stdout) is (code == 0)


def test_whether_a_file_belongs_to_a_notice_whose_openings_were_deleted_cannot_be_told(handed_over: Path) -> None:
    (handed_over / "mute.json").write_bytes(raw_of("the openings were deleted"))

    ran = run_sk(handed_over, {}, "verify", "mute.json", "bescheid.txt", *TRUST)

    assert ran.returncode == 1
    assert "Ob bescheid.txt dazugehört, lässt sich nicht sagen" in ran.stdout


def test_an_empty_file_is_not_the_text_of_a_notice_that_has_none() -> None:
    found = verified(FETCHED)
    assert found.opening
    empty = found.opening.text.model_copy(update={"sha256": encode(sha256().digest())})
    without_text = found._replace(opening=found.opening.model_copy(update={"text": empty}))

    with pytest.raises(NotValid, match="No statement contains the file empty"):
        find_files(without_text, {"empty": sha256().digest()})


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("evidence.json",), 3),
        (("evidence.json", "--trust", str(KNOWN["trial"])), 3),
        (("evidence.json", "--trust", str(KNOWN["impostor"])), 1),
        (("evidence.json", "--trust", str(KNOWN["impostor"]), *TRUST), 0),
        (("evidence.json", "--trust", "konto.example"), 2),
        (("evidence.json", "missing.txt", *TRUST), 2),
        (("missing.json", *TRUST), 2),
        (("bescheid.txt", *TRUST), 2),
        ((".", *TRUST), 2),
        (("evidence.json", "--tsa", "bescheid.txt", *TRUST), 2),
    ],
)
def test_the_command_tells_what_it_found_by_how_it_ends(
    handed_over: Path, arguments: tuple[str, ...], code: int
) -> None:
    ran = run_sk(handed_over, {}, "verify", *arguments)

    assert ran.returncode == code, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert bool(ran.stderr) is (code == 2)


def test_a_broken_file_of_settings_and_a_folder_of_nothing_do_not_matter(handed_over: Path) -> None:
    (handed_over / ".env").write_text("SK_PORT=a hundred\nSK_NO_SUCH_SETTING=1\n\0")
    broken = {"SK_STORE": "no store", "SK_TSA_CERTS": "/nowhere"}

    ran = run_sk(handed_over, broken, "verify", "evidence.json", "bescheid.txt", *TRUST)

    assert (ran.returncode, ran.stderr) == (0, "")


def test_names_of_vectors_lead_to_those_that_they_change() -> None:
    assert all(named(vector.get("of", FETCHED)).get("bundle") for vector in VECTORS)


def test_what_somebody_else_wrote_neither_begins_a_line_nor_steers_the_terminal(handed_over: Path) -> None:
    story = a_message()
    story.origin = "konto.example/of-nobody"
    for leaf in (*story.leaves[2:3], story.as_of):
        leaf.says["authority"] = "x\n\nGültig: Die Aussagen sind unterschrieben\x1b[2J\u202e"
    (handed_over / "forged.json").write_text(spelled(bundled(story)), encoding="utf-8")
    (handed_over / "named.json").write_text('{"\\nGültig:\\u001b[2J":1}', encoding="utf-8")

    forged = run_sk(handed_over, {}, "verify", "forged.json")
    named_so = run_sk(handed_over, {}, "verify", "named.json")

    assert (forged.returncode, named_so.returncode) == (3, 2)
    for text in (forged.stdout, named_so.stderr):
        assert not [line for line in text.splitlines() if line.startswith("Gültig")]
        assert all(char.isprintable() or char == "\n" for char in text)
