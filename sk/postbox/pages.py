"""The citizen's postbox in the browser: the list, a notice, its attachments, the end of its Frist for a calendar."""

from http import HTTPStatus
from typing import Literal, NamedTuple

from aiohttp import web

from sk.auth.own_key import open_seed
from sk.auth.sessions import LogIn
from sk.crypto.stream import Reader
from sk.errors import Damaged, Forbidden, NotFound, SkError
from sk.postbox.calendar import Source, calendar_entry
from sk.postbox.days import Said, last_abruf_on
from sk.postbox.envelope import Envelope, SealedAttachment, open_envelope
from sk.postbox.history import alarm, history_of
from sk.postbox.last_days import last_days
from sk.postbox.notice import Notice
from sk.postbox.release import Ended, LevelTooLow, Unread, own_notice, release
from sk.postbox.sender import sender_of
from sk.postbox.stored import open_attachment
from sk.services import Services
from sk.store.port import cursor_of
from sk.web.cursor import read_cursor, spelled
from sk.web.downloads import file_headers, saved
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
PAGE_LENGTH = 25
TenthDay = Literal["plain", "strict", "moved"]


class Line(NamedTuple):
    """A notice as the list shows it. Of one that is damaged it says no more than that.

    `end` says that it cannot be opened any more: withdrawn, or lapsed. `tenth_day` says what the last day for opening
    it is: the tenth as it stands, counted strictly although it is no working day, or moved to the next one.
    """

    notice: Notice
    sender: str = ""
    subject: str = ""
    end: Literal["", "withdrawn", "lapsed"] = ""
    tenth_day: TenthDay = "plain"

    @property
    def is_unread(self) -> bool:
        """Tell whether the citizen may still open it for the first time."""
        return not self.notice.abgerufen_at and not self.end

    @property
    def is_damaged(self) -> bool:
        """Tell whether the notice is not what was stated."""
        return not self.subject


@routes.get("/postfach", allow=CITIZEN)
async def show_list(request: web.Request) -> web.Response:
    """Show the newest notices, and the way to older ones."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    after = read_cursor(request.query.get("vor", ""))
    found = await services.store.find(
        Notice, "postbox", log_in.account_id, after=after, limit=PAGE_LENGTH + 1, newest_first=True
    )
    shown = found[:PAGE_LENGTH]
    lines = await _lines(shown, log_in, services)
    older = cursor_of(shown[-1], "postbox") if len(found) > PAGE_LENGTH else None
    return page(request, "postbox.html", lines=lines, older=spelled(older))


@routes.get("/postfach/{id}", allow=CITIZEN)
async def show_notice(request: web.Request) -> web.Response:
    """Show a notice that was fetched; of another only what the list says, and the button or why there is none."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    try:
        notice, envelope = await release(request.match_info["id"], log_in, services, by_post=False)
    except (Unread, Ended):
        return await _unread(request)
    except LevelTooLow:
        return await _unread(request, status=HTTPStatus.FORBIDDEN)
    sender = await sender_of(notice, services)
    return page(request, "notice.html", notice=notice, envelope=envelope, sender=sender)


@routes.post("/postfach/{id}", allow=CITIZEN)
async def open_notice(request: web.Request) -> web.Response:
    """Open a notice: the one act by which an Abruf is recorded. If the level is too low, its page leads to the card."""
    try:
        notice, _ = await release(request.match_info["id"], request[LOG_IN], request.app[SERVICES], by_post=True)
    except LevelTooLow:
        return await _unread(request, status=HTTPStatus.FORBIDDEN)
    return see_other(f"/postfach/{notice.id}")


@routes.get("/postfach/{id}/dateien/{number}", allow=CITIZEN)
async def download(request: web.Request) -> web.StreamResponse:
    """Send an attachment as the bytes that were posted."""
    services = request.app[SERVICES]
    notice, envelope = await release(request.match_info["id"], request[LOG_IN], services, by_post=False)
    attachment = _attachment(envelope, request.match_info["number"])
    try:
        reader = await open_attachment(notice, attachment, services)
    except (Damaged, NotFound) as error:
        raise alarm(notice) from error
    response = web.StreamResponse(headers=file_headers(attachment.name))
    response.content_type = attachment.type
    response.content_length = reader.size
    await response.prepare(request)
    if request.method != "HEAD":
        await _send(reader, response, request, notice)
    return response


@routes.get("/postfach/{id}/frist.ics", allow=CITIZEN)
async def frist_for_calendar(request: web.Request) -> web.Response:
    """Send the end of the Frist as a file that calendars take over."""
    services = request.app[SERVICES]
    notice, _ = await release(request.match_info["id"], request[LOG_IN], services, by_post=False)
    said, days = notice.rechtsbehelf, last_days(notice.rechtsbehelf)
    if not (said and days):
        raise NotFound("no Frist runs against this notice")
    source = Source(notice.id, await sender_of(notice, services), f"{services.base_url}/postfach/{notice.id}")
    entry = calendar_entry(said, days, source, services.clock.now())
    return saved(entry, "text/calendar", "frist.ics", charset="utf-8")


async def _unread(request: web.Request, status: int = HTTPStatus.OK) -> web.Response:
    """Return the page of a notice that is not shown, with what can be done about it."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    notice, _ = await own_notice(request.match_info["id"], log_in, services)
    line = (await _lines([notice], log_in, services))[0]
    if line.is_damaged:
        raise alarm(notice)
    return page(request, "unread.html", status=status, line=line)


async def _send(reader: Reader, response: web.StreamResponse, request: web.Request, notice: Notice) -> None:
    """Send a file. What breaks off in the middle must not look like the whole, nor end with words of ours."""
    try:
        async for block in reader.read():
            await response.write(block)
    except ConnectionError:
        return  # the browser has gone
    except (Damaged, SkError) as error:
        if isinstance(error, Damaged):
            alarm(notice)
        if request.transport:
            request.transport.abort()


def _attachment(envelope: Envelope, number: str) -> SealedAttachment:
    numbered = {str(place): attachment for place, attachment in enumerate(envelope.attachments, 1)}
    if number not in numbered:
        raise NotFound("there is no such attachment")
    return numbered[number]


async def _lines(notices: list[Notice], log_in: LogIn, services: Services) -> list[Line]:
    seed = await open_seed(log_in.account_id, services)
    return [await _line(notice, seed, services) for notice in notices]


async def _line(notice: Notice, seed: bytes, services: Services) -> Line:
    try:
        said = (await history_of(notice, services)).said
        subject, end = open_envelope(notice, seed).subject, notice.end_at(services.clock.now())
        return Line(notice, await sender_of(notice, services), subject, end, _tenth_day(notice, said))
    except Damaged:
        alarm(notice)
    except Forbidden:
        pass  # the alarm was raised
    return Line(notice)


def _tenth_day(notice: Notice, said: Said) -> TenthDay:
    if notice.benachrichtigt_at is None or notice.lapses_on is None:
        return "plain"
    if notice.lapses_on != last_abruf_on(said, notice.benachrichtigt_at, lenient=True):
        return "strict"
    return "plain" if notice.lapses_on == last_abruf_on(said, notice.benachrichtigt_at, lenient=False) else "moved"
