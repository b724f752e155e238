"""The demo's notice: a dog-tax assessment as a good municipal office would send it."""

from collections.abc import Sequence
from datetime import date

from sk.demo.letter import Letter

MONTHLY, REDUCTION, REDUCED_MONTHS, DOGS, INSTALMENTS = 1000, 500, 6, 2, 4  # amounts in cents
TOTAL = DOGS * 12 * MONTHLY - REDUCED_MONTHS * REDUCTION


def typeset_bescheid(
    *, name: str, address: Sequence[str], aktenzeichen: str, issued_on: date, year: int = 2027
) -> bytes:
    """Return the Bescheid as PDF/A-3: three pages, and the same bytes for the same arguments.

    It states no last day: that depends on when it is provided, which is not known when it is written.
    """
    letter = Letter(title=f"Hundesteuerbescheid {year}", reference=f"Aktenzeichen {aktenzeichen}", issued_on=issued_on)
    letter.add_page()
    letter.letterhead(
        "Fachbereich Finanzen · Steueramt",
        "Stadt Musterstadt · Steueramt · Rathausplatz 1 · 12345 Musterstadt",
        [name, *address],
        [
            ("Aktenzeichen", aktenzeichen),
            ("Kassenzeichen", "8100.0471.1205"),
            ("Auskunft", "Servicestelle Steueramt"),
            ("Telefon", "0123 456-2130"),
            ("E-Mail", "steueramt@musterstadt.example"),
            ("Bekanntgabe", "elektronisch im Postfach"),
            ("Datum", f"{issued_on:%d.%m.%Y}"),
        ],
    )
    _decision(letter, name, year)
    _reasons(letter, year)
    _remedy(letter)
    return bytes(letter.output())


