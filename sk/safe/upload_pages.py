"""Uploading into the safe by a form: several files, each streamed into a document of its own."""

from collections.abc import AsyncIterator
from typing import NamedTuple

from aiohttp import web
from pydantic import BaseModel

from sk.errors import Invalid, SkError, Unavailable
from sk.postbox.form_intake import text_of
from sk.safe.list_pages import place_of, show_folder
from sk.safe.safe import ROOT, open_safe
from sk.safe.upload import Wanted
from sk.safe.upload_steps import add_file
from sk.services import Services
from sk.web.body import Malformed, Part
from sk.web.keys import LOG_IN, PARTS, SERVICES
from sk.web.render import see_other
from sk.web.routes import CITIZEN, Multipart, RouteTable

routes = RouteTable()
FILES_MAX = 100
FOLDER_MAX_BYTES = 100


class Target(BaseModel):
    """Where files are to go."""

    folder: str = ROOT


class Refused(NamedTuple):
    """A file that was not taken, and why not."""

    name: str
    why: SkError


@routes.post("/safe/hochladen", allow=CITIZEN, body=Multipart("folder", Target, "files", ()))
async def upload(request: web.Request) -> web.Response:
    """Take files into a folder. Those that are taken stay, also if others are refused."""
    services, account_id, parts = request.app[SERVICES], request[LOG_IN].account_id, request[PARTS]
    folder = await _folder(parts)
    (await open_safe(account_id, services)).contents.path(folder)
    taken, refused = list[str](), list[Refused]()
    async for part in parts:
        if part.name != "files":
            raise Malformed(f"the part {part.name} does not belong to this form", field=part.name)
        if not part.filename:  # a field in which none was chosen comes as one without a name and without bytes
            await part.whole(0)
        elif len(taken) + len(refused) == FILES_MAX:
            surplus = Invalid(f"at most {FILES_MAX} files are taken at once", problem="attachment-surplus")
            refused.append(Refused(part.filename, surplus))
            break
        elif why := await _refusal(part, folder, account_id, services):
            refused.append(Refused(part.filename, why))
        else:
            taken.append(part.filename)
    if taken and not refused:
        return see_other(f"{place_of(folder)}?gesagt=hochgeladen")
    why = refused[0].why if refused else Invalid("no file was chosen", problem="files-missing")
    return await show_folder(request, folder, {"files": why}, refused=refused, taken=taken)


async def _folder(parts: AsyncIterator[Part]) -> str:
    """Return into which folder the files are to go, which comes before them."""
    first = await anext(parts, None)
    if first is None or first.name != "folder":
        raise Malformed("the first part says in which folder the files belong", field="folder")
    return await text_of(first, FOLDER_MAX_BYTES)


async def _refusal(part: Part, folder: str, account_id: str, services: Services) -> SkError | None:
    """Make a document of a file, or return why not; what follows it may be taken."""
    try:
        await add_file(Wanted(part.filename, 0, folder), part.chunks, account_id, services)
    except (Invalid, Unavailable) as why:
        if isinstance(why, Unavailable) and why.problem != "scanner-silent":
            raise
        return why
    return None
