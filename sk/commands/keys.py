"""`sk keys`: the files of keys."""

from pathlib import Path

import click

from sk.commands.common import data_option, group_data_option, settings_of
from sk.crypto.keyring import ROLES, create_keys


@click.group()
@group_data_option
def keys() -> None:
    """Make the files of keys."""


@keys.command()
@data_option
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def init(data: Path | None, folder: Path | None) -> None:
    """Write fresh keys into FOLDER, a folder for each role. Give each machine only those of its own roles.

    Without FOLDER they go where `sk up` looks for them: SK_KEYS, or the folder keys in --data.

    \b
    Example: sk keys init /etc/sk/keys
    """
    folder = folder or settings_of(data).keys_folder()
    create_keys(folder)
    for role, names in ROLES.items():
        click.echo(f"{folder / role}: {', '.join(sorted(names))}")
