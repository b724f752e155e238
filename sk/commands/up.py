"""`sk up`: the whole platform. Its processes load what they need; this one needs next to nothing."""

import asyncio
from pathlib import Path

import click

from sk.commands.common import data_option, host_option, port_option
from sk.config import load_settings
from sk.process import run
from sk.up import running


@click.command()
@data_option
@port_option
@host_option
def up(data: Path | None, port: int | None, host: str | None) -> None:
    """Run web, workers and previews in one folder of this machine.

    \b
    Example: sk up --data /srv/sk --port 8080
    """
    settings = load_settings({"data": data, "port": port, "host": host})

    async def main(stopping: asyncio.Event) -> None:
        async with running(settings, stopping) as base_url:
            if not stopping.is_set():
                click.echo(f"ready {base_url}")
            await stopping.wait()

    run(main, settings.log_level)
