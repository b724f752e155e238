"""`sk verify`: what a bundle of evidence proves, offline. It needs no installation, no settings and no network."""

import sys
from hashlib import file_digest
from pathlib import Path

import click

from sk.commands.common import data_option
from sk.errors import Damaged, Invalid
from sk.evidence.bundle import BUNDLE_MAX_BYTES
from sk.evidence.note import VKey
from sk.evidence.sentences import Report, about, heading, report_on, with_log_moments
from sk.evidence.stamps import trusted_authorities
from sk.evidence.verdict import NotValid, find_files
from sk.evidence.verify import verify_any
from sk.postbox.explanation import LANGUAGES, Language, Steps, Words, say, verbatim

NOT_VALID, UNREADABLE, UNVOUCHED = 1, 2, 3
SECTIONS = {
    "proven": Words(de="Belegt", en="Proven"),
    "computed": Words(de="Berechnet", en="Computed"),
    "vollmachten": Words(de="Vollmacht", en="Power of attorney (Vollmacht)"),
    "not_proven": Words(de="Nicht belegt", en="Not proven"),
    "remarks": Words(de="Hinweise", en="Remarks"),
}


@click.command()
@data_option
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--trust", "trust", multiple=True, metavar="VKEY", help="Verifier key of a log that you trust.")
@click.option(
    "--tsa", multiple=True, type=click.Path(path_type=Path), help="PEM with certificates that time stamps lead to."
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Only in this language; else in both.")
def verify(
    data: Path | None,
    bundle: Path,
    files: tuple[Path, ...],
    trust: tuple[str, ...],
    tsa: tuple[Path, ...],
    lang: Language | None,
) -> None:
    """Verify evidence about a notice or a share, and say what it proves.

    A FILE is known by its SHA-256 alone. Exit 0: valid; 1: not valid; 2: unreadable; 3: valid if the key that the
    bundle claims is the right one, but it is not among those you trust.

    \b
    Example: sk verify evidence.json bescheid.pdf --trust "konto.example+1a2b3c4d+AeRm…"
    """
    del data  # every command takes it; this one needs nothing that is kept
    languages = (lang,) if lang else LANGUAGES
    try:
        raw, digests = _read(bundle, files)
        certificates = [one for path in tsa for one in trusted_authorities(str(path))]
        verified = verify_any(raw, [_vkey(text) for text in trust], certificates)
        found = find_files(verified, digests)
    except NotValid as error:
        for language in languages:
            click.echo(_line(say("Nicht gültig: {said}", "Not valid: {said}", said=error.words), language))
        sys.exit(NOT_VALID)
    except Invalid as error:
        click.echo(f"sk: {_on_one_line(str(error))}", err=True)
        sys.exit(UNREADABLE)
    report = with_log_moments(report_on(verified), verified)
    named = tuple(_named(name, what) for name, what in found.items())
    texts = [_text((heading(verified), about(verified)), report, named, language) for language in languages]
    click.echo("\n\n".join(texts))
    sys.exit(0 if verified.trusted else UNVOUCHED)


def _text(head: Steps, report: Report, files: Steps, language: Language) -> str:
    lines = [_line(words, language) for words in head]
    for name, title in SECTIONS.items():
        if found := getattr(report, name) + (files if name == "proven" else ()):
            lines += ["", title.in_language(language), *(f"- {_line(words, language)}" for words in found)]
    return "\n".join(lines)


def _line(words: Words, language: Language) -> str:
    return _on_one_line(words.in_language(language))


def _on_one_line(text: str) -> str:
    """Return a text in which nothing begins another line or steers the terminal: somebody else wrote parts of it."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _named(name: str, what: Words) -> Words:
    return say(
        "Die Datei {name} ist unverändert: {what}.",
        "The file {name} is unchanged: {what}.",
        name=verbatim(name),
        what=what,
    )


def _read(bundle: Path, files: tuple[Path, ...]) -> tuple[bytes, dict[str, bytes]]:
    try:
        with bundle.open("rb") as opened:
            raw = opened.read(BUNDLE_MAX_BYTES + 1)
        digests = {}
        for path in files:
            with path.open("rb") as opened:
                digests[str(path)] = file_digest(opened, "sha256").digest()
    except OSError as error:
        raise Invalid(f"{error.filename}: {error.strerror}") from None
    return raw, digests


def _vkey(text: str) -> VKey:
    try:
        return VKey.read(text.strip())
    except Damaged:
        raise Invalid(f"{text} is no verifier key; one is spelled NAME+HEX+BASE64") from None
