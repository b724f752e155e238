"""Read and object in time: from the mail to the last day, on paper and in the calendar."""

from datetime import date
from io import BytesIO

from icalendar import Calendar
from playwright.async_api import Page, expect
from pypdf import PdfReader

from sk.client import File
from sk.demo.bescheid import typeset_bescheid
from sk.demo.story import ADDRESS, CASE, CITIZEN
from tests.journeys.people import log_in, save
from tests.postbox.cases import CASES
from tests.world import World

SUBJECT = "Bescheid über Ihren Antrag"
LAST_DAY, WRITTEN_OUT = date(2026, 12, 28), "Montag, 28. Dezember 2026"
BESCHEID = File(
    "Bescheid.pdf", typeset_bescheid(name=CITIZEN, address=ADDRESS, aktenzeichen=CASE, issued_on=date(2026, 11, 23))
)


async def test_a_citizen_learns_from_a_mail_of_a_bescheid_and_sees_what_to_do_and_until_when(
    screen: Page, world: World
) -> None:
    [worked] = [case for case in CASES if case.id == "O01"]
    assert (worked.event.date(), worked.frist_ends_on) == (date(2026, 11, 23), LAST_DAY)
    notice = await world.delivered(law=worked.law, rechtsbehelf=worked.rechtsbehelf, files=[BESCHEID])
    [mail] = world.mails.sent
    text = mail.get_content()
    assert "Absender: Stadt Musterstadt" in text
    assert "Geben Sie die Adresse, die Sie von uns kennen, selbst in Ihren Browser ein" in text
    assert SUBJECT not in text
    assert "http" not in text

    await log_in(screen, world.base_url, notice.citizen)
    line = screen.get_by_role("listitem").filter(has_text="Stadt Musterstadt")
    await expect(line).to_contain_text("Ungelesen")
    await expect(line).to_contain_text(f"Frist bis {WRITTEN_OUT}")
    await screen.get_by_role("button", name=SUBJECT).click()

    await says_first(screen)
    name, pdf = await save(screen, screen.get_by_role("link", name=BESCHEID.name, exact=True))
    assert (name, pdf) == (BESCHEID.name, BESCHEID.data)
    assert "Die Klage ist beim Verwaltungsgericht Musterstadt" in words_in(pdf)  # to whom one writes
    _, entry = await save(screen, screen.get_by_role("link", name="Termin in den Kalender übernehmen (.ics)"))
    [event] = Calendar.from_ical(entry.decode()).walk("VEVENT")
    assert (event.decoded("dtstart"), str(event["url"])) == (LAST_DAY, screen.url)
    await prints(screen)

    await world.settle()
    _, shown = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
    assert (shown["status"], shown["rechtsbehelf"]["frist_ends_on"]) == ("abgerufen", str(LAST_DAY))
    await screen.get_by_role("button", name="Abmelden").click()
    await screen.goto(f"{world.base_url}/postfach")
    await expect(screen).to_have_url(f"{world.base_url}/anmelden")


async def says_first(page: Page) -> None:
    """See in the first lines of a notice who wrote, what it is, until when one can do what, and where it says how."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    first = (await page.get_by_role("main").inner_text()).split("\n")
    lines = [line.strip() for line in first if line.strip()]
    assert lines[1:4] == [
        "Stadt Musterstadt",
        SUBJECT,
        f"Das ist ein Bescheid. Sie können bis {WRITTEN_OUT} Klage erheben.",
    ]
    assert lines[4].endswith("Wie Sie Klage erheben, steht in der Rechtsbehelfsbelehrung im Bescheid.")
    await expect(page.get_by_text(WRITTEN_OUT).first).to_be_in_viewport()


async def prints(page: Page) -> None:
    """See that the Frist, and who wrote about what, is on the paper, and no button."""
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="Ins Archiv legen")).to_be_hidden()
    await page.emulate_media(media="null")
    paper = words_in(await page.pdf())
    assert f"Sie können bis {WRITTEN_OUT} Klage erheben." in paper
    assert f"Ende der Frist {WRITTEN_OUT}, 24 Uhr" in paper
    assert SUBJECT in paper
    assert "Tag der Bekanntgabe" in paper  # what is folded up on the screen
    assert "Ins Archiv legen" not in paper
    assert "Abmelden" not in paper


def words_in(pdf: bytes) -> str:
    """Return the words of a PDF in one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
