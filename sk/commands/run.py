"""`sk up`, `sk serve`, `sk work`: the platform and its processes."""

import asyncio
import socket
from pathlib import Path

import click

from sk.commands.common import data_option
from sk.commands.platform import settings_of
from sk.errors import Invalid
from sk.process import Beside, LifeLine, run
from sk.up import running
from sk.web.serve import bind
from sk.web.serve import serve as serve_web
from sk.workers.check import check as check_workers
from sk.workers.table import WORKERS
from sk.workers.work import work as run_work

port_option = click.option("--port", type=int, help="Port to listen on; 0 takes a free one (SK_PORT; 8080).")
host_option = click.option("--host", help="Address to listen on (SK_HOST; 127.0.0.1 and ::1).")
life_option = click.option("--life-fd", type=int, hidden=True)
wake_option = click.option("--wake-fd", type=int, hidden=True)
nudge_option = click.option("--nudge-fd", type=int, hidden=True)


@click.command()
@data_option
@port_option
@host_option
def up(data: Path | None, port: int | None, host: str | None) -> None:
    """Run web, workers and previews in one folder of this machine.

    \b
    Example: sk up --data /srv/sk --port 8080
    """
    settings = settings_of(data, port=port, host=host)

    async def main(stopping: asyncio.Event) -> None:
        async with running(settings, stopping) as base_url:
            if not stopping.is_set():
                click.echo(f"ready {base_url}")
            await stopping.wait()

    run(main, settings.log_level)


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
    settings = settings_of(data, port=port, host=host)

    async def main(stopping: asyncio.Event) -> None:
        sockets = [socket.socket(fileno=fd) for fd in listen_fds] or await bind(settings)
        beside = Beside(LifeLine(life_fd), wake_fd, nudge_fd)
        await serve_web(settings, sockets, stopping, beside, embedded=bool(listen_fds))

    run(main, settings.log_level)


@click.command()
@data_option
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--check", is_flag=True, help="Only look whether they could work here, and say what is missing.")
@life_option
@wake_option
@nudge_option
def work(
    data: Path | None,
    names: tuple[str, ...],
    life_fd: int | None,
    wake_fd: int | None,
    nudge_fd: int | None,
    *,
    check: bool,
) -> None:
    """Run the named workers, or all of them.

    \b
    Workers: delivery, notification, expiry, evidence, relay
    Example: SK_BUS=amqp://queue/ SK_KEYS=file:///keys/delivery sk work delivery
    """
    if unknown := set(names) - set(WORKERS):
        raise Invalid(f"there is no worker {', '.join(sorted(unknown))}; the names are {', '.join(WORKERS)}")
    settings = settings_of(data)
    embedded = life_fd is not None
    if settings.is_embedded and names and set(names) != set(WORKERS):
        raise Invalid("with SK_BUS=local all workers run in one process; name none, or set SK_BUS=amqp://…")
    chosen = names or WORKERS
    if check:
        asyncio.run(check_workers(settings, chosen))
        return
    beside = Beside(LifeLine(life_fd), wake_fd, nudge_fd)

    async def main(stopping: asyncio.Event) -> None:
        await run_work(settings, chosen, stopping, beside, embedded=embedded)

    run(main, settings.log_level)
