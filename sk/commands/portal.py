"""`sk portal`: the online services to which citizens log in with their account."""

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import click

from sk.ask import ask
from sk.auth.authorities import posting
from sk.auth.claims import ClaimName
from sk.auth.clients import secret_digest
from sk.auth.portal import Portal, PortalCard, checked_uri, sector_of
from sk.commands.authority import read_key
from sk.commands.common import data_option, group_data_option, json_option, show
from sk.commands.platform import settings_of, with_services
from sk.config import Settings
from sk.errors import Conflict, Invalid, NotFound
from sk.ids import new_id
from sk.saml.metadata import Service, read_metadata
from sk.services import Services, sockets_to_strangers
from sk.store.port import all_of

SECRET_BYTES = 32
SECONDS = 10
MAX_BYTES = 64 * 1024


@click.group()
@group_data_option
def portal() -> None:
    """Register the portals of authorities, and their keys."""


authority_option = click.option(
    "--authority", "authority_id", required=True, help="client_id of the authority that it belongs to."
)
claim_option = click.option(
    "--claim", "claims", multiple=True, type=click.Choice(get_args(ClaimName)), help="What it may be told."
)
sector_option = click.option(
    "--sector-uri", default="", help="Address of the list of all its addresses, if they have several hosts."
)
purpose_option = click.option(
    "--purpose", default="", help="What it needs that for, as people read it before they agree."
)


@portal.command()
@data_option
@json_option
@click.argument("name")
@authority_option
@click.option("--redirect-uri", "redirect_uris", multiple=True, required=True, help="Where people are led back to.")
@click.option("--key", "key_file", type=click.Path(path_type=Path), help="File with its public key, as a JWK.")
@click.option("--jwks-uri", default="", help="Address at which it publishes its public keys, instead of --key.")
@click.option("--secret", "has_secret", is_flag=True, help="Print a secret for software that cannot sign; weaker.")
@click.option("--plain", is_flag=True, help="For software that knows neither PAR nor DPoP.")
@claim_option
@purpose_option
@click.option("--logout-uri", "logout_uris", multiple=True, help="Where people may be led who have logged out.")
@click.option("--backchannel-logout-uri", default="", help="Where it hears that somebody has logged out.")
@sector_option
def add(
    data: Path | None,
    name: str,
    authority_id: str,
    redirect_uris: tuple[str, ...],
    key_file: Path | None,
    *,
    has_secret: bool,
    plain: bool,
    as_json: bool,
    **more: Any,
) -> None:
    """Register a portal. It has to push its requests and to bind its tokens to a key, unless it is --plain.

    \b
    Example: sk portal add "Serviceportal Musterstadt" --authority CLIENT_ID --key portal.jwk.json
             --redirect-uri https://portal.musterstadt.example/zurueck --claim given_name --claim family_name
    """
    settings = settings_of(data)
    sector_uri = more.pop("sector_uri")
    if (key_file is not None) + bool(more["jwks_uri"]) + has_secret != 1:
        raise click.UsageError("say one of --key, --jwks-uri and --secret")
    single = (more["jwks_uri"], more["backchannel_logout_uri"], sector_uri)
    for uri in (*redirect_uris, *more["logout_uris"], *filter(None, single)):
        checked_uri(uri, is_trial=settings.is_trial)
    secret = secrets.token_urlsafe(SECRET_BYTES) if has_secret else ""
    card = PortalCard(
        portal=new_id(),
        name=name,
        authority=authority_id,
        redirect_uris=redirect_uris,
        sector=_sector(sector_uri, redirect_uris, settings),
        jwks=(read_key(key_file),) if key_file else (),
        secret_digest=secret_digest(secret) if secret else "",
        is_strict=not plain and not has_secret,
        **more,
    )
    _register(card, settings)
    show({**_facts(card), **({"client_secret": secret} if secret else {})}, as_json=as_json)


@portal.command("add-saml")
@data_option
@json_option
@click.argument("name")
@authority_option
@click.option("--metadata", "file", type=click.Path(path_type=Path), required=True, help="File with its metadata.")
@claim_option
@purpose_option
def add_saml(
    data: Path | None, name: str, authority_id: str, file: Path, claims: tuple[Any, ...], purpose: str, *, as_json: bool
) -> None:
    """Register a portal that speaks SAML 2.0 and not OpenID Connect. SK_SAML must be set.

    \b
    Example: sk portal add-saml "Kita-Portal" --authority CLIENT_ID --metadata kita.xml --claim given_name
    """
    settings = settings_of(data)
    if not settings.saml:
        raise Invalid("SK_SAML is not set: no SAML is spoken here")
    service = _read_service(file, settings)
    addresses = tuple(address for _, address in service.consumers)
    card = PortalCard(
        portal=new_id(),
        name=name,
        authority=authority_id,
        redirect_uris=addresses,
        sector=urlsplit(addresses[0]).hostname or "",
        claims=claims,
        purpose=purpose,
        saml=service,
    )
    _register(card, settings)
    show(_facts(card), as_json=as_json)