def _decision(letter: Letter, name: str, year: int) -> None:
    letter.about(f"Hundesteuerbescheid {year}", f"Festsetzung der Hundesteuer für das Kalenderjahr {year}")
    letter.paragraph(f"Guten Tag {name},")
    letter.paragraph(
        "für das Halten von zwei Hunden in Musterstadt setzen wir die Hundesteuer für die Zeit vom "
        f"1. Januar bis zum 31. Dezember {year} auf {_euro(TOTAL)} fest."
    )
    letter.summary(
        "Das Wichtigste in Kürze",
        [
            f"Sie zahlen für {year} insgesamt {_euro(TOTAL)}, in vier Raten zu {_euro(TOTAL // INSTALMENTS)}.",
            f"Die erste Rate ist am 15. Februar {year} fällig.",
            "Wenn Sie einverstanden sind, müssen Sie nichts weiter tun.",
            "Wenn Sie nicht einverstanden sind, können Sie klagen. Wie das geht, steht in Abschnitt 5.",
        ],
    )
    letter.heading("1. Festsetzung", room=60)
    whole_year, twelve_months = f"01.01.–31.12.{year}", f"12 Monate × {_euro(MONTHLY)}"
    half_year, reduction = f"01.01.–30.06.{year}", f"{REDUCED_MONTHS} Monate × {_euro(REDUCTION)}"
    letter.figures(
        [("Hund", 40, "L"), ("Marke", 17, "L"), ("Zeitraum", 38, "L"), ("Berechnung", 40, "R"), ("Betrag", 30, "R")],
        ("Bella, Mischling", "20418", whole_year, twelve_months, _euro(12 * MONTHLY)),
        ("Oskar, Dackel", "20977", whole_year, twelve_months, _euro(12 * MONTHLY)),
        ("Ermäßigung Oskar", "20977", half_year, reduction, "−" + _euro(REDUCED_MONTHS * REDUCTION)),
        (f"Hundesteuer {year}", "", "", "", _euro(TOTAL)),
        total=True,
    )
    letter.heading("2. Fälligkeit", room=40)
    letter.paragraph("Die Steuer ist in vier gleichen Raten zu zahlen (§ 8 Abs. 2 HStS):")
    letter.figures(
        [(f"{day} {year}", 1, "L") for day in ("15. Februar", "15. Mai", "15. August", "15. November")],
        [_euro(TOTAL // INSTALMENTS)] * INSTALMENTS,
    )
    letter.paragraph(
        "Bitte überweisen Sie unter Angabe des Kassenzeichens 8100.0471.1205 an die Stadtkasse Musterstadt. Haben "
        "Sie ein SEPA-Lastschriftmandat erteilt, buchen wir die Raten an den genannten Tagen ab."
    )


def _reasons(letter: Letter, year: int) -> None:
    letter.heading("3. Begründung", room=40)
    letter.paragraph(
        "Die Festsetzung beruht auf § 3 Abs. 1 des Kommunalabgabengesetzes für das Land Nordrhein-Westfalen "
        "(KAG NRW) und auf der Hundesteuersatzung der Stadt Musterstadt (HStS)."
    )
    letter.paragraph(
        "Steuerpflichtig ist, wer im Stadtgebiet einen Hund hält, der älter als drei Monate ist (§ 1 HStS). Nach "
        f"Ihrer Anmeldung halten Sie seit dem 1. Juli {year - 1} zwei Hunde."
    )
    letter.paragraph("Die Steuer richtet sich nach der Zahl der Hunde (§ 4 Abs. 1 HStS):")
    letter.figures(
        [("Gehalten werden", 105, "L"), ("Steuer je Hund und Jahr", 60, "R")],
        ("ein Hund", "96,00 €"),
        ("zwei Hunde", _euro(12 * MONTHLY)),
        ("drei oder mehr Hunde", "144,00 €"),
    )
    letter.paragraph(
        "Sie wird nach vollen Kalendermonaten berechnet (§ 4 Abs. 3 HStS), bei zwei Hunden also mit "
        f"{_euro(MONTHLY)} je Hund und Monat."
    )
    letter.paragraph(
        "Oskar haben Sie aus dem Tierheim aufgenommen. Die Steuer für ihn ermäßigt sich deshalb für die ersten zwölf "
        f"Monate um die Hälfte (§ 6 Abs. 2 HStS). Im Jahr {year} sind das die Monate Januar bis Juni, zusammen "
        f"{_euro(REDUCED_MONTHS * REDUCTION)}. Vom 1. Juli {year} an gilt der volle Steuersatz."
    )
    letter.heading("4. Was Sie uns mitteilen müssen", room=40)
    letter.paragraph("Bitte teilen Sie uns innerhalb von zwei Wochen mit (§ 9 HStS), wenn")
    letter.bullets(
        [
            "Sie einen Hund abgeben, ein Hund stirbt oder ein weiterer Hund hinzukommt,",
            "Sie innerhalb von Musterstadt oder in eine andere Gemeinde umziehen,",
            "eine Voraussetzung für die Ermäßigung wegfällt.",
        ]
    )
    letter.paragraph(
        "Außerhalb der Wohnung und des umfriedeten Grundstücks tragen Ihre Hunde eine sichtbar befestigte, gültige "
        "Hundesteuermarke. Eine verlorene Marke ersetzen wir Ihnen auf Antrag."
    )


def _remedy(letter: Letter) -> None:
    letter.heading("5. Rechtsbehelfsbelehrung", room=70)
    letter.paragraph(
        "Gegen diesen Bescheid kann innerhalb eines Monats nach seiner Bekanntgabe Klage erhoben werden. Die Klage ist "
        "beim Verwaltungsgericht Musterstadt, Gerichtsplatz 1, 12345 Musterstadt, schriftlich oder zur Niederschrift "
        "der Urkundsbeamtin oder des Urkundsbeamten der Geschäftsstelle zu erheben."
    )
    letter.paragraph(
        "Die Klage kann auch elektronisch nach Maßgabe des § 55a der Verwaltungsgerichtsordnung (VwGO) und der "
        "Elektronischer-Rechtsverkehr-Verordnung (ERVV) erhoben werden. Das elektronische Dokument muss mit einer "
        "qualifizierten elektronischen Signatur der verantwortenden Person versehen sein oder von ihr signiert und "
        "auf einem sicheren Übermittlungsweg eingereicht werden. Eine einfache E-Mail genügt nicht."
    )
    letter.heading("Hinweise zur Klage", room=30)
    letter.paragraph(
        "Ein Widerspruchsverfahren findet nicht statt (§ 110 Abs. 1 des Justizgesetzes Nordrhein-Westfalen). Eine "
        "Klage hat keine aufschiebende Wirkung (§ 80 Abs. 2 Satz 1 Nr. 1 VwGO): Die Steuer ist auch dann zu den "
        "genannten Tagen zu zahlen, wenn Sie klagen. Ein Anruf in der Servicestelle klärt manches schneller; er "
        "verlängert die Klagefrist aber nicht."
    )
    letter.heading("6. Elektronische Bekanntgabe", room=50)
    letter.paragraph(
        "Sie haben eingewilligt, Bescheide der Stadt Musterstadt in Ihrem Postfach zu erhalten. Dieser Bescheid wird "
        "daher nach § 9 Abs. 1 des Onlinezugangsgesetzes (OZG) elektronisch bekannt gegeben. Er gilt am vierten Tag "
        "nach der Bereitstellung zum Abruf als bekannt gegeben. Den Tag der Bereitstellung und den Tag der Bekanntgabe "
        "zeigt Ihnen das Postfach neben diesem Bescheid."
    )
    letter.paragraph(
        "Über die Bereitstellung werden Sie an die E-Mail-Adresse benachrichtigt, die Sie dafür angegeben haben. Ihre "
        "Einwilligung können Sie jederzeit für die Zukunft widerrufen; spätere Bescheide erhalten Sie dann auf Papier."
    )
    letter.heading("7. So erreichen Sie uns", room=60)
    letter.figures(
        [("Servicestelle Steueramt", 55, "L"), ("Sprechzeiten", 60, "L"), ("Zahlungen", 50, "L")],
        (
            "Rathausplatz 1, Zimmer 1.14\n12345 Musterstadt\nTelefon 0123 456-2130",
            "Montag bis Freitag 8 bis 12 Uhr\nDonnerstag auch 14 bis 18 Uhr\nund nach Vereinbarung",
            "Stadtkasse Musterstadt\nKassenzeichen\n8100.0471.1205",
        ),
    )
    letter.paragraph("Mit freundlichen Grüßen\nStadt Musterstadt, Steueramt")
    letter.paragraph("Dieser Bescheid wurde automatisch erstellt und ist ohne Unterschrift gültig.")


def _euro(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d} €"
