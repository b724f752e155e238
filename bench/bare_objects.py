"""An HTTP server that puts a body into an object store as it comes and sends it back: no hash, no cipher, no account.

Prints its base URL. Its argument is the URL of the object store, as `SK_OBJECTS` has it.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from sk.clock import local_day
from sk.config import load_settings
from sk.objects.files import open_files
from sk.objects.port import ObjectStore, new_object_name
from sk.objects.s3 import open_s3
from sk.process import run
from sk.web.body import Body
from sk.web.serve import READ_BUFFER_BYTES, bind, local_url

SETTINGS = load_settings({"port": 0})
OBJECTS = web.AppKey("objects", ObjectStore)


async def take(request: web.Request) -> web.Response:
    """Store a body and say under which name."""
    name, body = new_object_name(local_day(datetime.now(UTC))), Body(request, SETTINGS)
    async with request.app[OBJECTS].upload(name, None) as upload:
        while block := await body.read():
            await upload.write(block)
    return web.Response(text=name)


async def give(request: web.Request) -> web.StreamResponse:
    """Send an object."""
    response = web.StreamResponse()
    await response.prepare(request)
    async for block in request.app[OBJECTS].read(request.match_info["name"]):
        await response.write(block)
    return response


async def serve(stopping: asyncio.Event) -> None:
    """Serve as the web process does, with routes of its own."""
    url, app = sys.argv[1], web.Application()
    app.router.add_post("/", take)
    app.router.add_get("/{name:.+}", give)
    opened = open_s3(url) if url.startswith("s3://") else open_files(Path(url.removeprefix("file://")))
    async with opened as app[OBJECTS]:
        runner = web.AppRunner(app, access_log=None, read_bufsize=READ_BUFFER_BYTES)
        await runner.setup()
        sockets = await bind(SETTINGS)
        for listening in sockets:
            await web.SockSite(runner, listening).start()
        sys.stdout.write(local_url(SETTINGS, sockets) + "\n")
        sys.stdout.flush()
        await stopping.wait()
        await runner.cleanup()


if __name__ == "__main__":
    run(serve, SETTINGS.log_level)
