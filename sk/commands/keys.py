"""`sk keys`: the files of keys, and what the log says about keys."""

import asyncio
from pathlib import Path

import click

from sk.clock import moment_to_sign
from sk.commands.common import data_option, group_data_option
from sk.commands.platform import settings_of
from sk.config import Settings
from sk.crypto.keyring import ROLES, create_keys, rotate_token_keys
from sk.errors import NotFound
from sk.evidence import keys as log_keys
from sk.installation import ensure_installation
from sk.services import open_services


@click.group()
@group_data_option
def keys() -> None:
    """Make the files of keys, rotate those of tokens, and revoke a key."""


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


@keys.command()
@data_option
@click.argument("what", type=click.Choice(["token"]))
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def rotate(data: Path | None, what: str, folder: Path | None) -> None:
    """Have other keys sign what clients and portals get: those that they know as the next ones already.

    Run it on one machine, copy the file to every other one that has the role web, and start all web processes anew, in
    any order. What was signed before stays good until it expires.

    \b
    Example: sk keys rotate token /etc/sk/keys
    """
    written = rotate_token_keys(folder or settings_of(data).keys_folder())
    if not written:
        raise NotFound("there is no folder of the role web, which holds these keys")
    for path in written:
        click.echo(f"{path}: other keys of {what}s sign as soon as web is started anew")


@keys.command()
@data_option
@click.argument("kid")
def revoke(data: Path | None, kid: str) -> None:
    """State in the log that a signing key is void from now on. What it has signed before stays good.

    This asks for the key of the log: in containers, run it in the one of the evidence worker.

    \b
    Example: sk keys revoke sign-delivery-pznzo4mxda324x5d
    """
    use, newest = asyncio.run(_revoke(settings_of(data), kid))
    click.echo(f"stated: as soon as this stands in the log, nothing is logged any more that {kid} signs")
    if newest:
        role = next(role for role, names in ROLES.items() if use in names)
        click.echo(f"next: give the role {role} another {use}, at once: a further generation in its keys.json, and the")
        click.echo("public half behind the others in every signers.json (docs/formats/keys.md). Restart all processes.")
        click.echo("What the old key signs until then is refused by the log; `sk doctor` names it.")


async def _revoke(settings: Settings, kid: str) -> tuple[str, bool]:
    """Revoke a key; return its use, and whether it is the one that signs now.

    This process holds the key of the log, which web never does.
    """
    base_url = settings.base_url or f"http://localhost:{settings.port}"
    embedded = settings.is_embedded
    async with open_services(settings, ["evidence"], base_url=base_url, only_these_keys=not embedded) as services:
        await ensure_installation(services)
        signers = services.keys.signers
        if kid not in signers.by_kid:
            known = ", ".join(sorted(signers.by_kid))
            raise NotFound(f"there is no signing key {kid}; there are {known}")
        at = await moment_to_sign(services.clock)
        await log_keys.revoke(services.store, services.keys.signer("log"), kid, at)
        use, key = signers.by_kid[kid]
        return use, key.public_bytes_raw() == signers.public(use)
