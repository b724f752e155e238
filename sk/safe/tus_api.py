"""Uploads that go on where they broke off: tus 1.0.0 (https://tus.io/protocols/resumable-upload), for browsers.

Core, creation, checksum, expiration and termination. The offset that is told is that of durable ciphertext. Whoever
uploads is logged in, and sends the token of their session's forms along as `X-CSRF-Token`.
"""

import asyncio
import hashlib
import hmac
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from wsgiref.handlers import format_date_time

from aiohttp import web

from sk.errors import Invalid, SkError
from sk.safe.found import own_entry
from sk.safe.upload import Upload, Wanted
from sk.safe.upload_steps import append, begin, file_max_bytes, finished, give_up
from sk.web.body import Body, Malformed, go_on
from sk.web.keys import LOG_IN, SERVICES
from sk.web.routes import BY_SCRIPT, Handler, RouteTable

routes = RouteTable()
PLACE = "/safe/tus"
VERSION = "1.0.0"
ALGORITHMS = ("sha256", "sha1")
MEDIA_TYPE = "application/offset+octet-stream"
METADATA = ("filename", "folder", "document")
METADATA_MAX = 4096
LENGTH_DIGITS = 18
OVERRIDE = "X-HTTP-Method-Override"
NOT_BUILT = ("Upload-Defer-Length", "Upload-Concat", OVERRIDE)
"""What the protocol knows of beginning an upload, and we do not."""


class Writing:
    """Which upload is in the hands of which request of this process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._holders: dict[tuple[str, str], tuple[web.Request, asyncio.Event]] = {}

    @asynccontextmanager
    async def alone(self, request: web.Request) -> AsyncIterator[None]:
        """Have an upload alone for as long as the block lasts.

        Whoever still receives bytes of it is cut off, and keeps what has come: a connection that is dead is not yet
        known to be, and its client, which is back on another one, must not wait for it. Whoever looks at it is not.
        """
        upload = request[LOG_IN].account_id, request.match_info["id"]
        while upload in self._holders:
            before, left = self._holders[upload]
            if before.transport and not before.content.is_eof():
                before.transport.abort()
            await left.wait()
        self._holders[upload] = request, asyncio.Event()
        try:
            yield
        finally:
            self._holders.pop(upload)[1].set()


WRITING = web.AppKey("writing", Writing)


class Coming:
    """The bytes of one request, as far as they come: where it breaks off they end, and `broken` says why.

    Of what comes with a checksum all is needed to know that it is right: there breaking off is an error at once.
    """

    def __init__(self, request: web.Request) -> None:
        """Begin with nothing."""
        self._request = request
        self._algorithm, self._digest = _checksum(request.headers.get("Upload-Checksum", ""))
        self.broken: SkError | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield what comes."""
        hashed = hashlib.new(self._algorithm, usedforsecurity=False) if self._algorithm else None
        body = Body(self._request, self._request.app[SERVICES].settings)
        await go_on(self._request)
        try:
            while block := await body.read():
                if hashed:
                    hashed.update(block)
                yield block
        except SkError as why:
            if hashed:
                raise
            self.broken = why
        if hashed and not hmac.compare_digest(hashed.digest(), self._digest):
            raise Invalid("the bytes do not have the checksum that came with them", problem="checksum-mismatch")


def add_uploads(app: web.Application) -> None:
    """Have an application know who uploads, and say on its answers what the protocol wants there."""
    app[WRITING] = Writing()
    app.on_response_prepare.append(_speak)


