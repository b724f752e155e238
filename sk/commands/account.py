"""`sk account`: accounts for trials and help desks."""

from pathlib import Path
from typing import Any

import click

from sk.auth.handles import EVERY_SECTOR, handle_towards
from sk.auth.log_in import find_account
from sk.auth.passwords import Passwords
from sk.auth.registry import Wanted, add_account
from sk.auth.trust import LEVELS, TrustLevel
from sk.commands.common import data_option, group_data_option, json_option, settings_of, show, with_services
from sk.services import Services

username_argument = click.argument("username")


@click.group()
@group_data_option
def account() -> None:
    """Add accounts and look after them."""


@account.command()
@data_option
@json_option
@click.option("--username", required=True, help="3 to 64 letters, digits, '.', '_' or '-'.")
@click.option("--email", required=True, help="Where new notices are told of.")
@click.option("--trust", type=click.Choice(LEVELS), default="low", help="Trust level, in a trial.")
@click.option("--einwilligung", is_flag=True, help="Agree to Bekanntgabe by every authority, in a trial.")
def add(data: Path | None, username: str, email: str, trust: TrustLevel, *, einwilligung: bool, as_json: bool) -> None:
    """Add an account. In a trial it can be used at once; elsewhere its owner activates it with the code.

    \b
    Example: sk account add --username erika --email erika@example.org --trust high --einwilligung
    """
    wanted = Wanted(username, email, trust, einwilligung)

    async def add_it(services: Services) -> dict[str, Any]:
        fresh = await add_account(wanted, Passwords(), services)
        facts: dict[str, Any] = {"username": username}
        if services.settings.is_trial:
            facts |= {"handle": handle_towards(fresh.account, EVERY_SECTOR, services), "password": fresh.secret}
        else:
            facts |= {"activation_code": fresh.secret, "activate_at": f"{services.base_url}/aktivieren"}
        return facts

    show(with_services(settings_of(data), add_it), as_json=as_json)


@account.command("show")
@data_option
@json_option
@username_argument
def show_one(data: Path | None, username: str, *, as_json: bool) -> None:
    """Show the state of an account.

    \b
    Example: sk account show erika
    """
    show(_with_account(data, username, lock=None), as_json=as_json)


@account.command()
@data_option
@json_option
@username_argument
def lock(data: Path | None, username: str, *, as_json: bool) -> None:
    """Let nobody log in to an account. Its postbox still takes notices.

    \b
    Example: sk account lock erika
    """
    show(_with_account(data, username, lock=True), as_json=as_json)


@account.command()
@data_option
@json_option
@username_argument
def unlock(data: Path | None, username: str, *, as_json: bool) -> None:
    """Let the owner log in again.

    \b
    Example: sk account unlock erika
    """
    show(_with_account(data, username, lock=False), as_json=as_json)


def _with_account(data: Path | None, username: str, *, lock: bool | None) -> dict[str, Any]:
    """Return how an account stands, after locking or unlocking it, if that is asked for."""

    async def do(services: Services) -> dict[str, Any]:
        found = await find_account(username, services)
        standing = found.standing(services.keys.signers)
        if lock is not None:
            standing = standing.model_copy(update={"log_in_locked": lock})
            found.change(standing, services.keys.signer("sign-web"))
            await services.store.save(found)
        facts = standing.model_dump(include={"state", "log_in_locked", "trust"})
        return {**facts, "einwilligung": bool(standing.einwilligung), "created_at": found.created_at.isoformat()}

    return with_services(settings_of(data), do)
