"""The renderer within a test's process; its jobs are processes, as always."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sk.render.serve import CPU_SECONDS, serve
from sk.sockets import listening_at

MOST_BYTES = 50_000_000


@asynccontextmanager
async def open_renderer(folder: Path, cpu_seconds: int = CPU_SECONDS) -> AsyncIterator[str]:
    """Serve while the block lasts, and yield where."""
    stopping, socket = asyncio.Event(), folder / "render.sock"
    with listening_at(socket) as listening:
        serving = asyncio.create_task(serve(listening, stopping, most_bytes=MOST_BYTES, cpu_seconds=cpu_seconds))
        try:
            yield str(socket)
        finally:
            stopping.set()
            await serving
