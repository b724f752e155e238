"""The end of the Frist in the citizen's own calendar: on the safe day, in the right form, and discreet."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar, Event

from sk.clock import BERLIN
from sk.postbox.bekanntgabe_terms import Doubt
from sk.postbox.calendar import Source, calendar_entry
from sk.postbox.last_days import last_days
from sk.postbox.notice import Notice
from sk.postbox.rechtsbehelf import KINDS, OtherReading, Rechtsbehelf, RechtsbehelfName
from tests.fakes import FakeClock
from tests.security.tab import Answer, open_tab
from tests.workers.cases import MESSAGE
from tests.world import Delivered, World

EARLY, LATE = date(2026, 12, 29), date(2026, 12, 30)
NOVEMBER = datetime(2026, 11, 25, 9, 0, 0, 123, tzinfo=UTC)
SOURCE = Source("a" * 26, "Größere Stadt; Amt für Straßen, \\Wege\\ und Plätze" * 3, "https://konto.example/postfach/a")
WITHOUT_A_FRIST = {
    "a message": MESSAGE,
    "a Bescheid without Rechtsbehelf": {"rechtsbehelf": "none"},
}


@pytest.fixture
def clock() -> FakeClock:
    """Return a Wednesday: the fourth day after it is a Sunday, so that there are two readings."""
    return FakeClock(NOVEMBER)


def frist(
    on: date | None,
    other: date | None = None,
    *,
    disputed: bool = False,
    kind: RechtsbehelfName = "klage-vwgo",
    doubt: Doubt = "law",
) -> Rechtsbehelf:
    """Return a Frist that ends on a day, and on another reading on another or never."""
    reading = OtherReading(frist_ends_on=other, frist_expires_at=None, steps=(), doubt=doubt)
    if not (disputed or other):
        return Rechtsbehelf(kind=kind, frist_ends_on=on, steps=())
    return Rechtsbehelf(kind=kind, frist_ends_on=on, steps=(), other_reading=reading)


def written(said: Rechtsbehelf, at: datetime = NOVEMBER) -> bytes:
    days = last_days(said)
    assert days
    return calendar_entry(said, days, SOURCE, at)


def entry(raw: bytes) -> Event:
    """Return the one entry of a calendar, as a calendar reads it."""
    calendar = Calendar.from_ical(raw)
    assert isinstance(calendar, Calendar)
    assert (str(calendar["version"]), str(calendar["prodid"])) == ("2.0", "-//sk//Postfach//DE")
    [event] = calendar.events
    return event


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29), date(2026, 12, 31)], ids=str)
def test_the_entry_takes_the_whole_last_day_and_no_other_whenever_clocks_change(day: date) -> None:
    raw = written(frist(day), datetime(2026, 1, 1, tzinfo=UTC))
    found = entry(raw)

    assert (found.start, found.end) == (day, day + timedelta(days=1))
    assert f"DTSTART;VALUE=DATE:{day:%Y%m%d}\r\n".encode() in raw
    assert b"TRANSP:TRANSPARENT\r\n" in raw


def test_the_lines_are_those_of_rfc_5545() -> None:
    raw = written(frist(EARLY, LATE))

    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    for line in raw.split(b"\r\n"):
        line.decode()  # no letter is cut in two
    assert SOURCE.authority in str(entry(raw)["description"])
    assert b"DTSTAMP:20261125T090000Z\r\n" in raw


@pytest.mark.parametrize("kind", KINDS)
def test_the_summary_names_what_ends(kind: RechtsbehelfName) -> None:
    words = {"klage": "die Klage", "widerspruch": "den Widerspruch", "einspruch": "den Einspruch"}[kind.split("-")[0]]

    summary = str(entry(written(frist(EARLY, kind=kind)))["summary"])

    assert summary == f"Frist endet: letzter Tag für {words} gegen einen Bescheid"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (frist(EARLY, LATE), "mit der das Postfach rechnet. Nach einer anderen endet die Frist am 30.12.2026."),
        (
            frist(LATE, EARLY),
            "aus einer anderen Rechtsauffassung. Nach der des Postfachs endet die Frist am 30.12.2026.",
        ),
        (frist(EARLY, disputed=True), "mit der das Postfach rechnet. Nach einer anderen läuft keine Frist."),
        (frist(None, EARLY), "Nach der des Postfachs läuft keine Frist."),
    ],
)
def test_where_the_law_is_open_the_entry_is_on_the_earlier_day_and_says_whose_it_is(
    said: Rechtsbehelf, words: str
) -> None:
    found = entry(written(said))

    assert found.start == EARLY
    assert words in str(found["description"])
    assert "auf der sicheren Seite" in str(found["description"])


def test_where_nothing_is_open_no_other_reading_is_told() -> None:
    assert "Rechtsauffassung" not in str(entry(written(frist(EARLY)))["description"])


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (EARLY, "Stimmt sie, endet die Frist am 29.12.2026.\nWer sich nach dem früheren Tag richtet, ist"),
        (date(2027, 1, 4), "Stimmt sie, endet die Frist am 04.01.2027.\nWer sich nach diesem Tag richtet, ist"),
        (None, "Stimmt sie, läuft vielleicht keine Frist.\nWer sich nach diesem Tag richtet, ist"),
    ],
)
def test_a_report_that_nobody_has_verified_moves_no_entry_and_is_no_reading_of_the_law(
    other: date | None, words: str
) -> None:
    found = entry(written(frist(LATE, other, disputed=True, doubt="fact")))

    assert found.start == LATE
    assert f"Es gibt eine ungeprüfte Meldung, dass sie nicht ankam. {words}" in str(found["description"])
    assert "Rechtsauffassung" not in str(found["description"])


@pytest.mark.parametrize("said", [None, frist(None), frist(None, disputed=True), frist(None, EARLY, doubt="fact")])
def test_where_no_frist_runs_there_is_no_day(said: Rechtsbehelf | None) -> None:
    assert last_days(said) is None


@pytest.mark.parametrize(("hour", "minute", "reminders"), [(8, 59, 1), (9, 0, 0)])
def test_seven_days_before_in_the_morning_it_reminds_unless_that_is_past(
    hour: int, minute: int, reminders: int
) -> None:
    found = entry(written(frist(EARLY), datetime(2026, 12, 22, hour, minute, tzinfo=BERLIN)))

    alarms = found.walk("VALARM")
    assert len(alarms) == reminders
    for alarm in alarms:
        assert str(alarm["action"]) == "DISPLAY"
        assert datetime(2026, 12, 29) + alarm.decoded("trigger") == datetime(2026, 12, 22, 9)  # noqa: DTZ001 - wherever
        assert "In sieben Tagen" in str(alarm["description"])


async def test_the_citizen_finds_the_entry_on_the_page_and_saves_it_as_a_file(world: World) -> None:
    notice = await world.delivered()
    async with world.browser(notice.citizen) as browser:
        await browser.send((await browser.open("/postfach")).forms[-1])
        page = await browser.open(f"/postfach/{notice.notice_id}")
    assert page.links["Termin in den Kalender übernehmen (.ics)"] == _path(notice)

    answer = await _fetched(world, notice)

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="frist.ics"'
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    found = entry(answer.body)
    assert found.start == EARLY
    assert str(found["url"]) == f"{world.base_url}/postfach/{notice.notice_id}"


async def test_whoever_sees_the_calendar_learns_nothing_of_what_the_notice_is_about(world: World) -> None:
    notice = await world.delivered()
    found = entry((await _fetched(world, notice)).body)

    shown = str(found.to_ical().replace(b"\r\n ", b""), "utf-8")
    for secret in ("Antrag", "32.4-0815", "anbei", "bescheid.pdf", notice.answer["reference"], notice.citizen.username):
        assert secret not in shown
    assert str(found["class"]) == "PRIVATE"
    assert "Stadt Musterstadt" not in str(found["summary"])


async def test_taken_over_twice_it_is_one_entry(world: World, clock: FakeClock) -> None:
    notice = await world.delivered()
    first = entry((await _fetched(world, notice)).body)
    clock.advance(minutes=1)
    second = entry((await _fetched(world, notice)).body)

    assert first["uid"] == second["uid"]
    assert first.stamp != second.stamp


async def test_an_unread_notice_gives_no_entry_and_stays_unread(world: World) -> None:
    notice = await world.delivered()
    tab = await open_tab(world, notice.citizen)

    answer = await tab.get(_path(notice))

    assert (answer.status, b"BEGIN" in answer.body) == (403, False)
    assert (await world.web.store.get(Notice, notice.notice_id)).abgerufen_at is None


async def test_another_citizens_entry_is_as_unknown_as_one_that_never_was(world: World) -> None:
    notice = await world.delivered()
    await _fetched(world, notice)
    mallory = await open_tab(world, await world.citizen("mallory"))

    answers = [await mallory.get(path) for path in (_path(notice), f"/postfach/{'a' * 26}/frist.ics")]

    assert [answer.status for answer in answers] == [404, 404]


@pytest.mark.parametrize("changes", WITHOUT_A_FRIST.values(), ids=WITHOUT_A_FRIST)
async def test_where_no_frist_runs_there_is_no_entry_and_no_way_to_it(
    world: World, changes: dict[str, str | None]
) -> None:
    notice = await world.delivered(**changes)

    answer = await _fetched(world, notice)

    tab = await open_tab(world, notice.citizen)
    assert answer.status == 404
    assert "frist.ics" not in (await tab.get(f"/postfach/{notice.notice_id}")).text


@pytest.mark.parametrize(("days", "offered"), [(34, True), (35, False)])
async def test_the_page_offers_the_entry_until_the_last_day(
    world: World, clock: FakeClock, days: int, *, offered: bool
) -> None:
    notice = await world.delivered()
    clock.advance(days=days)
    await _fetched(world, notice)
    tab = await open_tab(world, notice.citizen)

    assert ("frist.ics" in (await tab.get(f"/postfach/{notice.notice_id}")).text) is offered


async def _fetched(world: World, notice: Delivered) -> Answer:
    """Open a notice and ask for the entry."""
    tab = await open_tab(world, notice.citizen)
    await tab.post(f"/postfach/{notice.notice_id}")
    return await tab.get(_path(notice))


def _path(notice: Delivered) -> str:
    return f"/postfach/{notice.notice_id}/frist.ics"
