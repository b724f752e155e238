"""An HTTP server that reads a notice's body as intake does, stores nothing and says 202. Prints its base URL."""

import asyncio
import sys

from aiohttp import web

from sk.config import load_settings
from sk.process import run
from sk.web.body import read_parts
from sk.web.serve import READ_BUFFER_BYTES, bind, local_url

SETTINGS = load_settings({"port": 0})


async def take(request: web.Request) -> web.Response:
    """Read every part to its end."""
    async for part in read_parts(request, SETTINGS):
        async for _ in part.chunks:
            pass
    return web.Response(status=202)


async def serve(stopping: asyncio.Event) -> None:
    """Serve as the web process does, with a route of its own."""
    app = web.Application()
    app.router.add_post("/api/v1/notices", take)
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