@routes.row("OPTIONS", PLACE, allow=BY_SCRIPT)
async def tell(request: web.Request) -> web.Response:
    """Say what can be done here."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,checksum,expiration,termination",
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Tus-Max-Size": _max_size(request),
    }
    return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)


@routes.post(PLACE, allow=BY_SCRIPT)
async def create(request: web.Request) -> web.Response:
    """Begin an upload, of a length that is known."""
    _expect_version(request)
    for header in NOT_BUILT:
        if header in request.headers:
            raise Malformed(
                f"the header {header} is not possible here; an upload is one whole, of a length that is known"
            )
    if request.can_read_body:
        raise Malformed("the bytes of an upload come by PATCH, once it is begun")
    services, said = request.app[SERVICES], request.headers.get("Upload-Metadata", "")
    (name, folder, document), length = _metadata(said), _number(request, "Upload-Length")
    if length > file_max_bytes(services):
        raise Invalid(f"a document has at most {file_max_bytes(services)} bytes", problem="too-large")
    if document:
        await own_entry(document, request[LOG_IN], services)
    upload = await begin(Wanted(name, length, folder, document, said), request[LOG_IN].account_id, services)
    headers = {"Location": f"{PLACE}/{upload.id}", **_expiry(upload)}
    return web.Response(status=HTTPStatus.CREATED, headers=headers)


@routes.row("HEAD", f"{PLACE}/{{id}}", allow=BY_SCRIPT)
async def tell_offset(request: web.Request) -> web.Response:
    """Say how much of an upload is there. What is being written still is cut off first, and its bytes count."""
    _expect_version(request)
    async with request.app[WRITING].alone(request):
        opened = await finished(request.match_info["id"], request[LOG_IN].account_id, request.app[SERVICES])
    wanted, headers = opened.plan.wanted, _expiry(opened.upload)
    headers |= {"Upload-Offset": str(opened.plan.offset), "Upload-Length": str(wanted.length)}
    if wanted.metadata:
        headers["Upload-Metadata"] = wanted.metadata
    return web.Response(headers=headers)


@routes.post(f"{PLACE}/{{id}}", allow=BY_SCRIPT)
@routes.row("PATCH", f"{PLACE}/{{id}}", allow=BY_SCRIPT)
@routes.row("DELETE", f"{PLACE}/{{id}}", allow=BY_SCRIPT)
async def act(request: web.Request) -> web.StreamResponse:
    """Do what the method says, or in its place a header: some clients' way lets nothing but GET and POST through."""
    methods: Mapping[str, Handler] = {"PATCH": take_bytes, "DELETE": end, "HEAD": tell_offset}
    method = request.headers.get(OVERRIDE, request.method)
    if method not in methods:
        raise web.HTTPMethodNotAllowed(method, methods)
    return await methods[method](request)


async def take_bytes(request: web.Request) -> web.Response:
    """Take more bytes of an upload. Once all are there it is a document."""
    _expect_version(request)
    if request.content_type != MEDIA_TYPE:
        raise Invalid(f"the bytes of an upload come as {MEDIA_TYPE}", problem="unsupported-type")
    coming, offset = Coming(request), _number(request, "Upload-Offset")
    where = request.match_info["id"], request[LOG_IN].account_id, offset, request.content_length
    async with request.app[WRITING].alone(request):
        opened = await append(*where, aiter(coming), request.app[SERVICES])
    if coming.broken:
        raise coming.broken
    headers = {"Upload-Offset": str(opened.plan.offset), **_expiry(opened.upload)}
    return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)


async def end(request: web.Request) -> web.Response:
    """Forget an upload, and what has come of it. A document that it has become stays."""
    _expect_version(request)
    async with request.app[WRITING].alone(request):
        await give_up(request.match_info["id"], request[LOG_IN].account_id, request.app[SERVICES])
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def _speak(request: web.Request, response: web.StreamResponse) -> None:
    """Say on every answer, also on an error, which version is spoken here, and what would have been possible."""
    if not f"{request.path}/".startswith(f"{PLACE}/"):
        return
    response.headers["Tus-Resumable"] = VERSION
    if response.status == HTTPStatus.PRECONDITION_FAILED:
        response.headers["Tus-Version"] = VERSION
    if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        response.headers["Tus-Max-Size"] = _max_size(request)


def _max_size(request: web.Request) -> str:
    return str(file_max_bytes(request.app[SERVICES]))


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": format_date_time(upload.ends_at.timestamp())}


def _expect_version(request: web.Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Invalid(f"the header Tus-Resumable must be {VERSION}", problem="tus-version")


def _number(request: web.Request, header: str) -> int:
    said = request.headers.get(header, "")
    if not (said.isascii() and said.isdecimal() and len(said) <= LENGTH_DIGITS):
        raise Malformed(f"the header {header} must be a number")
    return int(said)


def _metadata(said: str) -> list[str]:
    """Return what `Upload-Metadata` says of the names that we know; what else a client keeps there may be any bytes."""
    if len(said) > METADATA_MAX or not (said.isascii() and said.isprintable()):
        raise Malformed(f"the header Upload-Metadata has at most {METADATA_MAX} characters, all of them ASCII")
    pairs = [pair.strip().partition(" ") for pair in said.split(",") if pair.strip()]
    if len({name for name, _, _ in pairs}) < len(pairs):
        raise Malformed("the header Upload-Metadata says no name twice")
    try:
        values = {name: b64decode(value, validate=True) for name, _, value in pairs}
        return [values.get(name, b"").decode() for name in METADATA]
    except ValueError:
        raise Malformed("the values in the header Upload-Metadata must be UTF-8 in base64") from None


def _checksum(said: str) -> tuple[str, bytes]:
    """Return what `Upload-Checksum` says: an algorithm and a digest, or nothing."""
    algorithm, _, digest = said.partition(" ")
    if said and algorithm not in ALGORITHMS:
        raise Malformed(f"the algorithms of checksums are {' and '.join(ALGORITHMS)}")
    try:
        return algorithm, b64decode(digest, validate=True)
    except ValueError:
        raise Malformed("the checksum must be in base64") from None