@portal.command("metadata")
@data_option
@json_option
@click.argument("client_id")
@click.argument("file", type=click.Path(path_type=Path))
def metadata(data: Path | None, client_id: str, file: Path, *, as_json: bool) -> None:
    """Put new metadata in the place of the old, as when a portal changes its certificates. Its name must be the same.

    \b
    Example: sk portal metadata CLIENT_ID kita.xml
    """
    before, service = _change(data, client_id), _read_service(file, settings_of(data))
    if before.saml is None or before.saml.entity != service.entity:
        raise Invalid("this is the metadata of another portal")
    addresses = tuple(address for _, address in service.consumers)
    show(_facts(_change(data, client_id, saml=service, redirect_uris=addresses)), as_json=as_json)


@portal.command("list")
@data_option
@json_option
def list_all(data: Path | None, *, as_json: bool) -> None:
    """List all portals.

    \b
    Example: sk portal list --json
    """

    async def read(services: Services) -> list[PortalCard]:
        return [found.details(services.keys.signers) async for found in all_of(services.store, Portal)]

    for card in with_services(settings_of(data), read):
        line = f"{card.portal}  {card.name}{'  disabled' if card.disabled else ''}"
        click.echo(json.dumps(_facts(card), ensure_ascii=False) if as_json else line)


@portal.command("show")
@data_option
@json_option
@click.argument("client_id")
def show_one(data: Path | None, client_id: str, *, as_json: bool) -> None:
    """Show what is registered about a portal.

    \b
    Example: sk portal show CLIENT_ID
    """
    show(_facts(_change(data, client_id)), as_json=as_json)


@portal.command("change")
@data_option
@json_option
@click.argument("client_id")
@click.option("--name", help="What people read that it is called.")
@click.option("--claim", "claims", multiple=True, type=click.Choice(get_args(ClaimName)), help="What it may be told.")
@click.option("--no-claims", is_flag=True, help="Have it be told nothing but that it is the same person again.")
@click.option("--purpose", help="What it needs that for.")
@click.option(
    "--redirect-uri", "redirect_uris", multiple=True, help="Where people are led back to, in the same sector."
)
@click.option(
    "--logout-uri", "logout_uris", multiple=True, help='Where people may be led who have logged out; "": nowhere.'
)
@click.option("--backchannel-logout-uri", help='Where it hears that somebody has logged out; "": nowhere.')
@sector_option
@click.option("--enable", is_flag=True, help="Let people log in again to one that was disabled.")
def change(
    data: Path | None, client_id: str, *, no_claims: bool, sector_uri: str, enable: bool, as_json: bool, **said: Any
) -> None:
    """Change what is registered about a portal. What is said takes the place of what was; all else stays.

    \b
    Example: sk portal change CLIENT_ID --claim given_name --claim family_name --purpose "um zu antworten"
    """
    settings, before = settings_of(data), _change(data, client_id)
    changes = {name: value for name, value in said.items() if value not in (None, ())}
    if "logout_uris" in changes:
        changes["logout_uris"] = tuple(filter(None, changes["logout_uris"]))
    if no_claims and "claims" in changes:
        raise click.UsageError("say --claim or --no-claims")
    changes |= ({"claims": ()} if no_claims else {}) | ({"disabled": False} if enable else {})
    if not changes:
        raise click.UsageError("say what is to change")
    if sector_uri and "redirect_uris" not in changes:
        raise click.UsageError("say --sector-uri with the --redirect-uri that stand in its list")
    if "redirect_uris" in changes and before.saml:
        raise Invalid("the addresses of a portal that speaks SAML stand in its metadata: sk portal metadata")
    redirect_uris = changes.get("redirect_uris", ())
    single = (changes.get("backchannel_logout_uri"), sector_uri)
    for uri in (*redirect_uris, *changes.get("logout_uris", ()), *filter(None, single)):
        checked_uri(uri, is_trial=settings.is_trial)
    if redirect_uris and _sector(sector_uri, redirect_uris, settings) != before.sector:
        raise Invalid("on another host people would be strangers to it; register it anew")
    show(_facts(_change(data, client_id, **changes)), as_json=as_json)


