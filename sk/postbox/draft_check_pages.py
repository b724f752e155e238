"""The page on which a draft is checked before it is sent: what its recipient will see, and what may become of it.

Its writer sends it, or gives it to whoever releases it. Who releases it sees this page while it waits.
"""

import re
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from http import HTTPStatus
from typing import get_args

from aiohttp import web

from sk.auth.members import MemberCard
from sk.auth.trust import TrustLevel
from sk.errors import Conflict, Damaged, Invalid, NotFound
from sk.postbox.cases import KIND_NAMES
from sk.postbox.draft import Content, Opened
from sk.postbox.draft_check import Wrong, days_if_delivered, ready
from sk.postbox.draft_intake import remove_file
from sk.postbox.draft_steps import (
    Sent,
    approve,
    changed,
    drafts_of,
    give_back,
    give_up,
    open_draft,
    refuse_unseen,
    send,
    submit,
)
from sk.postbox.draft_words import RECHTSBEHELFE, law_lines
from sk.postbox.envelope import numbered
from sk.postbox.last_days import readings
from sk.postbox.notice_in import TEXT, NoticeIn
from sk.postbox.stored import open_attachment
from sk.web.desk import Desk, desk_of
from sk.web.downloads import send_file
from sk.web.forms import NO_ERRORS, Errors, errors_of, fields_of
from sk.web.keys import SERVICES
from sk.web.language import N_
from sk.web.previews import View, show_pages, show_picture
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
HERE = "/behoerde/{client_id}"
DRAFT = f"{HERE}/entwuerfe/{{id}}"
FILE = f"{DRAFT}/dateien/{{number}}"
REMARK_MAX = 1000
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def leading_on(answer: Answer) -> Answer:
    """Have whoever comes to a draft that was sent led to the notice that it has become."""

    @wraps(answer)
    async def lead(request: web.Request) -> web.StreamResponse:
        try:
            return await answer(request)
        except Sent as sent:
            return _to_notice(request, sent.notice_id)

    return lead


def on_its_page(act: Answer) -> Answer:
    """Have what was refused about a draft told on its page, as it is by now."""

    @leading_on
    @wraps(act)
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await act(request)
        except Conflict:
            return await _check(request, *await _seen_draft(request), {"": changed()})
        except Invalid as refused:
            return await _check(request, *await _seen_draft(request), errors_of(refused))

    return answer


@routes.get(DRAFT, allow=CITIZEN)
@leading_on
async def show_draft(request: web.Request) -> web.Response:
    """Show a draft as its recipient will see it."""
    return await _check(request, *await _seen_draft(request))


@routes.post(f"{DRAFT}/senden", allow=CITIZEN)
@on_its_page
async def send_draft(request: web.Request) -> web.Response:
    """Send a draft of one's own."""
    (desk, opened), seen = await own_draft(request), (await fields_of(request))["seen"]
    return _to_notice(request, await send(opened, seen, desk.member, desk.authority, request.app[SERVICES]))


@routes.post(f"{DRAFT}/vorlegen", allow=CITIZEN)
@on_its_page
async def submit_draft(request: web.Request) -> web.Response:
    """Give a draft of one's own to whoever releases it."""
    (desk, opened), seen = await own_draft(request), (await fields_of(request))["seen"]
    await submit(opened, seen, desk.authority, request.app[SERVICES])
    return see_other(f"{place_of(desk)}/entwuerfe?gesagt=vorgelegt")


@routes.post(f"{DRAFT}/verwerfen", allow=CITIZEN)
@on_its_page
async def give_up_draft(request: web.Request) -> web.Response:
    """Give up a draft of one's own."""
    (desk, opened), seen = await own_draft(request), (await fields_of(request))["seen"]
    refuse_unseen(opened.content, seen)
    await give_up(opened.draft, request.app[SERVICES])
    return see_other(f"{place_of(desk)}/entwuerfe?gesagt=verworfen")


@routes.post(f"{FILE}/entfernen", allow=CITIZEN)
@on_its_page
async def remove(request: web.Request) -> web.Response:
    """Remove a file from a draft of one's own."""
    (desk, opened), seen = await own_draft(request), (await fields_of(request))["seen"]
    await remove_file(opened, request.match_info["number"], seen, request.app[SERVICES])
    return see_other(f"{place_of(desk, opened)}#dateien")


@routes.get(f"{HERE}/freigabe", allow=CITIZEN)
async def list_waiting(request: web.Request) -> web.Response:
    """Show what others have written and somebody is to release."""
    desk = await desk_of(request, "approve")
    found = await drafts_of(desk.authority.authority, request.app[SERVICES])
    waiting = [one for one in found if one.content.state == "waiting" and not _is_writer(one.content, desk.member)]
    return page(request, "drafts_waiting.html", desk=desk, drafts=waiting, said=request.query.get("gesagt", ""))


@routes.post(f"{DRAFT}/freigeben", allow=CITIZEN)
@on_its_page
async def approve_draft(request: web.Request) -> web.Response:
    """Release what another one has written, as it was seen, and send it."""
    (desk, opened), form = await _draft_of_another(request), await fields_of(request)
    notice_id = await approve(opened, form["seen"], desk.member, desk.authority, request.app[SERVICES])
    return _to_notice(request, notice_id)


