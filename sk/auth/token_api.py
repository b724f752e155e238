"""The endpoint that issues tokens: to machine clients for themselves, to portals for somebody who has logged in."""

from collections.abc import Sequence
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

from sk.auth.authority import AuthorityCard
from sk.auth.client_forms import ClientForm, client_of, read_client_form, spend_shown
from sk.auth.dpop import proven_key
from sk.auth.oauth import OAuthError
from sk.auth.portal import PortalCard
from sk.auth.portal_log_in import PortalLogIn, person_of, redeem, refreshed
from sk.auth.portal_tokens import SECONDS, access_token, id_token
from sk.auth.tokens import TOKEN_SECONDS, issue
from sk.errors import NotFound
from sk.services import Services
from sk.web.keys import SERVICES
from sk.web.oauth import NO_STORE, OAuthErrorOut
from sk.web.routes import ANYBODY, Answer, Form, RouteTable

routes = RouteTable()

GrantType = Literal["client_credentials", "authorization_code", "refresh_token"]


class TokenRequest(ClientForm):
    """A client asks for an access token."""

    grant_type: GrantType
    scope: str | None = Field(None, description="scopes, separated by blanks; without it all that the client has")
    code: str = Field("", max_length=200, description="of authorization_code: what came back from /oauth/authorize")
    redirect_uri: str = Field("", description="of authorization_code: that of the request")
    code_verifier: str = Field("", max_length=200, description="of authorization_code: RFC 7636")
    refresh_token: str = Field("", max_length=200, description="of refresh_token")


class TokenAnswer(BaseModel):
    """An access token, and for a portal who has logged in."""

    access_token: str
    token_type: Literal["Bearer", "DPoP"] = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None


@routes.post(
    "/oauth/token",
    allow=ANYBODY,
    body=Form(TokenRequest),
    answers={200: Answer(TokenAnswer), 400: Answer(OAuthErrorOut), 401: Answer(OAuthErrorOut)},
)
async def token(request: web.Request) -> web.Response:
    """Issue an access token to a client that shows who it is."""
    services = request.app[SERVICES]
    asked = await read_client_form(request, TokenRequest)
    client, spent = await client_of(request, asked, services)
    machine = asked.grant_type == "client_credentials"
    if machine is not isinstance(client, AuthorityCard):
        raise OAuthError("unauthorized_client", f"{asked.grant_type} is not for this client")
    scopes = _granted(asked.scope, client.scopes) if isinstance(client, AuthorityCard) else ""
    await spend_shown(spent, services)
    if isinstance(client, AuthorityCard):
        answer = TokenAnswer(
            access_token=issue(client.client_id, scopes, services), expires_in=TOKEN_SECONDS, scope=scopes
        )
    else:
        answer = await _log_in(request, asked, client, services)
    return web.json_response(answer.model_dump(exclude_none=True), headers=NO_STORE)


def _granted(asked: str | None, allowed: Sequence[str]) -> str:
    scopes = allowed if asked is None else asked.split()
    if not scopes or not set(scopes) <= set(allowed):
        raise OAuthError("invalid_scope", f"this client may ask for {' '.join(allowed)}")
    return " ".join(scopes)


async def _log_in(request: web.Request, asked: TokenRequest, portal: PortalCard, services: Services) -> TokenAnswer:
    """Return the tokens of somebody's log-in to a portal."""
    key = await proven_key(request, services)
    if portal.is_strict and not key:
        raise OAuthError("invalid_dpop_proof", "this client must bind its tokens to a key: a header DPoP is missing")
    is_refresh = asked.grant_type == "refresh_token"
    try:
        log_in, refresh_token = await _log_in_for(asked, portal, key, services)
        held, person = await person_of(log_in, portal, services)
    except NotFound as error:
        raise OAuthError("invalid_grant", str(error)) from None
    if is_refresh and not set((asked.scope or "").split()) <= set(held.scope.split()):
        raise OAuthError("invalid_scope", f"the citizen has logged in for {held.scope}")
    return TokenAnswer(
        access_token=access_token(log_in, held, portal, key, services),
        token_type="DPoP" if key else "Bearer",
        expires_in=SECONDS,
        scope=held.scope,
        refresh_token=refresh_token,
        id_token=id_token(log_in, held, portal, person, services, nonce="" if is_refresh else held.nonce),
    )


async def _log_in_for(asked: TokenRequest, portal: PortalCard, key: str, services: Services) -> tuple[PortalLogIn, str]:
    if asked.grant_type == "refresh_token":
        return await refreshed(asked.refresh_token, portal, services), asked.refresh_token
    return await redeem(asked.code, portal, asked.redirect_uri, asked.code_verifier, key, services)
