"""The printable proof: a page for people, with the bundle attached for whoever verifies (PDF/A-3).

The page proves nothing and says so: it is what the attached bundle says, in sentences. Only the bundle can be verified.
"""

from collections.abc import Sequence
from typing import cast

from fpdf import XPos, YPos
from fpdf.enums import MethodReturnValue

from sk.evidence.sentences import TRIAL
from sk.postbox.explanation import Words
from sk.postbox.proven import Happened, Printed, Proof
from sk.typeset import BLUE, GREY, INK, PALE, Color, Paper

LEFT, TOP, RIGHT, BOTTOM = 20.0, 13.0, 20.0, 17.0  # mm
LINE, SMALL = 4.4, 3.7  # mm from line to line
LABEL = 36.0
COLUMNS = (66.0, 44.0, 44.0, 16.0)
AMBER: Color = (255, 236, 190)
ATTACHED = "evidence.json"
TITLE = Words(de="Nachweis über eine Nachricht im Postfach", en="Evidence about a message in the postbox")
INTRODUCTION = (
    f"Dieses Blatt fasst zusammen, was die angehängte Datei {ATTACHED} belegt. Verbindlich ist die Datei: Sie ist "
    "unterschrieben und lässt sich ohne den Betreiber prüfen. Das Blatt allein beweist nichts."
)


def typeset_proof(proof: Proof, printed: Printed) -> bytes:
    """Return the proof as PDF/A-3, one page if it fits: the same bytes for the same bundle."""
    sheet = _Sheet(proof, printed.operator)
    sheet.add_page()
    sheet.head(is_trial=proof.is_trial)
    sheet.facts(_identity(proof, printed))
    sheet.section(Words(de="Verlauf", en="What happened"))
    sheet.moments(proof.rows)
    sheet.sentences(Words(de="Vollmacht", en="Power of attorney"), proof.report.vollmachten)
    sheet.sentences(Words(de="Berechnet, nicht bezeugt", en="Computed, not witnessed"), proof.report.computed)
    if proof.digests:
        sheet.section(Words(de="Anhänge (SHA-256)", en="Attachments"))
        sheet.facts([(f"Anhang {number}", digest) for number, digest in enumerate(proof.digests, 1)])
    sheet.sentences(Words(de="Nicht belegt", en="Not proven"), proof.report.not_proven)
    remarks = [words for words in proof.report.remarks if words != TRIAL]
    sheet.sentences(Words(de="Hinweise", en="Remarks"), remarks)
    sheet.section(Words(de="Log, in dem alles steht", en="The log"), keep=14 + 3 * LINE)
    sheet.facts(_log(proof))
    sheet.section(Words(de="So prüfen Sie den Nachweis", en="How to verify"))
    sheet.steps(_how_to_verify(printed))
    return bytes(sheet.output())


def _identity(proof: Proof, printed: Printed) -> list[tuple[str, str]]:
    says = proof.verified.statements[0].says
    return [
        ("Betreiber", printed.operator),
        ("Behörde", f"{proof.authority} ({says['authority']})"),
        *([("Zeichen der Behörde", printed.reference)] if printed.reference else []),
        ("Nachricht", says["notice"]),
        ("Stand", proof.as_of.de),
    ]


def _log(proof: Proof) -> list[tuple[str, str]]:
    checkpoint = proof.verified.checkpoint
    return [
        ("Name", checkpoint.origin),
        ("Einträge, Wurzel", f"{checkpoint.size}, {proof.root}"),
        ("Prüfschlüssel", str(proof.verified.vkey)),
    ]


def _how_to_verify(printed: Printed) -> list[str]:
    offline = (
        f"Ohne Netz und ohne den Betreiber: sk verify {ATTACHED} BESCHEID.pdf --trust PRÜFSCHLÜSSEL. Den Prüfschlüssel "
        "haben Sie vom Betreiber auf anderem Weg; der hier gedruckte ist nur eine Behauptung."
    )
    return [
        f"Speichern Sie die Datei {ATTACHED}, die an diesem PDF hängt (in PDF-Programmen unter „Anlagen“).",
        offline,
        f"Oder im Browser, beim Betreiber selbst: {printed.verify_page}",
    ]


