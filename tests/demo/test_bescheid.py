"""The demo's Bescheid is a document that an office could send and an archive could keep."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from sk.demo.bescheid import permitted_from, typeset_bescheid
from sk.postbox.holidays import Holidays, is_working_day


def typeset(**changes: str) -> bytes:
    return typeset_bescheid(
        name=changes.get("name", "Erika Łukasiewicz-Müller"),
        address=["Lindenallee 12", "12345 Musterstadt"],
        aktenzeichen="66-2026-004711",
        issued_on=date(2026, 11, 23),
    )


@pytest.fixture(scope="module")
def bescheid() -> PdfReader:
    return PdfReader(BytesIO(typeset()))


@pytest.fixture(scope="module")
def text(bescheid: PdfReader) -> str:
    """Return all its words, as one line."""
    return " ".join(" ".join(page.extract_text() for page in bescheid.pages).split())


def test_it_is_addressed_to_the_citizen(text: str) -> None:
    assert "Erika Łukasiewicz-Müller Lindenallee 12 12345 Musterstadt" in text
    assert "66-2026-004711" in text
    assert "23.11.2026" in text


def test_it_states_what_is_permitted_the_conditions_the_reasons_and_the_remedy(text: str) -> None:
    assert "von Montag, 1. März 2027, 7 Uhr, bis Freitag, 12. März 2027, 18 Uhr" in text
    assert "vor dem Haus Lindenallee 12" in text
    assert "2.6 Danach muss alles sein wie vorher." in text
    assert "§ 18 Abs. 1 Satz 1 und 2 StrWG NRW" in text
    assert "innerhalb eines Monats nach seiner Bekanntgabe Klage" in text
    assert "Verwaltungsgericht Musterstadt, Gerichtsplatz 1" in text
    assert "§ 9 Abs. 1 des Onlinezugangsgesetzes" in text


def test_it_announces_a_fee_and_does_not_set_it_because_fees_may_follow_another_law(text: str) -> None:
    assert "zusammen 42,00 €" in text
    assert "Die Gebühr beträgt voraussichtlich 42,00 €" in text
    assert "eigenen Gebührenbescheid" in text


@pytest.mark.parametrize("year", range(2026, 2060))
def test_no_holiday_falls_into_the_days_that_are_permitted(year: int) -> None:
    begins_on = permitted_from(date(year, 11, 23))
    days = [begins_on + timedelta(days=n) for n in range(12)]

    assert [is_working_day(day, Holidays("NW")) for day in days] == [True] * 5 + [False] * 2 + [True] * 5


def test_it_says_that_it_is_made_up(bescheid: PdfReader) -> None:
    for page in bescheid.pages:
        assert "Satzung, Gericht und Beträge sind erfunden" in page.extract_text()


def test_its_pages_are_numbered(bescheid: PdfReader) -> None:
    pages = [page.extract_text() for page in bescheid.pages]

    assert [f"Seite {n} von 3" in page for n, page in enumerate(pages, 1)] == [True] * 3


def test_it_claims_to_be_pdf_a_3_and_names_its_language_and_title(bescheid: PdfReader) -> None:
    metadata = bescheid.xmp_metadata
    assert metadata is not None
    catalog: Any = bescheid.root_object
    assert (metadata.pdfaid_part, metadata.pdfaid_conformance) == ("3", "U")
    assert metadata.dc_title == {"x-default": "Sondernutzungserlaubnis"}
    assert catalog["/Lang"] == "de-DE"
    assert [intent["/S"] for intent in catalog["/OutputIntents"]] == ["/GTS_PDFA1"]


def test_every_font_in_it_is_an_embedded_fira_sans_whose_characters_can_be_read(bescheid: PdfReader) -> None:
    pages: list[Any] = list(bescheid.pages)
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]

    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "+FiraSans" in descriptor["/FontName"]
        assert "/FontFile2" in descriptor
        assert "/ToUnicode" in font


def test_the_same_words_make_the_same_bytes() -> None:
    assert typeset() == typeset()
    assert typeset() != typeset(name="Jürgen Özdemir")


def test_a_name_with_letters_of_many_languages_is_set_whole() -> None:
    name = "Şükrü Đặng Ñuñez-Škvorecký"

    first_page = PdfReader(BytesIO(typeset(name=name))).pages[0].extract_text()

    assert name in first_page
