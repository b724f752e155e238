"""The demo's notice: the permission to put a container on the street, as a good municipal office would send it.

It announces a fee and does not set it: municipal fees may follow the AO (§ 1 Abs. 3, § 12 KAG NRW), whose rules on
Bekanntgabe are others than § 9 OZG. And its container hinders no traffic: else § 21 StrWG NRW asked for another act.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sk.demo.letter import Letter

MARCH, MONDAY, TO_SECOND_FRIDAY = 3, 0, 11
DAYS, FREE_DAYS = 12, 2
AREA_M2, RATE = 7, 60  # the rate in cents, for one square metre and one day
GROSS, OFF = AREA_M2 * DAYS * RATE, AREA_M2 * FREE_DAYS * RATE
CONDITIONS = (
    (
        "Fahrbahn und Gehweg müssen frei bleiben.",
        "Niemand darf dem Container ausweichen müssen, auch nicht mit Rollstuhl, Rollator oder Kinderwagen.",
    ),
    (
        "Der Container muss gut zu sehen sein.",
        "Er braucht an den Ecken rot-weiße Streifen, die Licht zurückwerfen, und Name und Telefonnummer der Firma.",
    ),
    ("Der Boden darf nicht beschädigt werden.", "Unter den Container gehören Bohlen oder Bretter."),
    ("Schächte, Straßenabläufe und Hydranten müssen zugänglich bleiben.", ""),
    (
        "Es darf nichts herunterfallen.",
        "Füllen Sie den Container höchstens bis zum Rand, decken Sie ihn bei Wind ab und lagern Sie nichts daneben.",
    ),
    (
        "Danach muss alles sein wie vorher.",
        "Hinterlassen Sie die Fläche sauber. Schäden melden Sie uns bitte spätestens am nächsten Werktag.",
    ),
)


def typeset_bescheid(*, name: str, address: Sequence[str], aktenzeichen: str, issued_on: date) -> bytes:
    """Return the Bescheid as PDF/A-3: three pages, and the same bytes for the same arguments.

    It states no last day: that depends on when it is provided, which is not known when it is written.
    """
    letter = Letter(title="Sondernutzungserlaubnis", reference=f"Aktenzeichen {aktenzeichen}", issued_on=issued_on)
    letter.add_page()
    applied_on = issued_on - timedelta(days=11)
    letter.letterhead(
        "Die Bürgermeisterin · Straßen und Verkehr",
        "Stadt Musterstadt · Rathausplatz 1 · 12345 Musterstadt",
        [name, *address],
        [
            ("Aktenzeichen", aktenzeichen),
            ("Ihr Antrag vom", f"{applied_on:%d.%m.%Y}"),
            ("Auskunft", "Aylin Brandt"),
            ("Telefon", "0123 456-6612"),
            ("E-Mail", "strassen@musterstadt.example"),
            ("Bekanntgabe", "elektronisch im Postfach"),
            ("Datum", f"{issued_on:%d.%m.%Y}"),
        ],
    )
    _decision(letter, name, address[0], permitted_from(issued_on))
    _conditions(letter)
    _fee(letter)
    _reasons(letter)
    _remedy(letter)
    _bekanntgabe(letter)
    return bytes(letter.output())


def _decision(letter: Letter, name: str, street: str, begins_on: date) -> None:
    ends_on = begins_on + timedelta(days=TO_SECOND_FRIDAY)
    letter.about("Sondernutzungserlaubnis", f"Erlaubnis, vor dem Haus {street} einen Container aufzustellen")
    letter.paragraph(f"Guten Tag {name},")
    letter.paragraph("Sie möchten vor Ihrem Haus einen Container aufstellen. Das erlauben wir Ihnen.")
    letter.summary(
        "Das Wichtigste in Kürze",
        [
            f"Der Container darf vom {_day(begins_on)} bis zum {_day(ends_on)} auf dem Seitenstreifen stehen.",
            "Dabei gelten die Auflagen in Abschnitt 2. Bitte geben Sie sie auch Ihrer Containerfirma.",
            f"Die Gebühr beträgt voraussichtlich {_euro(GROSS - OFF)}. Bitte zahlen Sie jetzt noch nichts.",
            "Wenn Sie einverstanden sind, müssen Sie nichts weiter tun.",
            "Wenn Sie nicht einverstanden sind, können Sie klagen. Wie das geht, steht in Abschnitt 5.",
        ],
    )
    letter.heading("1. Was wir erlauben", room=60)
    letter.facts(
        ("Was", "ein Absetzcontainer für Bauschutt, höchstens 7 m³"),
        ("Wofür", "Umbau Ihres Badezimmers"),
        ("Wo", f"auf dem befestigten Seitenstreifen vor dem Haus {street}, 12345 Musterstadt"),
        ("Fläche", f"3,50 m × 2,00 m = {AREA_M2} m²"),
        ("Wann", f"von Montag, {_day(begins_on)}, 7 Uhr, bis Freitag, {_day(ends_on)}, 18 Uhr"),
    )
    letter.paragraph(
        "Die Erlaubnis gilt nur für diesen Zweck, diese Stelle und diese Zeit. Brauchen Sie den Container länger, dann "
        "schreiben Sie uns bitte spätestens drei Werktage vor dem letzten Tag."
    )
    letter.paragraph(
        "Der Platz ist nicht für Sie reserviert. Wir stellen keine Schilder auf. Parkt dort ein Auto, kann der "
        "Container erst kommen, wenn es weg ist."
    )


def _conditions(letter: Letter) -> None:
    letter.heading("2. Auflagen", room=60)
    letter.paragraph(
        "Diese Auflagen gehören zur Erlaubnis und sind verbindlich (§ 18 Abs. 2 Satz 2 des Straßen- und Wegegesetzes "
        "des Landes Nordrhein-Westfalen, StrWG NRW):"
    )
    letter.numbered("2", CONDITIONS)
    letter.paragraph(
        "Wenn eine Auflage nicht eingehalten wird, können wir die Erlaubnis widerrufen (§ 49 Abs. 2 Satz 1 Nr. 2 des "
        "Verwaltungsverfahrensgesetzes für das Land Nordrhein-Westfalen)."
    )


def _fee(letter: Letter) -> None:
    letter.heading("3. Was es kostet", room=60)
    letter.paragraph(
        "Für eine Sondernutzung erheben wir Gebühren (§ 19a StrWG NRW und § 9 der Sondernutzungssatzung der Stadt "
        f"Musterstadt, SNS). Ein Container kostet {_euro(RATE)} je Quadratmeter und Tag. Für den ersten und den "
        "letzten Tag zahlen Sie nichts:"
    )
    letter.figures(
        [
            ("Voraussichtliche Gebühr", 60, "L"),
            ("Tarif der SNS", 25, "L"),
            ("Berechnung", 50, "R"),
            ("Betrag", 30, "R"),
        ],
        ("Container", "Nr. 3.1", f"{AREA_M2} m² × {DAYS} Tage × {_euro(RATE)}", _euro(GROSS)),
        ("erster und letzter Tag", "Nr. 3.4", f"{AREA_M2} m² × {FREE_DAYS} Tage × {_euro(RATE)}", "−" + _euro(OFF)),
        ("zusammen", "", "", _euro(GROSS - OFF)),
        total=True,
    )
    letter.paragraph(
        "Steht der Container kürzer, wird es billiger. Deshalb rechnen wir erst ab, wenn er wieder weg ist. Dann "
        "bekommen Sie einen eigenen Gebührenbescheid. Er sagt Ihnen, wie viel Sie bis wann zahlen und wie Sie sich "
        "gegen die Gebühr wehren können."
    )


def _reasons(letter: Letter) -> None:
    letter.heading("4. Begründung", room=40)
    letter.paragraph(
        "Straßen sind für den Verkehr da. Wer dort einen Container aufstellt, nutzt die Straße über den Gemeingebrauch "
        "hinaus und braucht dafür die Erlaubnis der Straßenbaubehörde (§ 18 Abs. 1 Satz 1 und 2 StrWG NRW). Zuständig "
        "sind wir, denn Ihre Straße ist eine Gemeindestraße."
    )
    letter.paragraph(
        "Ob wir die Erlaubnis erteilen, steht in unserem Ermessen. Für Sie spricht: Sie bauen Ihr Bad um, auf Ihrem "
        "Grundstück ist kein Platz für einen Container, und er steht nur zwölf Tage. Der Verkehr wird weder gefährdet "
        "noch erschwert, denn Fahrbahn und Gehweg bleiben frei. Menschen mit Behinderung werden nicht erheblich "
        "beeinträchtigt (§ 18 Abs. 1 Satz 4 StrWG NRW). Gründe, die dagegen sprechen, sehen wir nicht."
    )
    letter.paragraph(
        "Die Erlaubnis ist befristet, weil das Gesetz es verlangt (§ 18 Abs. 2 Satz 1 StrWG NRW). Die Auflagen sind "
        "nötig, damit niemand sich verletzt und die Straße heil bleibt. Weniger strenge Auflagen würden nicht ebenso "
        "gut schützen."
    )
    letter.paragraph(
        "Eine Ausnahmegenehmigung nach der Straßenverkehrs-Ordnung (§ 46 Abs. 1 Satz 1 Nr. 8 StVO) brauchen Sie nicht, "
        "solange Fahrbahn und Gehweg frei bleiben."
    )


def _remedy(letter: Letter) -> None:
    letter.heading("5. Rechtsbehelfsbelehrung", room=70)
    letter.paragraph(
        "Gegen diesen Bescheid können Sie innerhalb eines Monats nach seiner Bekanntgabe Klage erheben. Die Klage ist "
        "beim Verwaltungsgericht Musterstadt, Gerichtsplatz 1, 12345 Musterstadt, schriftlich oder zu Protokoll der "
        "Urkundsbeamtin oder des Urkundsbeamten der Geschäftsstelle zu erheben."
    )
    letter.paragraph(
        "Die Klage kann auch elektronisch nach Maßgabe des § 55a der Verwaltungsgerichtsordnung (VwGO) und der "
        "Elektronischer-Rechtsverkehr-Verordnung (ERVV) erhoben werden. Das elektronische Dokument muss mit einer "
        "qualifizierten elektronischen Signatur der verantwortenden Person versehen sein oder von ihr signiert und "
        "auf einem sicheren Übermittlungsweg eingereicht werden. Eine einfache E-Mail genügt nicht."
    )
    letter.heading("Hinweise zur Klage", room=30)
    letter.paragraph(
        "Ein Widerspruchsverfahren gibt es nicht (§ 110 Abs. 1 des Justizgesetzes Nordrhein-Westfalen). Rufen Sie uns "
        "gern an, wenn Sie etwas nicht verstehen oder nicht einverstanden sind: Manches lässt sich schnell klären. Die "
        "Frist für die Klage verlängert sich dadurch aber nicht."
    )


def _bekanntgabe(letter: Letter) -> None:
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
        [("Straßen und Verkehr", 55, "L"), ("Sprechzeiten", 60, "L"), ("Notfall an der Straße", 50, "L")],
        (
            "Rathausplatz 1, Zimmer 2.07\n12345 Musterstadt\nTelefon 0123 456-6612",
            "Montag bis Freitag 8 bis 12 Uhr\nDonnerstag auch 14 bis 18 Uhr\nund nach Vereinbarung",
            "Bereitschaft des Bauhofs\nTag und Nacht\nTelefon 0123 456-6600",
        ),
    )
    letter.paragraph("Mit freundlichen Grüßen\nIm Auftrag")
    letter.paragraph("Aylin Brandt\nStadt Musterstadt, Straßen und Verkehr")


def permitted_from(issued_on: date) -> date:
    """Return the first Monday of the next March: no working day of the two weeks from it is ever a holiday."""
    year = issued_on.year + (issued_on.month >= MARCH - 1)
    first = date(year, MARCH, 1)
    return first + timedelta(days=(MONDAY - first.weekday()) % 7)


def _day(day: date) -> str:
    return f"{day.day}. März {day.year}"


def _euro(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d} €"
