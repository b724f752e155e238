"""`sk backup`: a copy of everything but the keys."""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click

from sk.backup import back_up
from sk.backup_files import About
from sk.commands.common import data_option, json_option
from sk.commands.platform import settings_of
from sk.config import Settings
from sk.errors import Invalid
from sk.services import open_services


@click.command()
@data_option
@json_option
@click.option(
    "--no-objects", is_flag=True, help="Leave the objects out: their folder or bucket has a backup of its own."
)
@click.argument("folder", type=click.Path(path_type=Path))
def backup(data: Path | None, folder: Path, *, no_objects: bool, as_json: bool) -> None:
    """Copy store and objects, as of one moment, into a new FOLDER. The platform goes on meanwhile.

    The platform's own keys are never in it; without them it is worthless. Keep a copy of them apart. Delete
    account-keys.jsonl.gz, the keys of accounts, from it after two weeks: else what is erased could be opened from it.

    \b
    Example: sk backup /backup/2026-11-25
    """
    settings = settings_of(data)
    _expect_store(settings)
    about = asyncio.run(_back_up(settings, folder, with_objects=not no_objects))
    for name in about.missing:
        click.echo(
            f"note: the object {name} is missing, and so is not in the backup; sk doctor names its notice", err=True
        )
    click.echo(about.model_dump_json() if as_json else _sentence(about))


async def _back_up(settings: Settings, folder: Path, *, with_objects: bool) -> About:
    async with open_services(settings, ["web"], only_these_keys=not settings.is_embedded) as services:
        return await back_up(services, folder, with_objects=with_objects, bar=shown)


def _expect_store(settings: Settings) -> None:
    """Refuse to make a store where there is none, only to copy it."""
    place = settings.store_url().removeprefix("sqlite://")
    if place != settings.store_url() and not Path(place).exists():
        raise Invalid(f"there is no store {place}, and so nothing to be backed up")


def shown(names: Sequence[str], label: str) -> AbstractContextManager[Iterable[str]]:
    """Show on a terminal how far it is; elsewhere, nothing."""
    return click.progressbar(names, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


def _sentence(about: About) -> str:
    objects = "no objects" if about.objects is None else f"{about.objects} objects"
    return (
        f"{about.aggregates} records, {about.account_keys} account keys, {about.events} waiting events and {objects} "
        "were copied; "
        f"the log {about.origin} has {about.size} leaves in it"
    )
