"""Forms that clients send to `/oauth/…`, and how a client shows in them who it is."""

import hmac
from base64 import b64decode
from binascii import Error
from typing import Literal, TypeVar
from urllib.parse import unquote_plus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sk.auth.assertions import ClientRefused, SpentAssertion, authenticate_client, spend
from sk.auth.clients import Client, secret_digest
from sk.auth.oauth import OAuthCode, OAuthError
from sk.auth.portal import PortalCard, open_portal
from sk.errors import NotFound
from sk.services import Services

FORM = "application/x-www-form-urlencoded"
F = TypeVar("F", bound="ClientForm")


class ClientForm(BaseModel):
    """What every such form may hold: an assertion that the client has signed, or its name beside a secret."""

    model_config = ConfigDict(extra="ignore")  # RFC 6749 section 3.2: unknown parameters are ignored

    client_assertion_type: Literal["", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"] = ""
    client_assertion: str = Field("", max_length=8192, description="a JWT signed by the client")
    client_id: str = ""


async def read_client_form(request: web.Request, model: type[F]) -> F:
    """Return a form, or raise what is wrong with it."""
    form = await raw_form(request)
    try:
        return model.model_validate(form)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        unknown = name == "grant_type" and name in form
        code: OAuthCode = "unsupported_grant_type" if unknown else "invalid_request"
        raise OAuthError(code, f"{name}: {error.errors()[0]['msg']}") from None


async def raw_form(request: web.Request) -> dict[str, str]:
    """Return all parameters of a form, each of which stands there once."""
    if request.content_type != FORM:
        raise OAuthError("invalid_request", f"the body must be {FORM}")
    form = await request.post()
    if len(set(form)) != len(form):
        raise OAuthError("invalid_request", "a parameter stands there twice")
    return {name: str(value) for name, value in form.items()}


async def client_of(request: web.Request, form: ClientForm, services: Services) -> tuple[Client, SpentAssertion | None]:
    """Return the client that has sent a form, and the mark of its assertion, to be spent; else `invalid_client`."""
    client: Client
    spent: SpentAssertion | None = None
    try:
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            client = await _by_secret(presented, form, services)
        else:
            client, spent = await _by_assertion(form, services)
    except ClientRefused as refused:
        raise OAuthError("invalid_client", str(refused), 401) from None
    if form.client_id not in ("", client.client_id):
        raise OAuthError("invalid_client", "client_id is not that of the assertion or the secret", 401)
    return client, spent


async def spend_shown(spent: SpentAssertion | None, services: Services) -> None:
    """Take the assertion that a client has shown out of use, if it was one; a second use is `invalid_client`."""
    if spent is None:
        return
    try:
        await spend(spent, services)
    except ClientRefused as refused:
        raise OAuthError("invalid_client", str(refused), 401) from None


async def _by_assertion(form: ClientForm, services: Services) -> tuple[Client, SpentAssertion]:
    if not form.client_assertion_type:
        raise ClientRefused("a client_assertion is needed, and the client_assertion_type that goes with it")
    return await authenticate_client(form.client_assertion, services)


async def _by_secret(presented: str, form: ClientForm, services: Services) -> PortalCard:
    """Return the portal that shows its secret, as RFC 6749 section 2.3.1 has it."""
    if form.client_assertion:
        raise ClientRefused("a client shows in one way who it is")
    try:
        name, _, secret = b64decode(presented, validate=True).decode().partition(":")
        portal = await open_portal(unquote_plus(name), services)
    except (Error, ValueError, NotFound):
        raise ClientRefused("there is no such client, or this is not its secret") from None
    matches = hmac.compare_digest(secret_digest(unquote_plus(secret)), portal.secret_digest)
    if not portal.secret_digest or not matches:
        raise ClientRefused("there is no such client, or this is not its secret")
    return portal
