"""An HTTP server on the same aiohttp as ours that does nothing else: what the platform is measured against.

It reads a notice's body as intake does, stores nothing and says 202. Given the URL of an object store, as `SK_OBJECTS`
has it, it puts a body into it as it comes, without hash or cipher, and sends it back. It prints its own URL.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from bench.load import Failed
from sk.clock import local_day
from sk.config import load_settings
from sk.objects.files import open_files
from sk.objects.port import ObjectStore, new_object_name
from sk.objects.s3 import open_s3
from sk.process import run
from sk.web.body import Body, read_parts
from sk.web.listen import bind, local_url
from sk.web.serve import READ_BUFFER_BYTES

SETTINGS = load_settings({"port": 0})
OBJECTS = web.AppKey("objects", ObjectStore)


@asynccontextmanager
async def open_bare(objects: str = "") -> AsyncIterator[str]:
    """Run it for as long as the block lasts, and yield its URL."""
    command = [sys.executable, "-m", "bench.bare", *filter(None, [objects])]
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        base_url = (await server.stdout.readline()).decode().strip() if server.stdout else ""
        if not base_url:
            raise Failed("the bare HTTP server did not start")
        yield base_url
    finally:
        if server.returncode is None:
            server.terminate()
        await server.communicate()


async def take_notice(request: web.Request) -> web.Response:
    """Read every part to its end."""
    async for part in read_parts(request, SETTINGS):
        async for _ in part.chunks:
            pass
    return web.Response(status=202)


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
    app = web.Application()
    app.router.add_post("/api/v1/notices", take_notice)
    async with AsyncExitStack() as stack:
        for url in sys.argv[1:]:
            store: ObjectStore
            store = await stack.enter_async_context(
                open_s3(url) if url.startswith("s3://") else open_files(Path(url.removeprefix("file://")))
            )
            app[OBJECTS] = store
            app.router.add_post("/", take)
            app.router.add_get("/{name:.+}", give)
        runner = web.AppRunner(app, access_log=None, read_bufsize=READ_BUFFER_BYTES)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        sockets = await bind(SETTINGS)
        for listening in sockets:
            await web.SockSite(runner, listening).start()
        sys.stdout.write(local_url(SETTINGS, sockets) + "\n")
        sys.stdout.flush()
        await stopping.wait()


if __name__ == "__main__":
    run(serve, SETTINGS.log_level)
