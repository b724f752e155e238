"""`sk authority`: the authorities that may post here."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from sk.auth.authority import Authority, AuthorityCard, public_jwk, public_sealing_key
from sk.commands.common import data_option, group_data_option, json_option, show
from sk.commands.member import member
from sk.commands.platform import settings_of, with_services
from sk.crypto.sign import decode
from sk.errors import Invalid
from sk.ids import new_id
from sk.installation import log_vkey
from sk.postbox.holidays import land_of
from sk.postbox.regimes import refuse_unposted
from sk.services import Services
from sk.store.port import all_of

key_option = click.option(
    "--key", "key_file", type=click.Path(path_type=Path), required=True, help="File with the public key, as a JWK."
)


@click.group()
@group_data_option
def authority() -> None:
    """Register authorities, their keys and their members."""


authority.add_command(member)


@authority.command()
@data_option
@json_option
@click.argument("name")
@key_option
@click.option("--law", "laws", multiple=True, help="Law under which it may post; may be given several times.")
@click.option("--land", help="Land of its seat (SK_LAND).")
def add(
    data: Path | None, name: str, key_file: Path, laws: tuple[str, ...], land: str | None, *, as_json: bool
) -> None:
    """Register an authority. Without --law it may post no Verwaltungsakt.

    \b
    Example: sk authority add "Stadt Musterstadt" --key stadt.jwk.json --law ozg-9 --land NW
    """
    settings = settings_of(data)
    for law in laws:
        refuse_unposted(law)
    card = AuthorityCard(
        authority=new_id(), name=name, land=land_of(land or settings.land), laws=laws, jwks=(read_key(key_file),)
    )

    async def register(services: Services) -> str:
        await services.store.save(Authority.registered(card, services.keys.signer("sign-web")))
        return str(await log_vkey(services))

    vkey = with_services(settings, register)
    show({**_facts(card), "log_vkey": vkey}, as_json=as_json)


@authority.command("list")
@data_option
@json_option
def list_all(data: Path | None, *, as_json: bool) -> None:
    """List all authorities.

    \b
    Example: sk authority list --json
    """

    async def read(services: Services) -> list[AuthorityCard]:
        return [found.details(services.keys.signers) async for found in all_of(services.store, Authority)]

    for card in with_services(settings_of(data), read):
        click.echo(json.dumps(_facts(card), ensure_ascii=False) if as_json else f"{card.authority}  {card.name}")


@authority.command("show")
@data_option
@json_option
@click.argument("client_id")
def show_one(data: Path | None, client_id: str, *, as_json: bool) -> None:
    """Show what is registered about an authority.

    \b
    Example: sk authority show CLIENT_ID
    """
    show(_facts(_change(data, client_id)), as_json=as_json)


@authority.command()
@data_option
@json_option
@click.argument("client_id")
def disable(data: Path | None, client_id: str, *, as_json: bool) -> None:
    """Let an authority post and read no more. Its notices stay.

    \b
    Example: sk authority disable CLIENT_ID
    """
    show(_facts(_change(data, client_id, disabled=True)), as_json=as_json)


@authority.command()
@data_option
@json_option
@click.argument("client_id")
@click.option(
    "--four-eyes/--no-four-eyes",
    default=None,
    help="Whether what one member wrote goes out only when another one has released it.",
)
def change(data: Path | None, client_id: str, *, four_eyes: bool | None, as_json: bool) -> None:
    """Change how an authority works by hand. What its software posts goes out as before.

    \b
    Example: sk authority change CLIENT_ID --four-eyes
    """
    if four_eyes is None:
        raise click.UsageError("say --four-eyes or --no-four-eyes")
    show(_facts(_change(data, client_id, four_eyes=four_eyes)), as_json=as_json)


@authority.command("rotate-key")
@data_option
@json_option
@click.argument("client_id")
@key_option
def rotate_key(data: Path | None, client_id: str, key_file: Path, *, as_json: bool) -> None:
    """Put a new key in the place of the old one, which is refused from now on.

    \b
    Example: sk authority rotate-key CLIENT_ID --key new.jwk.json
    """
    show(_facts(_change(data, client_id, jwks=(read_key(key_file),))), as_json=as_json)


@authority.command("sealing-key")
@data_option
@json_option
@click.argument("client_id")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--none", "is_removed", is_flag=True, help="Have what is shared from now on not be sealed to it.")
def sealing_key(data: Path | None, client_id: str, file: Path | None, *, is_removed: bool, as_json: bool) -> None:
    """Register the public key to which what citizens share with an authority is sealed from now on.

    \b
    Example: sk authority sealing-key CLIENT_ID sealing.pub
    """
    if (file is None) is not is_removed:
        raise click.UsageError("name a file with the public key, or say --none")
    key = public_sealing_key(_read(file)) if file else ""
    show(_facts(_change(data, client_id, sealing_key=key)), as_json=as_json)


def _change(data: Path | None, client_id: str, **changes: Any) -> AuthorityCard:
    async def change(services: Services) -> AuthorityCard:
        found = await services.store.get(Authority, client_id)
        card = found.details(services.keys.signers).model_copy(update=changes)
        if changes:
            found.change(card, services.keys.signer("sign-web"))
            await services.store.save(found)
        return card

    return with_services(settings_of(data), change)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error}") from None


def read_key(path: Path) -> dict[str, Any]:
    """Return the public key in a file, as a JWK."""
    try:
        key = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise Invalid(f"{path} cannot be read as a JWK: {error}") from None
    if not isinstance(key, dict):
        raise Invalid(f"{path} cannot be read as a JWK: it holds no JSON object")
    return public_jwk(key)


def _facts(card: AuthorityCard) -> dict[str, Any]:
    return {
        "client_id": card.authority,
        "name": card.name,
        "land": card.land,
        "laws": list(card.laws),
        "keys": [key["kid"] for key in card.jwks],
        "disabled": card.disabled,
        "four_eyes": card.four_eyes,
        "sealing_key": sha256(decode(card.sealing_key)).hexdigest() if card.sealing_key else None,
    }
