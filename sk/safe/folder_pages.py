"""Folders of a safe: made, called something else, and deleted; what lies in them stays."""

from aiohttp import web

from sk.errors import Invalid
from sk.safe.folder_steps import add_folder, delete_folder, rename_folder
from sk.safe.list_pages import place_of, show_folder
from sk.safe.safe import open_safe
from sk.web.forms import NO_ERRORS, Errors, errors_of, fields_of
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()


@routes.post("/safe/ordner", allow=CITIZEN)
async def make(request: web.Request) -> web.Response:
    """Make a folder, and lead into it."""
    form = await fields_of(request)
    try:
        folder_id = await add_folder(request[LOG_IN].account_id, form["name"], form["parent"], request.app[SERVICES])
    except Invalid as refused:
        return await show_folder(request, form["parent"], errors_of(refused), entered=form["name"])
    return see_other(f"{place_of(folder_id)}?gesagt=angelegt")


@routes.get("/safe/ordner/{id}/name", allow=CITIZEN)
async def show_one(request: web.Request) -> web.Response:
    """Show how a folder is called, to be changed, and what happens if it is deleted."""
    return await _form(request)


@routes.post("/safe/ordner/{id}/name", allow=CITIZEN)
async def call(request: web.Request) -> web.Response:
    """Call a folder something else."""
    folder_id, name = request.match_info["id"], (await fields_of(request))["name"]
    try:
        await rename_folder(request[LOG_IN].account_id, folder_id, name, request.app[SERVICES])
    except Invalid as refused:
        return await _form(request, errors_of(refused), name)
    return see_other(f"{place_of(folder_id)}?gesagt=umbenannt")


@routes.post("/safe/ordner/{id}/loeschen", allow=CITIZEN)
async def delete(request: web.Request) -> web.Response:
    """Delete a folder, and lead to where that lies now which lay in it."""
    parent = await delete_folder(request[LOG_IN].account_id, request.match_info["id"], request.app[SERVICES])
    return see_other(f"{place_of(parent)}?gesagt=geloescht")


async def _form(request: web.Request, errors: Errors = NO_ERRORS, entered: str | None = None) -> web.Response:
    contents = (await open_safe(request[LOG_IN].account_id, request.app[SERVICES])).contents
    folder = contents.folder(request.match_info["id"])
    value = folder.name if entered is None else entered
    return page(request, "safe_folder.html", errors=errors, trail=contents.path(folder.id), folder=folder, value=value)
