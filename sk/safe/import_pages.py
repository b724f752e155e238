"""Importing: an archive is uploaded, and the page tells how far it is unpacked, and what became of it."""

from collections.abc import AsyncIterator

from aiohttp import web
from pydantic import BaseModel

from sk.errors import Invalid
from sk.ids import new_id
from sk.postbox.form_intake import text_of
from sk.safe.archive_in import archive_of
from sk.safe.import_steps import archive_max_bytes, begin_import, give_up_import, was_begun
from sk.safe.importing import Progress, imports_of
from sk.web.body import Malformed, Part
from sk.web.forms import NO_ERRORS, Errors, errors_of
from sk.web.keys import LOG_IN, PARTS, SCRYPT, SERVICES
from sk.web.render import page, see_other
from sk.web.routes import CITIZEN, OPEN_PAGE, Multipart, RouteTable

routes = RouteTable()
HERE = "/safe/import"
STATE = f"{HERE}/stand"
TOKEN_MAX_BYTES = 64
PASSPHRASE_MAX_BYTES = 4000


class ImportIn(BaseModel):
    """What comes with an archive."""

    token: str = ""
    passphrase: str = ""


@routes.get(HERE, allow=CITIZEN)
async def show(request: web.Request) -> web.Response:
    """Show how far an import is; or what became of the last one, and the form for the next."""
    return await _page(request)


@routes.get(STATE, allow=OPEN_PAGE)
async def tell(request: web.Request) -> web.Response:
    """Tell a page that is open how far an import is; once it is over, that page is left."""
    progress = await _newest(request)
    return see_other(HERE) if progress is None or progress.ended else await _page(request)


@routes.post(HERE, allow=CITIZEN, body=Multipart("token", ImportIn, "file", ()))
async def take_archive(request: web.Request) -> web.Response:
    """Take an archive in, and lead to how far it is. Sent twice it is one import."""
    services, account_id = request.app[SERVICES], request[LOG_IN].account_id
    try:
        token, passphrase, file = await _entered(request[PARTS])
        if not await was_begun(account_id, token, services):
            most = archive_max_bytes(services.settings)
            chunks = archive_of(file.chunks, passphrase, most, request.app[SCRYPT].run)
            await begin_import(account_id, token, chunks, services)
    except Malformed:
        raise
    except Invalid as refused:
        return await _page(request, errors_of(refused))
    return see_other(HERE)


@routes.post(f"{HERE}/abbrechen", allow=CITIZEN)
async def give_up(request: web.Request) -> web.Response:
    """End an import. What is in the safe already stays there."""
    await give_up_import(request[LOG_IN].account_id, request.app[SERVICES])
    return see_other(HERE)


async def _entered(parts: AsyncIterator[Part]) -> tuple[str, str, Part]:
    """Return the token, the passphrase and the file, which come in this order."""
    token = await text_of(await _next(parts, "token"), TOKEN_MAX_BYTES)
    passphrase = await text_of(await _next(parts, "passphrase"), PASSPHRASE_MAX_BYTES)
    file = await _next(parts, "file")
    if not file.filename:
        raise Invalid("no file was chosen", field="file", problem="files-missing")
    return token, passphrase, file


async def _next(parts: AsyncIterator[Part], name: str) -> Part:
    part = await anext(parts, None)
    if part is None or part.name != name:
        raise Malformed(f"the part {name} is missing", field=name)
    return part


async def _newest(request: web.Request) -> Progress | None:
    found = await imports_of(request[LOG_IN].account_id, request.app[SERVICES])
    return found[0].progress if found else None


async def _page(request: web.Request, errors: Errors = NO_ERRORS) -> web.Response:
    services = request.app[SERVICES]
    return page(
        request,
        "safe_import.html",
        errors=errors,
        here=HERE,
        progress=await _newest(request),
        token=new_id(),
        most=archive_max_bytes(services.settings),
        is_off=not services.renderer.socket,
    )
