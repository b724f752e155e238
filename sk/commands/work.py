"""`sk work`: the process of one worker, of some, or of all."""

import asyncio
from pathlib import Path

import click

from sk.commands.common import data_option, life_option, nudge_option, wake_option
from sk.config import load_settings
from sk.errors import Invalid
from sk.process import Beside, LifeLine, run
from sk.workers.check import check as check_workers
from sk.workers.table import WORKERS
from sk.workers.work import work as run_work


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
    settings = load_settings({"data": data})
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
