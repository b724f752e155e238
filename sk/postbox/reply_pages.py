"""Replying to a notice in the citizen's browser: the form, and the replies that were sent, to be read again."""

from aiohttp import web

from sk.errors import Invalid
from sk.evidence.form import REPRESENTATIVE
from sk.evidence.spelling import read_moment
from sk.ids import new_id
from sk.postbox.acting import representatives_in
from sk.postbox.attachment_types import ENDINGS, MAGIC
from sk.postbox.envelope import numbered
from sk.postbox.history import Says, history_of
from sk.postbox.notice import Notice
from sk.postbox.release import release
from sk.postbox.reply import Content, numbered_reply, open_reply
from sk.postbox.reply_intake import TEXT_MAX, Draft, answerable, send_reply
from sk.postbox.sender import sender_of
from sk.web.body import Malformed
from sk.web.downloads import send_attachment
from sk.web.forms import NO_ERRORS, Errors, errors_of
from sk.web.keys import LOG_IN, PARTS, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, Multipart, RouteTable

routes = RouteTable()


@routes.get("/postfach/{id}/antwort", allow=CITIZEN)
async def show_form(request: web.Request) -> web.Response:
    """Show the form. It has a token of its own, so that one reply comes of it, however often it is sent."""
    return await _form(request, Draft(token=new_id()))


@routes.post("/postfach/{id}/antwort", allow=CITIZEN, body=Multipart("text", Draft, "files", tuple(MAGIC)))
async def send(request: web.Request) -> web.Response:
    """Send a reply, and lead back to the notice, where it is listed from now on."""
    notice_id, draft = request.match_info["id"], Draft()
    try:
        await send_reply(notice_id, request[PARTS], draft, request[LOG_IN], request.app[SERVICES])
    except Malformed:
        raise
    except Invalid as refused:
        return await _form(request, draft, errors_of(refused))
    return see_other(f"/postfach/{notice_id}#antworten")


@routes.get("/postfach/{id}/antworten/{number}", allow=CITIZEN)
async def show_reply(request: web.Request) -> web.Response:
    """Show a reply that was sent."""
    notice, says, content = await _sent(request)
    services, number = request.app[SERVICES], request.match_info["number"]
    names = await representatives_in(await history_of(notice, services), notice, services)
    return page(
        request,
        "reply.html",
        notice=notice,
        content=content,
        number=number,
        sent_at=read_moment(says["at"]),
        by_representative=says["by"] == REPRESENTATIVE,
        sent_by=names.get(says.get("vollmacht", ""), ""),
    )


@routes.get("/postfach/{id}/antworten/{number}/dateien/{file}", allow=CITIZEN)
async def download(request: web.Request) -> web.StreamResponse:
    """Send a file of a reply as the bytes that were sent."""
    notice, _, content = await _sent(request)
    attachment = numbered(content.attachments, request.match_info["file"])
    return await send_attachment(request, notice, attachment, attachment.type)


async def _form(request: web.Request, draft: Draft, errors: Errors = NO_ERRORS) -> web.Response:
    services = request.app[SERVICES]
    notice, envelope, vollmacht = await answerable(request.match_info["id"], request[LOG_IN], services)
    return page(
        request,
        "reply_form.html",
        errors=errors,
        notice=notice,
        subject=envelope.subject,
        sender=await sender_of(notice, services),
        draft=draft,
        settings=services.settings,
        file_max_bytes=services.settings.largest(services.settings.attachment_max_bytes),
        vollmacht=vollmacht,
        endings=sorted(ENDINGS),
        text_max=TEXT_MAX,
    )


async def _sent(request: web.Request) -> tuple[Notice, Says, Content]:
    """Return a notice, and of one of the replies to it what was stated and what it says."""
    services = request.app[SERVICES]
    notice, _ = await release(request.match_info["id"], request[LOG_IN], services, by_post=False)
    says = numbered_reply(await history_of(notice, services), request.match_info["number"])
    return notice, says, await open_reply(says, notice, services)