class _Sheet(Paper):
    """A sheet that grows downwards: each method sets one thing below the last."""

    def __init__(self, proof: Proof, operator: str) -> None:
        as_of = proof.verified.as_of
        super().__init__(title=TITLE.de, creator=operator, made_at=as_of, margins=(LEFT, TOP, RIGHT))
        self.set_auto_page_break(auto=True, margin=BOTTOM)
        notice = proof.verified.statements[0].says["notice"]
        self._below = f"{'Testbetrieb: ' if proof.is_trial else ''}Nachweis zur Nachricht {notice}"
        self.embed_file(
            bytes=proof.bundle.encode(),
            basename=ATTACHED,
            mime_type="application/json",
            associated_file_relationship="Data",
            creation_date=as_of,
            modification_date=as_of,
            desc=f"{TITLE.de}: das Paket, das geprüft werden kann",
            compress=True,
        )

    def footer(self) -> None:
        """Set which notice this is about, and the number of the page; fpdf2 calls this at the end of each."""
        self.set_y(-13)
        self._rule()
        self.set_y(-11.5)
        self._face("", 7.5, GREY)
        self.cell(0, SMALL, self._below)
        # The number of pages is filled in at the end, so this cannot be set flush right; it has one digit.
        self.set_x(self.w - RIGHT - self.get_string_width("Seite 1 von 1"))
        self.cell(0, SMALL, f"Seite {self.page_no()} von {{nb}}")

    def head(self, *, is_trial: bool) -> None:
        """Set what this is, and before all else if it proves nothing real."""
        if is_trial:
            self._box(TRIAL.de)
        self._face("B", 17, INK)
        self._text(7.5, TITLE.de)
        self._face("", 9, GREY)
        self._text(LINE, TITLE.en)
        self.ln(1.5)
        self._face("", 9, INK)
        self._text(LINE, INTRODUCTION)
        self.ln(2)

    def section(self, title: Words, keep: float = 14) -> None:
        """Set a heading, German first, on the next page if not so much would fit on this one with what follows it."""
        self.ln(1.8)
        self._keep_together(keep)
        self.start_section(title.de)
        self._face("B", 10.5, BLUE)
        self.cell(self.get_string_width(title.de) + 2.5, 5, title.de)
        self._face("", 8, GREY)
        self.cell(0, 5.4, title.en, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(0.6)

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Set labels, and beside them what holds."""
        for label, value in rows:
            self._keep_together(2 * LINE)
            self._face("", 8.5, GREY)
            self.cell(LABEL, LINE, label)
            self._face("", 9, INK)
            self._text(LINE, value)

    def moments(self, rows: Sequence[Happened]) -> None:
        """Set the table of moments; under each stands what it says, word for word."""
        self.set_fill_color(*PALE)
        self._row("Schritt", "Zeitpunkt", "im Log seit", "Eintrag", head=True)
        for row in rows:
            self._face("", 8, GREY)
            lines = self.multi_cell(0, SMALL, row.sentence.de, dry_run=True, output=MethodReturnValue.LINES)
            self._keep_together(LINE + SMALL * len(cast("list[str]", lines)) + 2)
            self.ln(0.5)
            self._row(row.step.de, row.at.de, row.logged_at.de, str(row.entry))
            self._face("", 8, GREY)
            self._text(SMALL, row.sentence.de)
            self.ln(0.7)
            self.set_draw_color(*PALE)
            self.line(LEFT, self.get_y(), self.w - RIGHT, self.get_y())

    def sentences(self, title: Words, sentences: Sequence[Words]) -> None:
        """Set sentences under a heading, which is not there without one."""
        if sentences:
            self.section(title)
        for words in sentences:
            self._point("•", words.de[:1].upper() + words.de[1:])

    def steps(self, steps: Sequence[str]) -> None:
        """Set what is to be done, in its order."""
        for number, step in enumerate(steps, 1):
            self._point(f"{number}.", step)

    def _point(self, mark: str, text: str) -> None:
        self._face("", 8.5, INK)
        self._keep_together(2 * LINE)
        self.cell(4, LINE, mark)
        self._text(LINE, text)

    def _row(self, *cells: str, head: bool = False) -> None:
        for number, (width, text) in enumerate(zip(COLUMNS, cells, strict=True)):
            self._face("" if head or number else "B", 8 if head else 9, GREY if head else INK)
            self.cell(width, LINE, text, fill=head, align="R" if number == len(COLUMNS) - 1 else "L")
        self.ln(LINE)

    def _box(self, text: str) -> None:
        self.set_fill_color(*AMBER)
        self._face("B", 9.5, INK)
        self.c_margin = 3
        self.multi_cell(0, 6.5, text, fill=True, align="L", new_x=XPos.LMARGIN)
        self.c_margin = 0
        self.ln(3)
