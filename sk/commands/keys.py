"""`sk keys`: the files of keys."""

from pathlib import Path

import click

from sk.crypto.keyring import ROLES, create_keys


@click.group()
def keys() -> None:
    """Make the files of keys."""


@keys.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Write fresh keys into FOLDER, a folder for each role. Give each machine only those of its own roles.

    \b
    Example: sk keys init /etc/sk/keys
    """
    create_keys(folder)
    for role, names in ROLES.items():
        click.echo(f"{folder / role}: {', '.join(sorted(names))}")
