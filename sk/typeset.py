"""Paper: what every document that is typeset here has in common. PDF/A-3, in KERN's Fira Sans.

The typesetter takes as long to load as all else together; only import this where something is set, not where a process
starts.
"""

import logging
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any, cast
from xml.sax.saxutils import escape

from fpdf import FPDF, ViewerPreferences, XPos

INK, GREY, BLUE, PALE = (19, 21, 37), (88, 92, 115), (31, 55, 120), (238, 241, 250)
FONTS = {"": "Regular", "B": "SemiBold"}
Color = tuple[int, int, int]

# Fira Sans sets bits that its version of a table does not define. That is harmless and no news to an operator.
logging.getLogger("fontTools").setLevel(logging.ERROR)


class Paper(FPDF):
    """An empty document. Level U of PDF/A-3: archivable, and every character can be copied and searched."""

    def __init__(self, *, title: str, creator: str, made_at: datetime, margins: tuple[float, float, float]) -> None:
        """Begin; `margins` are left, top and right. The moment is the only one in it: same words, same bytes."""
        super().__init__(enforce_compliance="PDF/A-3U")
        for style, weight in FONTS.items():
            font = files("sk.web") / f"static/kern/fonts/fira-sans/FiraSans-{weight}.woff2"
            with as_file(font) as path:
                self.add_font("Fira", style, path)
        self._known = cast("Any", self.fonts["fira"]).cmap
        self.set_margins(*margins)
        self.c_margin = 0  # text begins where rules and boxes do
        self.set_title(title)
        self.set_lang("de-DE")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_creation_date(made_at)
        self.set_xmp_metadata(_xmp(title, creator, made_at))

    def _face(self, style: str, size: float, color: Color) -> None:
        self.set_font("Fira", style, size)
        self.set_text_color(*color)
        self.set_draw_color(*GREY)

    def _text(self, height: float, text: str) -> None:
        self.multi_cell(0, height, self._legible(text), align="L", new_x=XPos.LMARGIN)

    def _legible(self, text: str) -> str:
        """Spell out what the font does not have, or nobody would see: an archive must hold no empty boxes."""
        return "".join(
            char if char == " " or (char.isprintable() and ord(char) in self._known) else f"[U+{ord(char):04X}]"
            for char in text
        )

    def _keep_together(self, height: float) -> None:
        if self.will_page_break(height):
            self.add_page()

    def _rule(self) -> None:
        self.set_draw_color(*GREY)
        self.set_line_width(0.2)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())


def _xmp(title: str, creator: str, made_at: datetime) -> str:
    """Return the metadata that claims PDF/A-3U. fpdf2's own would hold the moment of typesetting."""
    moment = made_at.isoformat(timespec="seconds")
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
      <pdfaid:part>3</pdfaid:part>
      <pdfaid:conformance>U</pdfaid:conformance>
      <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
      <dc:creator><rdf:Seq><rdf:li>{escape(creator)}</rdf:li></rdf:Seq></dc:creator>
      <dc:language><rdf:Bag><rdf:li>de-DE</rdf:li></rdf:Bag></dc:language>
      <xmp:CreateDate>{moment}</xmp:CreateDate>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""
