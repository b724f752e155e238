"""The safe in the browser: what lies in it, folder by folder, and what a search finds."""

from collections import Counter
from typing import Any

from aiohttp import web

from sk.safe.listing import ORDERS, Listed, found, page_of
from sk.safe.safe import ROOT, Contents, open_safe
from sk.web.forms import NO_ERRORS, Errors, fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()


@routes.get("/safe", allow=CITIZEN)
async def show_safe(request: web.Request) -> web.Response:
    """Show what lies in no folder."""
    return await show_folder(request, ROOT)


@routes.get("/safe/ordner/{id}", allow=CITIZEN)
async def show_one_folder(request: web.Request) -> web.Response:
    """Show what lies in a folder."""
    return await show_folder(request, request.match_info["id"])


@routes.get("/safe/suche", allow=CITIZEN)
async def lead_to_safe(_: web.Request) -> web.Response:
    """Lead whoever loads a search anew to the safe: what was searched for stands in no address, and in no log."""
    return see_other("/safe")


@routes.post("/safe/suche", allow=CITIZEN)
async def search(request: web.Request) -> web.Response:
    """Search one's own safe."""
    form = await fields_of(request)
    words = form["suche"].strip()
    if not words:
        return see_other("/safe")
    contents = (await open_safe(request[LOG_IN].account_id, request.app[SERVICES])).contents
    listed = page_of(contents.entries, *found(contents, words), "", form["seite"])
    return page(request, "safe_search.html", **_lines(contents, listed), words=words)


def place_of(folder_id: str) -> str:
    """Return the address of a folder."""
    return f"/safe/ordner/{folder_id}" if folder_id else "/safe"


async def show_folder(request: web.Request, folder_id: str, errors: Errors = NO_ERRORS, **more: Any) -> web.Response:
    """Show what lies in a folder, also as the answer to a form on its page in which something is wrong.

    `more` is what was `entered` there, and of files that were sent those that are `refused` and those that are `taken`.
    """
    services, query = request.app[SERVICES], request.query
    contents = (await open_safe(request[LOG_IN].account_id, services)).contents
    trail = contents.path(folder_id)
    order = query.get("sortierung", "")
    order = order if order in ORDERS else ""
    within, documents = contents.within(folder_id), contents.listed_in(folder_id)
    listed = page_of(contents.entries, within, documents, order, query.get("seite", ""))
    return page(
        request,
        "safe.html",
        errors=errors,
        **_lines(contents, listed),
        trail=trail,
        place=place_of(folder_id),
        order=order,
        settings=services.settings,
        said=query.get("gesagt", ""),
        **{"entered": "", "refused": (), "taken": (), **more},
    )


def _lines(contents: Contents, listed: Listed) -> dict[str, Any]:
    """Return what a list of folders and documents is made from: of folders it says how much lies in them."""
    rows = contents.listed() if listed.folders else ()
    documents_in = Counter(map(contents.entries.columns["folder"].__getitem__, rows))
    folders_in = Counter(folder.parent for folder in contents.folders.values())
    return {"contents": contents, "listed": listed, "documents_in": documents_in, "folders_in": folders_in}
