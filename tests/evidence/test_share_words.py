"""What a bundle about a share proves and what it does not, in words, on the command line and by files."""

from pathlib import Path

import pytest

from sk.errors import Invalid
from sk.evidence.sentences import about, heading, report_on, with_log_moments
from sk.evidence.verdict import NotValid, VerifiedShare, find_files
from sk.evidence.verify import verify_any, verify_bundle
from tests.evidence.bundles import KNOWN, known_to, named, raw_of
from tests.process import run_sk
from tests.vectors.bundle_shares import SHARED
from tests.vectors.bundle_stories import FILES

GRANTED = (
    "Am 23.11.2026, 10:00:01 MEZ wurden 2 Dokumente aus einem Konto für csvmuvc7oztllpvfv3zyhplueq freigegeben, "
    "Zweck „Elterngeld“: abrufbar bis 26.11.2026, 00:00:00 MEZ, jedes höchstens 2-mal (Anmeldung: Online-Ausweis, "
    "Vertrauensniveau: hoch)."
)
REVOKED = (
    "Am 25.11.2026, 09:00:00 MEZ wurde die Freigabe aus dem Konto widerrufen; seitdem kann nichts mehr abgerufen "
    "werden."
)
TRUST = ("--trust", str(KNOWN["konto"]))


def proven(vector: str) -> VerifiedShare:
    """Return what the bundle of a vector proves about a share."""
    found = verify_any(raw_of(vector), [KNOWN[name] for name in known_to(named(vector))])
    assert isinstance(found, VerifiedShare)
    return found


def test_what_was_granted_and_each_fetch_are_proven_in_their_order() -> None:
    assert [one.de for one in report_on(proven(SHARED)).proven] == [
        GRANTED,
        "Am 24.11.2026, 09:00:00 MEZ wurde Dokument 1 herausgegeben (Abruf 1 von höchstens 2).",
        "Am 24.11.2026, 10:00:00 MEZ wurde Dokument 1 herausgegeben (Abruf 2 von höchstens 2).",
        "Am 24.11.2026, 11:00:00 MEZ wurde Dokument 2 herausgegeben (Abruf 1 von höchstens 2).",
        REVOKED,
    ]


def test_it_is_said_in_english_as_well() -> None:
    granted, fetched, *_, revoked = [one.en for one in report_on(proven(SHARED)).proven]

    assert granted == (
        "On 23 November 2026, 10:00:01 CET 2 documents were shared from an account with csvmuvc7oztllpvfv3zyhplueq, "
        "for “Elterngeld”: to be fetched until 26 November 2026, 00:00:00 CET, each at most 2 times (log-in: ID card, "
        "trust level: high)."
    )
    assert fetched == "On 24 November 2026, 09:00:00 CET document 1 was released (fetch 1 of 2 at most)."
    assert revoked.endswith(" the share was revoked from the account; nothing can be fetched since then.")


def test_what_is_not_proven_is_said() -> None:
    whole, untouched = report_on(proven(SHARED)), report_on(proven("a share that nobody has fetched from"))

    assert [one.de.partition(",")[0] for one in whole.not_proven] == [
        "Dass ein herausgegebenes Dokument vollständig ankam oder gelesen wurde",
        "Aus wessen Konto freigegeben wurde",
        "Stand 26.11.2026",
    ]
    assert whole.not_proven[-1].de.endswith("MEZ. Was danach geschah, belegt dieses Paket nicht.")
    assert untouched.not_proven[0].de == "Dass Dokument 1, 2 herausgegeben wurde, belegt dieses Paket nicht."
    assert len(untouched.not_proven) == len(whole.not_proven)
    assert whole.computed == whole.vollmachten == ()


def test_who_has_ended_it_is_said() -> None:
    ended = report_on(proven("a share that the operator has ended")).proven[-1]

    assert "wurde die Freigabe vom Betreiber beendet" in ended.de


def test_without_its_opening_a_bundle_says_neither_purpose_nor_which_documents() -> None:
    mute = proven("a share without its opening")
    report = report_on(mute)

    assert "freigegeben: abrufbar bis" in report.proven[0].de
    assert "Das Paket sagt nicht, welche Inhalte es betrifft" in " ".join(one.de for one in report.remarks)
    with pytest.raises(NotValid, match="belongs to it cannot be told"):
        find_files(mute, {"bescheid.txt": b""})


def test_which_share_it_is_about_is_said_and_since_when_each_statement_is_in_the_log() -> None:
    found = proven(SHARED)

    assert about(found).de == "Es geht um die Freigabe freigabe00000000000000000a für csvmuvc7oztllpvfv3zyhplueq."
    assert heading(found).de.startswith("Gültig: ")
    assert with_log_moments(report_on(found), found).proven[1].de.endswith(" Im Log seit 24.11.2026, 09:00:00 MEZ.")


def test_a_bundle_about_a_share_is_none_about_a_notice() -> None:
    with pytest.raises(Invalid, match="this bundle is about no notice"):
        verify_bundle(raw_of(SHARED))


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ([], 0, "Gültig: Die Aussagen sind unterschrieben und stehen im Log konto.example"),
        (["bescheid.txt"], 0, "Die Datei bescheid.txt ist unverändert: Dokument 1 der Freigabe."),
        (["merkblatt.txt"], 0, "The file merkblatt.txt is unchanged: document 2 of the share."),
        (["bescheid.txt", "other.txt"], 1, "Nicht gültig: Die Datei other.txt ist in keiner Aussage enthalten"),
    ],
)
def test_the_command_verifies_a_share_and_its_documents(tmp_path: Path, files: list[str], code: int, said: str) -> None:
    (tmp_path / "freigabe.json").write_bytes(raw_of(SHARED))
    for name, text in {**FILES, "other.txt": "Etwas anderes."}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    ran = run_sk(tmp_path, {}, "verify", "freigabe.json", *files, *TRUST)

    assert (ran.returncode, ran.stderr) == (code, "")
    assert said in ran.stdout
    assert ("Zweck „Elterngeld“" in ran.stdout) is (code == 0)
