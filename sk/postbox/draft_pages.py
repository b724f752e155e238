"""Writing by hand for an authority: the form, new or to be changed, and the drafts that somebody has."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from sk.errors import Conflict, Invalid
from sk.ids import new_id
from sk.postbox.attachment_types import ENDINGS, MAGIC
from sk.postbox.cases import KIND_NAMES
from sk.postbox.draft import Entered, Opened
from sk.postbox.draft_check import notice_of, ready, wrong_with
from sk.postbox.draft_check_pages import DRAFT, HERE, leading_on, own_draft, place_of, wrong_in
from sk.postbox.draft_intake import Form, begin_draft, change_draft
from sk.postbox.draft_steps import drafts_of
from sk.postbox.draft_words import RECHTSBEHELFE, law_lines
from sk.postbox.explanation import Language, Words
from sk.web.body import Malformed
from sk.web.desk import Desk, desk_of
from sk.web.forms import Errors, errors_of
from sk.web.keys import PARTS, SERVICES
from sk.web.language import language_of
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, Multipart, RouteTable

routes = RouteTable()
BODY = Multipart("to", Entered, "files", tuple(MAGIC))


@routes.get(f"{HERE}/schreiben", allow=CITIZEN)
async def show_form(request: web.Request) -> web.Response:
    """Show the form for something new. It has a token of its own, so that it makes one draft."""
    desk = await desk_of(request, "post")
    return _form(request, desk, Form(entered=Entered(land=desk.authority.land), token=new_id()), {})


@routes.post(f"{HERE}/schreiben", allow=CITIZEN, body=BODY)
@leading_on
async def begin(request: web.Request) -> web.Response:
    """Take in something new, and lead to the page where it is checked, or say what is wrong with it."""
    services, desk, form = request.app[SERVICES], await desk_of(request, "post"), Form()
    try:
        opened = await begin_draft(request[PARTS], form, desk.member, desk.authority, services)
    except Malformed:
        raise
    except Invalid as refused:
        return _form(request, desk, form, _all_wrong(request, desk, form, refused))
    return await _taken(request, desk, form, opened)


@routes.get(f"{HERE}/entwuerfe", allow=CITIZEN)
async def list_drafts(request: web.Request) -> web.Response:
    """Show what somebody has written and not sent yet."""
    desk = await desk_of(request, "post")
    found = await drafts_of(desk.authority.authority, request.app[SERVICES])
    own = [opened for opened in found if opened.content.writer == desk.member.account]
    return page(request, "drafts.html", desk=desk, drafts=own, said=request.query.get("gesagt", ""))


@routes.get(f"{DRAFT}/bearbeiten", allow=CITIZEN)
@leading_on
async def show_to_change(request: web.Request) -> web.Response:
    """Show the form with what was written, and what is wrong with it."""
    desk, opened = await own_draft(request)
    wrong = wrong_in(await ready(opened, desk.authority, request.app[SERVICES]))
    form = Form(entered=opened.content.entered)
    return _form(request, desk, form, wrong, opened, status=HTTPStatus.OK, is_saved=True)


@routes.post(f"{DRAFT}/bearbeiten", allow=CITIZEN, body=BODY)
@leading_on
async def change(request: web.Request) -> web.Response:
    """Take in what was changed; if the draft is another one by now, show what was entered again, to be looked at."""
    services, form = request.app[SERVICES], Form()
    desk, opened = await own_draft(request)
    try:
        opened = await change_draft(request[PARTS], form, opened, desk.authority, services)
    except Malformed:
        raise
    except Invalid as refused:
        return _form(request, desk, form, _all_wrong(request, desk, form, refused), opened)
    except Conflict as refused:
        return _form(request, desk, form, {"": refused}, (await own_draft(request))[1])
    return await _taken(request, desk, form, opened)


async def _taken(request: web.Request, desk: Desk, form: Form, opened: Opened) -> web.Response:
    """Lead on from a form that was taken in; if something is wrong with it, show it again, now that of a draft."""
    wrong = {**wrong_in(await ready(opened, desk.authority, request.app[SERVICES])), **form.wrong}
    return _form(request, desk, form, wrong, opened, is_saved=True) if wrong else see_other(place_of(desk, opened))


def _all_wrong(request: web.Request, desk: Desk, form: Form, refused: Invalid) -> Errors:
    """Return what is wrong with a form that was read to its files, and with its recipient; the files were not read."""
    if refused.field != "to":
        return errors_of(refused)
    said = notice_of("", form.entered, (), desk.authority)
    wrong = wrong_with(said, form.entered, desk.authority, request.app[SERVICES])
    return {**{name: one for name, one in wrong.items() if one.problem != "notice-empty"}, "to": refused}


def _form(
    request: web.Request,
    desk: Desk,
    form: Form,
    errors: Errors,
    opened: Opened | None = None,
    *,
    status: HTTPStatus | None = None,
    is_saved: bool = False,
) -> web.Response:
    services, language = request.app[SERVICES], language_of(request)
    laws = law_lines(desk.authority, services.clock.now())
    return page(
        request,
        "draft_form.html",
        status=status,
        errors=errors,
        desk=desk,
        entered=form.entered,
        token=form.token,
        opened=opened,
        is_saved=is_saved,
        place=place_of(desk, opened),
        settings=services.settings,
        file_max_bytes=services.settings.largest(services.settings.attachment_max_bytes),
        endings=sorted(ENDINGS),
        kinds=_said(KIND_NAMES, language),
        laws=_said(laws, language),
        remedies=_said(RECHTSBEHELFE, language),
    )


def _said(names: Mapping[Any, Words], language: Language) -> dict[str, str]:
    return {name: words.in_language(language) for name, words in names.items()}
