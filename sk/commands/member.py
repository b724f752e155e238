"""`sk authority member`: who may act by hand for an authority."""

import json
from pathlib import Path
from typing import Any

import click

from sk.auth.authorities import registered
from sk.auth.log_in import find_account
from sk.auth.members import ROLES, MemberCard, Role, members_of, name_member, remove_member
from sk.commands.common import data_option, group_data_option, json_option, show
from sk.commands.platform import settings_of, with_services
from sk.errors import NotFound
from sk.services import Services

client_argument = click.argument("client_id")
username_option = click.option("--username", required=True, help="User name of the account.")


@click.group()
@group_data_option
def member() -> None:
    """Say who may act for an authority at /behoerde."""


@member.command()
@data_option
@json_option
@client_argument
@username_option
@click.option(
    "--role", "roles", type=click.Choice(ROLES), multiple=True, help="What they may do; may be given several times."
)
def add(data: Path | None, client_id: str, username: str, roles: tuple[Role, ...], *, as_json: bool) -> None:
    """Let an account act for an authority; said again, it gives other roles.

    Any member sees notices, their states and their evidence. `post` writes and withdraws, `approve` releases what
    others wrote, `replies` reads what citizens wrote back. They log in with a second factor, a passkey or the ID card.

    \b
    Example: sk authority member add CLIENT_ID --username erika --role post --role replies
    """

    async def add_it(services: Services) -> MemberCard:
        authority = await registered(client_id, services)
        return await name_member(authority, await find_account(username, services), roles, services)

    show(_facts(with_services(settings_of(data), add_it)), as_json=as_json)


@member.command("list")
@data_option
@json_option
@client_argument
def list_all(data: Path | None, client_id: str, *, as_json: bool) -> None:
    """List the members of an authority.

    \b
    Example: sk authority member list CLIENT_ID
    """

    async def read(services: Services) -> list[MemberCard]:
        return await members_of((await registered(client_id, services)).authority, services)

    for card in with_services(settings_of(data), read):
        facts = _facts(card)
        line = f"{card.username}  {', '.join(card.roles) or 'may look'}"
        click.echo(json.dumps(facts, ensure_ascii=False) if as_json else line)


@member.command()
@data_option
@json_option
@client_argument
@username_option
def remove(data: Path | None, client_id: str, username: str, *, as_json: bool) -> None:
    """Let an account act for an authority no more.

    \b
    Example: sk authority member remove CLIENT_ID --username erika
    """

    async def remove_it(services: Services) -> None:
        authority = await registered(client_id, services)
        account = await find_account(username, services)
        try:
            await remove_member(authority, account.id, services)
        except NotFound:
            raise NotFound(f"{username} is no member of {authority.name}") from None

    with_services(settings_of(data), remove_it)
    show({"client_id": client_id, "username": username, "removed": True}, as_json=as_json)


def _facts(card: MemberCard) -> dict[str, Any]:
    return {
        "client_id": card.authority,
        "username": card.username,
        "roles": list(card.roles),
        "since": card.since.isoformat(),
    }
