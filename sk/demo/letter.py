"""How a letter of the demo city looks: DIN 5008 form B, as PDF/A-3, in KERN's Fira Sans."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import cast

from fpdf import FontFace, XPos, YPos
from fpdf.enums import MethodReturnValue, TableBordersLayout

from sk.typeset import BLUE, GREY, INK, PALE, Paper

LEFT, RIGHT, TOP, BOTTOM = 25.0, 20.0, 25.0, 27.0  # mm, the margins of DIN 5008
LINE = 5.0  # mm from line to line in running text
CITY = "Stadt Musterstadt"
NOTE = "Vorführung: Stadt, Personen, Satzung, Gericht und Beträge sind erfunden. Dieser Bescheid erlaubt nichts."


class Letter(Paper):
    """A letter that grows downwards: each method sets one thing below the last."""

    def __init__(self, *, title: str, reference: str, issued_on: date) -> None:
        """Begin an empty letter. The day alone makes its moment, so that the same letter is always the same bytes."""
        issued_at = datetime.combine(issued_on, time(8), UTC)
        super().__init__(title=title, creator=CITY, made_at=issued_at, margins=(LEFT, TOP, RIGHT))
        self.reference = reference
        self.set_auto_page_break(auto=True, margin=BOTTOM)

    def footer(self) -> None:
        """Set the number of the page; fpdf2 calls this at the end of each."""
        self.set_y(-18)
        self._rule()
        self.set_y(-16)
        self._face("", 7.5, GREY)
        self.cell(0, 4, self.reference)
        # The number of pages is filled in at the end, so this cannot be set flush right; it has one digit.
        self.set_x(self.w - RIGHT - self.get_string_width("Seite 1 von 3"))
        self.cell(0, 4, f"Seite {self.page_no()} von {{nb}}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.cell(0, 4, NOTE)

    def letterhead(self, office: str, sender: str, address: Sequence[str], facts: Sequence[tuple[str, str]]) -> None:
        """Set the city's mark, the field for the address and the block of facts beside it."""
        self._mark(LEFT, 14)
        self.set_xy(LEFT + 16, 14.5)
        self._face("B", 20, BLUE)
        self.cell(0, 8, CITY, new_x=XPos.LEFT, new_y=YPos.NEXT)
        self._face("", 10, GREY)
        self.cell(0, 5.5, office)
        self.set_xy(LEFT, 50)
        self._face("", 7, GREY)
        self.cell(80, 4, sender)
        self.set_line_width(0.2)
        self.line(LEFT, 54.5, LEFT + 80, 54.5)
        self.set_xy(LEFT, 58)
        self._face("", 10.5, INK)
        self.multi_cell(80, LINE, "\n".join(address), align="L")
        for row, (label, value) in enumerate(facts):
            self.set_xy(118, 50 + 5.2 * row)
            self._face("", 8, GREY)
            self.cell(23, LINE, label)
            self._face("", 9, INK)
            self.cell(0, LINE, value)
        self.set_y(100)

    def about(self, subject: str, line: str) -> None:
        """Set the subject, and a line that explains it."""
        self._face("B", 16, INK)
        self.multi_cell(0, 7.5, subject, align="L", new_x=XPos.LMARGIN)
        self._face("", 10, GREY)
        self.multi_cell(0, LINE, line, align="L", new_x=XPos.LMARGIN)
        self.ln(5)

    def heading(self, text: str, *, room: float = 25) -> None:
        """Set a heading, on the next page if less than `room` mm would be left below it."""
        self.ln(3)
        self._keep_together(room)
        self.start_section(text)
        self._face("B", 11.5, BLUE)
        self.multi_cell(0, 6, text, align="L", new_x=XPos.LMARGIN)
        self.ln(1.5)

    def paragraph(self, text: str) -> None:
        """Set a paragraph, never its first line alone at the end of a page."""
        self._face("", 10, INK)
        self._keep_together(2 * LINE)
        self.multi_cell(0, LINE, _tied(text), align="L", new_x=XPos.LMARGIN)
        self.ln(2)

    def numbered(self, section: str, items: Sequence[tuple[str, str]]) -> None:
        """Set a list with the numbers of a section; the first half of an item is set bold."""
        for number, (gist, rest) in enumerate(items, 1):
            self._face("", 10, INK)
            self._keep_together(2 * LINE)
            self._point(f"{section}.{number}", f"**{gist}** {rest}", 9)
        self.ln(1.2)

    def summary(self, heading: str, items: Sequence[str]) -> None:
        """Set what matters most in a box."""
        self._face("", 10, INK)
        top, inset = self.get_y() + 1, 6
        height = 13 + sum(self._height(self.epw - 2 * inset - 4, _tied(item)) + 0.8 for item in items)
        self.set_fill_color(*PALE)
        self.rect(LEFT, top, self.epw, height, style="F")
        self.set_fill_color(*BLUE)
        self.rect(LEFT, top, 1.2, height, style="F")
        self.set_xy(LEFT + inset, top + 3.5)
        self._face("B", 10.5, BLUE)
        self.cell(0, 7, heading, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._face("", 10, INK)
        for item in items:
            self.set_x(LEFT + inset)
            self._point("•", item, 4, self.epw - 2 * inset - 4)
        self.set_y(top + height + 3)

    def facts(self, *rows: tuple[str, str]) -> None:
        """Set what a decision consists of: a label, and beside it what holds."""
        for label, value in rows:
            self._keep_together(2 * LINE)
            self._face("", 10, GREY)
            self.cell(24, LINE, label)
            self._face("", 10, INK)
            self.multi_cell(0, LINE, _tied(value), align="L", new_x=XPos.LMARGIN)
            self.ln(0.8)
        self.ln(1.2)

    def figures(self, columns: Sequence[tuple[str, float, str]], *rows: Sequence[str], total: bool = False) -> None:
        """Set a table; columns are (heading, share of the width, L or R), and the last row may be the sum."""
        headings, shares, aligns = zip(*columns, strict=True)
        self._face("", 9, INK)
        self.set_fill_color(255, 255, 255)
        self.set_line_width(0.2)
        with self.table(
            align="LEFT",
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=shares,
            headings_style=FontFace(emphasis="B", color=GREY, size_pt=8),
            line_height=LINE,
            padding=(0.8, 1),
            text_align=aligns,
        ) as table:
            table.row(headings)
            for number, row in enumerate(rows, 1):
                last = total and number == len(rows)
                table.row(row, style=FontFace(emphasis="B", fill_color=PALE) if last else None)
        self.ln(4)

    def _point(self, mark: str, text: str, indent: float, width: float = 0) -> None:
        self.cell(indent, LINE, mark)
        self.multi_cell(width, LINE, _tied(text), align="L", new_x=XPos.LMARGIN, markdown=True)
        self.ln(0.8)

    def _height(self, width: float, text: str) -> float:
        lines = self.multi_cell(width, LINE, text, align="L", dry_run=True, output=MethodReturnValue.LINES)
        return LINE * len(cast("list[str]", lines))

    def _mark(self, x: float, y: float) -> None:
        """Draw the city's mark: a shield with a gate over water. No real place has it."""
        self.set_fill_color(*BLUE)
        self.polygon([(x, y), (x + 12, y), (x + 12, y + 9), (x + 6, y + 15), (x, y + 9)], style="F")
        self.set_fill_color(255, 255, 255)
        for left in (2.4, 5.0, 7.6):
            self.rect(x + left, y + 2.2, 2.0, 1.6, style="F")
        self.rect(x + 2.4, y + 3.8, 7.2, 4.2, style="F")
        self.set_fill_color(*BLUE)
        self.rect(x + 5.0, y + 5.4, 2.0, 2.6, style="F")
        self.set_draw_color(255, 255, 255)
        self.set_line_width(0.5)
        self.line(x + 2.6, y + 9.6, x + 9.4, y + 9.6)
        self.line(x + 4.2, y + 11.2, x + 7.8, y + 11.2)


def _tied(text: str) -> str:
    """Return a text whose citations, dates and measures are not torn apart at the end of a line."""
    before = r"§|\b(?:Abschnitt|Abs\.|Satz|Nr\.|StrWG)|\b\d\d?\."
    after = r"€|×|m[²³]?\b|cm\b|Uhr\b|Tage\b"
    return re.sub(rf"({before}) |(?<=\d) (?={after})", "\\1\u00a0", text)
