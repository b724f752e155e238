"""`sk serve`: the web process."""

import asyncio
import socket
from pathlib import Path

import click

from sk.commands.common import data_option, host_option, life_option, nudge_option, port_option, wake_option
from sk.config import load_settings
from sk.process import Beside, LifeLine, run
from sk.web.listen import bind
from sk.web.serve import serve as serve_web


@click.command()
@data_option
@port_option
@host_option
@click.option("--listen-fd", "listen_fds", type=int, multiple=True, hidden=True)
@life_option
@wake_option
@nudge_option
def serve(
    data: Path | None,
    port: int | None,
    host: str | None,
    listen_fds: tuple[int, ...],
    life_fd: int | None,
    wake_fd: int | None,
    nudge_fd: int | None,
) -> None:
    """Run the web process alone, as containers do.

    \b
    Example: SK_BASE_URL=https://konto.example SK_KEYS=file:///keys/web sk serve --host 0.0.0.0
    """
    settings = load_settings({"data": data, "port": port, "host": host})

    async def main(stopping: asyncio.Event) -> None:
        sockets = [socket.socket(fileno=fd) for fd in listen_fds] or await bind(settings)
        beside = Beside(LifeLine(life_fd), wake_fd, nudge_fd)
        await serve_web(settings, sockets, stopping, beside, embedded=bool(listen_fds))

    run(main, settings.log_level)
