"""The pages of shares: giving documents of the safe to an authority, seeing what became of it, and ending it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web

from sk.auth.trust import reaches
from sk.clock import local_day
from sk.errors import Invalid
from sk.evidence.form_beside import FETCHES_MAX
from sk.ids import new_id
from sk.safe.listing import natural
from sk.safe.safe import ROOT, open_safe
from sk.safe.share import Opened, Phase, own_share, shares_of
from sk.safe.share_proof import share_evidence
from sk.safe.share_steps import Wish, grant, prepare, recipients, revoke
from sk.web.downloads import saved
from sk.web.forms import Fields, entered_day, errors_of, fields, fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
HERE = "/safe/freigaben"
ENDED: tuple[Phase, ...] = ("over", "revoked")
AT_FIRST = timedelta(days=30)
FETCHES_AT_FIRST = 3
OFFERED_MAX = 100
"""Documents of a folder that a form offers; the one from which somebody has come is always among them."""


@routes.get(HERE, allow=CITIZEN)
async def show_shares(request: web.Request) -> web.Response:
    """Show what somebody shares, and has shared."""
    services, now = request.app[SERVICES], request.app[SERVICES].clock.now()
    found = await shares_of(request[LOG_IN].account_id, services)
    return page(
        request,
        "safe_shares.html",
        running=[one for one in found if one.phase(now) not in ENDED],
        past=[one for one in found if one.phase(now) in ENDED],
        now=now,
    )


@routes.get(f"{HERE}/neu", allow=CITIZEN)
async def show_form(request: web.Request) -> web.Response:
    """Show the form for a new share; the document from which somebody comes is chosen."""
    document = request.query.get("dokument", "")
    until = local_day(request.app[SERVICES].clock.now()) + AT_FIRST
    known = fields({"document": document, "until": str(until), "fetches": str(FETCHES_AT_FIRST)})
    return await _form(request, known, [document])


@routes.post(f"{HERE}/neu", allow=CITIZEN)
async def take_form(request: web.Request) -> web.Response:
    """Show once more who is to get what, and share it when that was seen."""
    services, log_in, form = request.app[SERVICES], request[LOG_IN], await fields_of(request)
    documents = [str(id_) for id_ in dict.fromkeys((await request.post()).getall("documents", []))]
    if form["choice"] == "change":
        return await _form(request, form, documents)
    try:
        wish = _wish(form, documents)
        if form["choice"] == "share":
            return see_other(f"{HERE}/{await grant(wish, log_in, services)}?gesagt=freigegeben")
        prepared = await prepare(wish, log_in, services)
    except Invalid as refused:
        return await _form(request, form, documents, refused)
    return page(request, "safe_share_check.html", wish=wish, prepared=prepared, form=form, token=new_id())


@routes.get(f"{HERE}/{{id}}", allow=CITIZEN)
async def show_share(request: web.Request) -> web.Response:
    """Show a share: the number by which its recipient fetches, and when they have."""
    one = await _own(request)
    opened = await open_safe(one.account_id, request.app[SERVICES])
    kept = {id_ for id_, entry in opened.contents.entries.items() if not entry.trashed_at}
    return _page(request, "safe_share.html", one, kept=kept, said=request.query.get("gesagt", ""))


@routes.get(f"{HERE}/{{id}}/nachweis.json", allow=CITIZEN)
async def send_evidence(request: web.Request) -> web.Response:
    """Send the evidence about a share, as a bundle that can be verified."""
    one = await _own(request)
    bundle = await share_evidence(one, request.app[SERVICES])
    return saved(bundle.encode(), "application/json", f"nachweis-{one.id}.json")


@routes.get(f"{HERE}/{{id}}/beenden", allow=CITIZEN)
async def show_end(request: web.Request) -> web.Response:
    """Ask whether a share is to end; of one that has ended its page says so."""
    one = await _own(request)
    if one.phase(request.app[SERVICES].clock.now()) in ENDED:
        return see_other(f"{HERE}/{one.id}")
    return _page(request, "safe_share_end.html", one)


@routes.post(f"{HERE}/{{id}}/beenden", allow=CITIZEN)
async def take_end(request: web.Request) -> web.Response:
    """End a share."""
    share_id = request.match_info["id"]
    await revoke(share_id, request[LOG_IN].account_id, request.app[SERVICES])
    return see_other(f"{HERE}/{share_id}?gesagt=beendet")


async def _own(request: web.Request) -> Opened:
    return await own_share(request.match_info["id"], request[LOG_IN].account_id, request.app[SERVICES])


def _page(request: web.Request, template: str, one: Opened, **more: Any) -> web.Response:
    return page(request, template, share=one, phase=one.phase(request.app[SERVICES].clock.now()), **more)


async def _form(
    request: web.Request, form: Fields, chosen: Sequence[str], refused: Invalid | None = None
) -> web.Response:
    """Show the form, with the documents of the folder in which that lies from which somebody has come."""
    services, level = request.app[SERVICES], request[LOG_IN].level
    contents = (await open_safe(request[LOG_IN].account_id, services)).contents
    document = contents.entries.get(form["document"])
    listed = [*map(contents.entries.at, contents.listed_in(document.folder if document else ROOT))]
    listed.sort(key=lambda entry: (entry.id not in chosen, natural(entry.name)))
    offered = [entry for entry in listed if reaches(level, entry.level)]
    return page(
        request,
        "safe_share_form.html",
        errors=errors_of(refused),
        form=form,
        chosen=chosen,
        document=document,
        offered=offered[:OFFERED_MAX],
        is_cut_off=len(offered) > OFFERED_MAX,
        higher=[entry for entry in listed if not reaches(level, entry.level)],
        recipients={id_: card.name for id_, card in (await recipients(services)).items()},
        fetches={str(count): str(count) for count in range(1, FETCHES_MAX + 1)},
    )


def _wish(form: Fields, documents: Sequence[str]) -> Wish:
    return Wish(
        documents=documents,
        recipient=form["recipient"],
        purpose=form["purpose"],
        until=entered_day(form["until"], "until"),
        fetches=int(form["fetches"]) if form["fetches"] in map(str, range(1, FETCHES_MAX + 1)) else 0,
        token=form["token"],
    )
