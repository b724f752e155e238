"""A notice in the citizen's browser: its page, its attachments, all of it as a file, its Frist for a calendar."""

from http import HTTPStatus

from aiohttp import web

from sk.clock import local_day
from sk.errors import NotFound
from sk.evidence.form import REPRESENTATIVE
from sk.evidence.spelling import read_moment
from sk.postbox.acting import acting_on, representatives_in
from sk.postbox.along import folder_of, one_packed
from sk.postbox.calendar import Source, calendar_entry
from sk.postbox.envelope import numbered
from sk.postbox.history import alarm, history_of
from sk.postbox.last_days import last_days
from sk.postbox.lines import lines_of
from sk.postbox.release import Ended, LevelTooLow, Unread, own_notice, release
from sk.postbox.sender import sender_of
from sk.postbox.shelf import put_on_shelf
from sk.web.downloads import file_headers, saved, send_attachment, streamed
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable
from sk.web.timeline import picture

routes = RouteTable()


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
    sender, days = await sender_of(notice, services), last_days(notice.rechtsbehelf)
    history, vollmacht = await history_of(notice, services), await acting_on(notice, log_in, services)
    names = await representatives_in(history, notice, services)
    abruf = history.said["abgerufen"]
    by_owner = abruf["by"] != REPRESENTATIVE and not vollmacht
    drawn = picture(notice, days, local_day(services.clock.now()), by_owner=by_owner)
    replies = [
        (read_moment(says["at"]), len(says["contents"]["attachments"]), names.get(says.get("vollmacht", ""), ""))
        for says in history.replies
    ]
    return page(
        request,
        "notice.html",
        notice=notice,
        envelope=envelope,
        sender=sender,
        drawn=drawn,
        replies=replies,
        by_representative=abruf["by"] == REPRESENTATIVE,
        fetched_by=names.get(abruf.get("vollmacht", ""), ""),
        vollmacht=vollmacht,
        previewed=services.renderer.draws,
    )


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
    attachment = numbered(envelope.attachments, request.match_info["number"])
    return await send_attachment(request, notice, attachment, attachment.type)


@routes.get("/postfach/{id}/alles.zip", allow=CITIZEN)
async def take_along(request: web.Request) -> web.StreamResponse:
    """Send a notice with its attachments and its evidence as one file."""
    services, log_in = request.app[SERVICES], request[LOG_IN]
    notice, _ = await release(request.match_info["id"], log_in, services, by_post=False)
    name = folder_of(notice)
    headers = file_headers(f"{name}.zip", is_ours=True)
    return await streamed(request, one_packed(notice, log_in, services), "application/zip", headers)


@routes.post("/postfach/{id}/archiv", allow=CITIZEN)
async def put_away(request: web.Request) -> web.Response:
    """Put a notice into the archive."""
    await put_on_shelf(request.match_info["id"], "archive", request[LOG_IN], request.app[SERVICES])
    return see_other("/postfach")


@routes.post("/postfach/{id}/eingang", allow=CITIZEN)
async def take_back(request: web.Request) -> web.Response:
    """Take a notice out of the archive."""
    await put_on_shelf(request.match_info["id"], "current", request[LOG_IN], request.app[SERVICES])
    return see_other(f"/postfach/{request.match_info['id']}")


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
    line = (await lines_of([notice], notice.account_id, services))[0]
    if line.is_damaged:
        raise alarm(notice)
    vollmacht = await acting_on(notice, log_in, services)
    return page(request, "unread.html", status=status, here=request.path, line=line, vollmacht=vollmacht)
