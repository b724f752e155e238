"""The pages on which a citizen takes everything along, or the safe alone: as a ZIP file, encrypted or not."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import NamedTuple

from aiohttp import web

from sk.auth.export import export
from sk.auth.sessions import LogIn
from sk.clock import local_day
from sk.crypto.age import encrypted
from sk.errors import Invalid
from sk.safe.packing import export_safe
from sk.services import Services
from sk.web.downloads import file_headers, streamed
from sk.web.forms import NO_ERRORS, Errors, Fields, errors_of, fields_of
from sk.web.keys import LOG_IN, SCRYPT, SERVICES
from sk.web.render import page
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()
PASSPHRASE_MIN = 12
PASSPHRASE_MAX = 1000


class Exported(NamedTuple):
    """What can be taken along, and what the file is called."""

    pack: Callable[[LogIn, Services], AsyncGenerator[bytes, None]]
    name: str


EXPORTS: Mapping[str, Exported] = {
    "/konto/export": Exported(export, "servicekonto"),
    "/safe/export": Exported(export_safe, "safe"),
}


@routes.get("/konto/export", allow=CITIZEN)
@routes.get("/safe/export", allow=CITIZEN)
async def show(request: web.Request) -> web.Response:
    """Say what is in the file, and offer it in both forms."""
    return _page(request)


@routes.post("/konto/export", allow=CITIZEN)
@routes.post("/safe/export", allow=CITIZEN)
async def take_along(request: web.Request) -> web.StreamResponse:
    """Send the file while it is made."""
    form, services, exported = await fields_of(request), request.app[SERVICES], EXPORTS[request.path]
    is_encrypted = form["art"] == "age"
    try:
        passphrase = _passphrase(form) if is_encrypted else ""
    except Invalid as refused:
        return _page(request, errors_of(refused))
    blocks, media_type = exported.pack(request[LOG_IN], services), "application/zip"
    name = f"{exported.name}-{local_day(services.clock.now())}.zip"
    if is_encrypted:
        blocks, media_type = encrypted(blocks, passphrase, request.app[SCRYPT].run), "application/octet-stream"
        name += ".age"
    begun = _behind(await anext(blocks), blocks)  # what is refused is refused before an answer has begun
    return await streamed(request, begun, media_type, file_headers(name, is_ours=True))


def _passphrase(form: Fields) -> str:
    """Return the passphrase, if it was entered twice and is not easily tried."""
    passphrase = form["passphrase"]
    if not PASSPHRASE_MIN <= len(passphrase) <= PASSPHRASE_MAX:
        said = f"a passphrase has {PASSPHRASE_MIN} to {PASSPHRASE_MAX} characters"
        raise Invalid(said, field="passphrase", problem="passphrase-short")
    if form["again"] != passphrase:
        raise Invalid("the two are not the same", field="again", problem="passphrase-differs")
    return passphrase


async def _behind(first: bytes, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in blocks:
        yield block


def _page(request: web.Request, errors: Errors = NO_ERRORS) -> web.Response:
    return page(request, "export.html", errors=errors, here=request.path, of_safe=request.path == "/safe/export")
