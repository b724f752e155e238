"""`sk render`: the one process in which bytes of strangers are parsed.

It reads no settings but the two of its options, and nothing is imported here that knows the store or a key.
"""

import asyncio
import socket
from contextlib import AbstractContextManager
from pathlib import Path

import click

from sk.commands.common import data_option
from sk.errors import Invalid
from sk.process import LifeLine, run
from sk.render.serve import serve
from sk.renderer import renderer_of
from sk.sockets import listening_at


@click.command()
@data_option
@click.option(
    "--socket", "path", envvar="SK_RENDER", type=click.Path(path_type=Path), help="Where to listen: a path (SK_RENDER)."
)
@click.option(
    "--max-bytes",
    envvar="SK_RENDER_MAX_BYTES",
    type=click.IntRange(1),
    default=50_000_000,
    help="Bytes of an attachment that is previewed (SK_RENDER_MAX_BYTES; 50000000).",
)
@click.option("--check", is_flag=True, help="Only look whether one listens there and begins a job.")
@click.option("--log-level", envvar="SK_LOG_LEVEL", default="INFO", hidden=True)
@click.option("--listen-fd", type=int, hidden=True)
@click.option("--life-fd", type=int, hidden=True)
def render(
    data: Path | None,
    path: Path | None,
    max_bytes: int,
    log_level: str,
    listen_fd: int | None,
    life_fd: int | None,
    *,
    check: bool,
) -> None:
    """Make previews of PDF files and images, and unpack archives.

    sk up does it by itself; containers run this. It reads no .env and no SK_…_FILE.

    \b
    Example: sk render --socket /run/render/socket
    """
    del data  # every command takes it; this one needs nothing that is kept
    if check:
        asyncio.run(renderer_of(str(path or ""), max_bytes).check())
        return

    async def main(stopping: asyncio.Event) -> None:
        life_line = LifeLine(life_fd)
        life_line.watch(stopping.set)
        with _listening(path, listen_fd) as opened:
            if listen_fd is None:
                click.echo(f"ready {path}")
            life_line.say_ready()
            await serve(opened, stopping, most_bytes=max_bytes)

    run(main, log_level)


def _listening(path: Path | None, listen_fd: int | None) -> AbstractContextManager[socket.socket]:
    if listen_fd is not None:
        return socket.socket(fileno=listen_fd)
    if path is None:
        raise Invalid("SK_RENDER must name the socket to listen at")
    return listening_at(path)