@portal.command("rotate-key")
@data_option
@json_option
@click.argument("client_id")
@click.option("--key", "key_file", type=click.Path(path_type=Path), help="File with the new public key.")
@click.option("--keep-old", is_flag=True, help="Take the old key as well, until this is said once more without.")
@click.option("--secret", "has_secret", is_flag=True, help="Make and print a new secret; the old one is good no more.")
def rotate_key(
    data: Path | None, client_id: str, key_file: Path | None, *, keep_old: bool, has_secret: bool, as_json: bool
) -> None:
    """Put a new key in the place of the old one, or beside it for a while; a new secret in that of the old one.

    \b
    Example: sk portal rotate-key CLIENT_ID --key new.jwk.json --keep-old
    """
    if (key_file is not None) + has_secret != 1:
        raise click.UsageError("say one of --key and --secret")
    if has_secret and keep_old:
        raise click.UsageError("--keep-old is for keys: of two secrets the new one alone is taken")
    key = read_key(key_file) if key_file else {}
    before = _change(data, client_id)
    if has_secret:
        if not before.secret_digest:
            raise Invalid("this portal has no secret, and what it has is better")
        secret = secrets.token_urlsafe(SECRET_BYTES)
        card = _change(data, client_id, secret_digest=secret_digest(secret))
        show({**_facts(card), "client_secret": secret}, as_json=as_json)
        return
    if before.saml:
        raise Invalid("the certificates of this portal stand in its metadata: sk portal metadata")
    if before.jwks_uri:
        raise Invalid(f"this portal publishes its keys itself, at {before.jwks_uri}")
    kept = tuple(old for old in before.jwks if old["kid"] != key["kid"]) if keep_old else ()
    show(_facts(_change(data, client_id, jwks=(key, *kept), secret_digest="")), as_json=as_json)


@portal.command()
@data_option
@json_option
@click.argument("client_id")
def disable(data: Path | None, client_id: str, *, as_json: bool) -> None:
    """Let nobody log in to a portal any more, and tell it nothing more about those who are.

    \b
    Example: sk portal disable CLIENT_ID
    """
    show(_facts(_change(data, client_id, disabled=True)), as_json=as_json)


def _register(card: PortalCard, settings: Settings) -> None:
    async def register(services: Services) -> None:
        try:
            await posting(card.authority, services)
        except NotFound:
            raise NotFound(f"there is no authority {card.authority}, or it is disabled") from None
        try:
            await services.store.save(Portal.registered(card, services.keys.signer("sign-web")))
        except Conflict:
            raise Conflict("a portal with this name in SAML (entityID) is registered already") from None

    with_services(settings, register)


def _read_service(file: Path, settings: Settings) -> Service:
    try:
        service = read_metadata(file.read_bytes())
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error}") from None
    for _, address in service.consumers:
        checked_uri(address, is_trial=settings.is_trial)
    return service


def _change(data: Path | None, client_id: str, **changes: Any) -> PortalCard:
    async def change(services: Services) -> PortalCard:
        found = await services.store.get(Portal, client_id)
        card = found.details(services.keys.signers)
        card = PortalCard.model_validate({**card.model_dump(), **changes})
        if changes:
            found.change(card, services.keys.signer("sign-web"))
            await services.store.save(found)
        return card

    return with_services(settings_of(data), change)


def _sector(uri: str, redirect_uris: tuple[str, ...], settings: Settings) -> str:
    """Return the host of some addresses, or of the list in which all of these stand (OpenID Core 8.1)."""
    if not uri:
        return sector_of(redirect_uris)
    asked = ask(
        f"the list of addresses {uri}",
        uri,
        None,
        {"Accept": "application/json"},
        seconds=SECONDS,
        max_bytes=MAX_BYTES,
        sockets=sockets_to_strangers(settings),
    )
    raw = asyncio.run(asked)
    try:
        listed = json.loads(raw)
    except (ValueError, RecursionError):
        raise Invalid(f"{uri} is no list of addresses in JSON") from None
    if not isinstance(listed, list) or not set(redirect_uris) <= {*map(str, listed)}:
        raise Invalid(f"{uri} does not list every --redirect-uri")
    return urlsplit(uri).hostname or ""


def _facts(card: PortalCard) -> dict[str, Any]:
    return {
        "client_id": card.portal,
        "name": card.name,
        "authority": card.authority,
        "redirect_uris": list(card.redirect_uris),
        "sector": card.sector,
        "claims": list(card.claims),
        "purpose": card.purpose,
        "logout_uris": list(card.logout_uris),
        "backchannel_logout_uri": card.backchannel_logout_uri,
        **({"saml": card.saml.entity} if card.saml else {}),
        "keys": card.jwks_uri or [key["kid"] for key in card.jwks],
        "strict": card.is_strict,
        "disabled": card.disabled,
    }
