"""The address of a postbox on paper: for one authority, to hand over, in German and below that in English."""

from collections.abc import Sequence
from typing import NamedTuple

from fpdf import XPos

from sk.auth.handles import PostboxAddress
from sk.clock import local_day
from sk.mail.texts import TRIAL
from sk.postbox.explanation import Language, date_words
from sk.qr import qr_squares
from sk.typeset import BLUE, GREY, INK, PALE, Paper

LEFT, TOP, RIGHT, BOTTOM = 20.0, 15.0, 20.0, 15.0  # mm
LINE, LABEL = 4.8, 34.0  # mm
GROUP, GROUPS_IN_LINE = 4, 7
GROUP_WIDTH, GROUP_HEIGHT = 24.0, 10.5  # mm
PICTURE = 42.0  # mm


class Half(NamedTuple):
    """What the sheet says in one language."""

    title: str
    labels: tuple[str, str, str, str]
    written: str
    what_to_do: str
    steps: Sequence[str]


HALVES: dict[Language, Half] = {
    "de": Half(
        "Adresse Ihres Postfachs",
        ("Betreiber", "Postfach von", "Nur für", "Stand"),
        "Ohne Leerzeichen, nur Kleinbuchstaben und die Ziffern 2 bis 7. Der QR-Code enthält dasselbe.",
        "Was Sie damit tun",
        (
            "Geben Sie diese Adresse der Behörde, die oben steht, zum Beispiel mit einem Antrag.",
            "Sie gilt nur für diese Behörde. Für jede andere gibt es eine andere Adresse.",
            "Sie ist kein Passwort: Niemand kann sich damit anmelden oder Ihre Post lesen.",
            "Die Behörde kann Ihnen nur schreiben, wenn Sie eingewilligt haben. Das tun Sie in Ihrem Konto: {page}",
        ),
    ),
    "en": Half(
        "Address of your postbox",
        ("Operator", "Postbox of", "Only for", "As of"),
        "The address is printed above, in groups of four. It has no spaces, only lower-case letters and the digits 2 "
        "to 7. The QR code holds the same.",
        "What to do with it",
        (
            "Give this address to the authority named above, for example with an application.",
            "It is good for this authority only. For every other one there is another address.",
            "It is not a password: nobody can log in with it or read your post.",
            (
                "The authority can send you something only if you have consented (Einwilligung). You do that in your "
                "account: {page}"
            ),
        ),
    ),
}


def typeset_address(address: PostboxAddress, *, is_trial: bool) -> bytes:
    """Return the sheet as PDF/A-3, on one page if the names fit. In both languages it says if it is one of a trial."""
    sheet = _Sheet(address, is_trial=is_trial)
    sheet.add_page()
    for language in HALVES:
        sheet.half(language)
    return bytes(sheet.output())


class _Sheet(Paper):
    def __init__(self, address: PostboxAddress, *, is_trial: bool) -> None:
        title = f"{HALVES['de'].title}: {address.authority}"
        super().__init__(title=title, creator=address.operator, made_at=address.made_at, margins=(LEFT, TOP, RIGHT))
        self.set_auto_page_break(auto=True, margin=BOTTOM)
        self._address, self._is_trial = address, is_trial

    def half(self, language: Language) -> None:
        """Set all of it in one language; the address itself stands there once, below the German facts."""
        half = HALVES[language]
        if language == "en":
            self.ln(4)
            self._rule()
            self.ln(5)
        if self._is_trial:
            self.set_fill_color(*PALE)
            self._face("B", 9.5, INK)
            self.multi_cell(0, 6.5, TRIAL[language], fill=True, align="L", new_x=XPos.LMARGIN)
            self.ln(2)
        self._face("B", 17 if language == "de" else 13, INK)
        self._text(9, half.title)
        self.ln(1)
        self._facts(language)
        if language == "de":
            self._groups()
            self._picture()
        self._face("", 9, GREY)
        self._text(LINE, half.written)
        self.ln(2)
        self._face("B", 11, BLUE)
        self._text(6, half.what_to_do)
        for number, step in enumerate(half.steps, 1):
            self._face("", 9.5, INK)
            self.cell(5, LINE, f"{number}.")
            self._text(LINE, step.format(page=self._address.page))

    def _facts(self, language: Language) -> None:
        made_on = date_words(local_day(self._address.made_at)).in_language(language)
        values = (self._address.operator, self._address.citizen, self._address.authority, made_on)
        for label, value in zip(HALVES[language].labels, values, strict=True):
            if value:
                self._face("", 9.5, GREY)
                self.cell(LABEL, LINE, label)
                self._face("B", 10, INK)
                self._text(LINE, value)
        self.ln(2)

    def _groups(self) -> None:
        """Set the address so large that nobody misreads it."""
        handle = self._address.handle
        self._face("B", 20, INK)
        groups = [handle[start : start + GROUP] for start in range(0, len(handle), GROUP)]
        for number, group in enumerate(groups, 1):
            self.cell(GROUP_WIDTH, GROUP_HEIGHT, group)
            if number % GROUPS_IN_LINE == 0 or number == len(groups):
                self.ln(GROUP_HEIGHT)
        self.ln(3)

    def _picture(self) -> None:
        self._keep_together(PICTURE)
        squares, top = qr_squares(self._address.handle), self.get_y()
        side = PICTURE / squares.width
        self.set_fill_color(0, 0, 0)
        for x, y in sorted(squares.dark):
            self.rect(self.l_margin + x * side, top + y * side, side, side, style="F")
        self.set_y(top + PICTURE + 4)
