"""`sk account`: accounts for trials and help desks."""

from pathlib import Path
from typing import Any

import click

from sk.auth.account import EVERY_AUTHORITY, Account, Standing
from sk.auth.authorities import registered
from sk.auth.einwilligung import change_einwilligung
from sk.auth.erasure import ask_for_erasure, cancel_erasure, final_on
from sk.auth.handles import EVERY_SECTOR, handle_towards
from sk.auth.log_in import find_account
from sk.auth.passwords import Passwords
from sk.auth.registry import Wanted, add_account
from sk.auth.sessions import stored_sessions
from sk.auth.trust import LEVELS, TrustLevel
from sk.clock import local_day
from sk.commands.common import data_option, group_data_option, json_option, show
from sk.commands.platform import settings_of, with_services
from sk.errors import Invalid
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
    """Let nobody log in to an account, and end its sessions. Its postbox still takes notices.

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


@account.command()
@data_option
@json_option
@username_argument
@click.option("--give/--withdraw", default=None, help="Agree to electronic Bekanntgabe, or agree no longer.")
@click.option(
    "--authority",
    "client_id",
    default=EVERY_AUTHORITY,
    help="client_id of one authority; default: the general one.",
)
def einwilligung(data: Path | None, username: str, client_id: str, *, give: bool | None, as_json: bool) -> None:
    """Give an Einwilligung for a citizen, or withdraw it. In a trial only: elsewhere nobody but the citizen does that.

    Say --give or --withdraw. Without --authority it is the general one. One that was given to a single authority
    outlives its withdrawal; `still` names the authorities that have one afterwards.

    \b
    Example: sk account einwilligung erika --withdraw
    """
    if give is None:
        raise click.UsageError("say --give or --withdraw")

    async def do(services: Services) -> dict[str, Any]:
        if not services.settings.is_trial:
            raise Invalid("outside a trial only the citizen gives or withdraws an Einwilligung", field="einwilligung")
        found = await find_account(username, services)
        authority = None if client_id == EVERY_AUTHORITY else await registered(client_id, services)
        await change_einwilligung(found.id, authority, services, given=give)
        standing = (await services.store.get(Account, found.id)).standing(services.keys.signers)
        has = standing.has_einwilligung(client_id)
        return {"username": username, "authority": client_id, "einwilligung": has, "still": _who_has_one(standing)}

    show(with_services(settings_of(data), do), as_json=as_json)


@account.command()
@data_option
@json_option
@username_argument
@click.option("--yes", is_flag=True, help="You have made sure that its owner wants it.")
@click.option("--cancel", is_flag=True, help="Keep an account that was to be erased.")
def erase(data: Path | None, username: str, *, yes: bool, cancel: bool, as_json: bool) -> None:
    """Have an account erased in seven days, for an owner who asks the help desk; its owner is told by mail.

    Until then every log-in offers to keep it, and so does --cancel. Afterwards nobody can bring it back.

    \b
    Example: sk account erase erika --yes
    """
    if not yes and not cancel:
        raise click.UsageError("all that is in the account will be gone; say --yes if its owner wants it")

    async def do(services: Services) -> dict[str, Any]:
        found = await find_account(username, services)
        if cancel:
            return {"username": username, "cancelled": await cancel_erasure(found.id, services, by="operator")}
        at = await ask_for_erasure(found.id, services, by="operator")
        final = final_on(local_day(at), services.settings)
        return {
            "username": username,
            "erased_on": str(local_day(at)),
            "erased_at": at.isoformat(),
            "final_on": str(final),
        }

    show(with_services(settings_of(data), do), as_json=as_json)


def _who_has_one(standing: Standing) -> str:
    """Name the authorities that may announce to a citizen."""
    if EVERY_AUTHORITY not in standing.einwilligung:
        return " ".join(sorted(standing.einwilligung)) or "none"
    return " ".join(["all", *(["but", *sorted(standing.excepted)] if standing.excepted else [])])


def _with_account(data: Path | None, username: str, *, lock: bool | None) -> dict[str, Any]:
    """Return how an account stands, after locking or unlocking it, if that is asked for."""

    async def do(services: Services) -> dict[str, Any]:
        found = await find_account(username, services)
        standing = found.standing(services.keys.signers)
        if lock is not None:
            standing = standing.model_copy(update={"log_in_locked": lock})
            found.change(standing, services.keys.signer("sign-web"))
            await services.store.save(found, remove=await stored_sessions(found.id, services) if lock else [])
        facts = standing.model_dump(include={"state", "log_in_locked", "trust"})
        return {**facts, "einwilligung": bool(standing.einwilligung), "created_at": found.created_at.isoformat()}

    return with_services(settings_of(data), do)
