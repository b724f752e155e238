"""The words of the project: the glossary is kept, links lead somewhere, and packages say what they are for."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GLOSSARY = ROOT / "docs/glossary.md"


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the project that match."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT, capture_output=True, check=True
    )
    return [ROOT / name for name in listed.stdout.decode().splitlines() if (ROOT / name).exists()]


def words_not_to_use() -> list[str]:
    """Return what stands in the last column of the glossary."""
    rows = [line for line in GLOSSARY.read_text().splitlines() if line.startswith("| ") and "---" not in line][1:]
    return [word.strip() for row in rows for word in row.strip("| ").split("|")[-1].split(",")]


def test_the_glossary_names_words_not_to_use() -> None:
    assert len(words_not_to_use()) > 20


@pytest.mark.parametrize("word", words_not_to_use())
def test_a_word_that_the_glossary_rules_out_stands_nowhere(word: str) -> None:
    found = re.compile(rf"\b{re.escape(word)}s?\b", re.IGNORECASE)
    for file in tracked("*.py", "*.md", "*.toml"):
        if file != GLOSSARY:
            assert not found.search(file.read_text()), file.relative_to(ROOT)


def test_links_between_documents_lead_somewhere() -> None:
    for file in tracked("*.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.relative_to(ROOT)} → {target}"


def test_files_that_documents_name_exist() -> None:
    for file in tracked("*.md"):
        for name in re.findall(r"`((?:sk|tests|docs)/[\w/.-]+\.(?:py|md|json))", file.read_text()):
            assert (ROOT / name).exists(), f"{file.relative_to(ROOT)} → {name}"


def test_packages_say_what_they_are_for_and_hold_no_code() -> None:
    for file in tracked("sk/*__init__.py"):
        text = file.read_text().strip()
        assert text.startswith('"""'), file
        assert text.count('"""') == 2, file
        assert text.endswith('"""'), file