@routes.post(f"{DRAFT}/zurueckgeben", allow=CITIZEN)
@on_its_page
async def give_back_draft(request: web.Request) -> web.Response:
    """Give back to its writer what is to be changed, and say why."""
    (desk, opened), form = await _draft_of_another(request), await fields_of(request)
    remark = form["remark"].replace("\r\n", "\n").strip()
    if not remark:
        raise Invalid("a remark is needed", field="remark", problem="field-missing")
    if len(remark) > REMARK_MAX:
        raise Invalid(f"a remark has at most {REMARK_MAX} characters", field="remark", problem="field-too-long")
    if re.search(TEXT.pattern, remark):
        raise Invalid(TEXT.words, field="remark")
    await give_back(opened, form["seen"], remark, desk.member, request.app[SERVICES])
    return see_other(f"{place_of(desk)}/freigabe?gesagt=zurueckgegeben")


@routes.get(FILE, allow=CITIZEN)
async def download(request: web.Request) -> web.StreamResponse:
    """Send a file of a draft as the bytes that were chosen."""
    view = await _file(request)
    return await send_file(request, await view.read(), view.name, view.type)


@routes.get(f"{FILE}/ansehen", allow=CITIZEN)
async def preview(request: web.Request) -> web.Response:
    """Show some pages of a file of a draft."""
    return await show_pages(request, await _file(request))


@routes.get(f"{FILE}/seite/{{page}}.png", allow=CITIZEN)
async def picture_of_page(request: web.Request) -> web.Response:
    """Send the picture of a page."""
    return await show_picture(request, await _file(request))


def place_of(desk: Desk, opened: Opened | None = None) -> str:
    """Return the address of an authority's pages, or of one of its drafts."""
    place = f"/behoerde/{desk.authority.authority}"
    return f"{place}/entwuerfe/{opened.draft.id}" if opened else place


async def own_draft(request: web.Request) -> tuple[Desk, Opened]:
    """Return a draft that somebody has written; for everybody else there is none."""
    desk = await desk_of(request, "post")
    opened = await open_draft(request.match_info["id"], desk.authority.authority, request.app[SERVICES])
    if not _is_writer(opened.content, desk.member):
        raise NotFound
    return desk, opened


def wrong_in(found: NoticeIn | Wrong) -> Wrong:
    """Return what is wrong, if it is no notice."""
    return {} if isinstance(found, NoticeIn) else found


async def _draft_of_another(request: web.Request) -> tuple[Desk, Opened]:
    """Return a draft that somebody may release; who is too late is led to what still waits."""
    desk = await desk_of(request, "approve")
    opened = await open_draft(request.match_info["id"], desk.authority.authority, request.app[SERVICES])
    if opened.content.state != "waiting":
        raise web.HTTPSeeOther(f"{place_of(desk)}/freigabe?gesagt=geaendert")
    return desk, opened


async def _seen_draft(request: web.Request) -> tuple[Desk, Opened]:
    """Return a draft that somebody may look at: their own, or one that waits until they release it."""
    desk = await desk_of(request)
    opened = await open_draft(request.match_info["id"], desk.authority.authority, request.app[SERVICES])
    role = "post" if _is_writer(opened.content, desk.member) else "approve"
    if role not in desk.member.roles or (role == "approve" and opened.content.state != "waiting"):
        raise NotFound
    return desk, opened


def _to_notice(request: web.Request, notice_id: str) -> web.Response:
    return see_other(f"/behoerde/{request.match_info['client_id']}/bescheide/{notice_id}?gesagt=gesendet")


def _is_writer(content: Content, member: MemberCard) -> bool:
    return content.writer == member.account


async def _check(request: web.Request, desk: Desk, opened: Opened, errors: Errors = NO_ERRORS) -> web.Response:
    services, content = request.app[SERVICES], opened.content
    found, now = await ready(opened, desk.authority, services), services.clock.now()
    bekanntgabe, frist = days_if_delivered(found, desk.authority, now) if isinstance(found, NoticeIn) else (None, None)
    return page(
        request,
        "draft.html",
        status=None if errors else HTTPStatus.OK,
        errors=errors or wrong_in(found),
        desk=desk,
        draft=opened.draft,
        content=content,
        seen=content.seen(),
        place=place_of(desk, opened),
        is_own=_is_writer(content, desk.member),
        wrong=wrong_in(found),
        bekanntgabe=bekanntgabe,
        readings=readings(frist),
        kinds=KIND_NAMES,
        levels=get_args(TrustLevel),
        laws=law_lines(desk.authority, now),
        remedies=RECHTSBEHELFE,
        previewed=services.renderer.draws,
        remark=(await fields_of(request))["remark"] if errors else "",
    )


async def _file(request: web.Request) -> View:
    (desk, opened), number = await _seen_draft(request), request.match_info["number"]
    attachment, back = numbered(opened.content.attachments, number), place_of(desk, opened)
    read = partial(open_attachment, opened.content.account_id, attachment, request.app[SERVICES])
    file = f"{back}/dateien/{number}"
    return View(attachment.name, attachment.type, read, Damaged, file, file, back, N_("Zurück zum Entwurf"))
