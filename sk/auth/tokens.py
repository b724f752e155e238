"""Access tokens for machine clients (RFC 9068), and the endpoint that issues them."""

from functools import lru_cache
from typing import Any, Literal

import jwt
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sk.auth.assertions import ClientRefused, authenticate_client, spend
from sk.auth.authority import Authority, AuthorityCard
from sk.crypto.sign import Signer
from sk.errors import Forbidden, NotFound, SkError
from sk.ids import new_id
from sk.services import Services
from sk.web.keys import SERVICES
from sk.web.oauth import NO_STORE, OAuthCode, OAuthError, OAuthErrorOut
from sk.web.routes import ANYBODY, Answer, Form, RouteTable

routes = RouteTable()

TOKEN_SECONDS = 600
TOKEN_TYP = "at+jwt"  # noqa: S105 - a media type
FORM = "application/x-www-form-urlencoded"


class Unauthorized(SkError):
    """A valid access token is needed."""

    problem = "unauthorized"


class TokenRequest(BaseModel):
    """A machine client asks for an access token."""

    model_config = ConfigDict(extra="ignore")  # RFC 6749 section 3.2: unknown parameters are ignored

    grant_type: Literal["client_credentials"]
    client_assertion_type: Literal["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    client_assertion: str = Field(max_length=8192, description="a JWT signed by the client")
    client_id: str | None = None
    scope: str | None = Field(None, description="scopes, separated by blanks; without it all that the client has")


class TokenAnswer(BaseModel):
    """An access token."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int
    scope: str


@routes.post(
    "/oauth/token",
    allow=ANYBODY,
    body=Form(TokenRequest),
    answers={200: Answer(TokenAnswer), 400: Answer(OAuthErrorOut), 401: Answer(OAuthErrorOut)},
)
async def token(request: web.Request) -> web.Response:
    """Issue an access token to a machine client that signs a client assertion."""
    services = request.app[SERVICES]
    asked = await _read_form(request)
    try:
        client, granted = await _admit(asked, services)
    except ClientRefused as refused:
        raise OAuthError("invalid_client", str(refused), 401) from None
    answer = TokenAnswer(
        access_token=_issue(services, client.authority, granted), expires_in=TOKEN_SECONDS, scope=granted
    )
    return web.json_response(answer.model_dump(), headers=NO_STORE)


async def _admit(asked: TokenRequest, services: Services) -> tuple[AuthorityCard, str]:
    """Return the client and the scopes that it gets. Only a request that is granted spends its assertion."""
    client, spent = await authenticate_client(asked.client_assertion, services)
    if asked.client_id not in (None, client.authority):
        raise ClientRefused("client_id is not that of the assertion")
    granted = _granted(asked.scope, client)
    await spend(spent, services)
    return client, granted


async def _read_form(request: web.Request) -> TokenRequest:
    if request.content_type != FORM:
        raise OAuthError("invalid_request", f"the body must be {FORM}")
    form = await request.post()
    if len(set(form)) != len(form):
        raise OAuthError("invalid_request", "a parameter stands there twice")
    try:
        return TokenRequest.model_validate(dict(form))
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        unknown = name == "grant_type" and name in form
        code: OAuthCode = "unsupported_grant_type" if unknown else "invalid_request"
        raise OAuthError(code, f"{name}: {error.errors()[0]['msg']}") from None


def _granted(asked: str | None, client: AuthorityCard) -> str:
    scopes = client.scopes if asked is None else tuple(asked.split())
    if not scopes or not set(scopes) <= set(client.scopes):
        raise OAuthError("invalid_scope", f"this client may ask for {' '.join(client.scopes)}")
    return " ".join(scopes)


def _issue(services: Services, client_id: str, scopes: str) -> str:
    now = int(services.clock.now().timestamp())
    claims = {
        "iss": services.base_url,
        "aud": services.base_url,
        "sub": client_id,
        "client_id": client_id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "jti": new_id(),
        "scope": scopes,
    }
    signer = services.keys.token_eddsa
    return jwt.encode(claims, signer.key, "EdDSA", headers={"typ": TOKEN_TYP, "kid": signer.kid})


async def authorize(header: str | None, scope: str, services: Services) -> AuthorityCard:
    """Return the authority whose token covers a scope; else `Unauthorized` or `Forbidden`."""
    scheme, _, presented = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not presented:
        raise Unauthorized("an access token is needed: Authorization: Bearer …")
    claims = _claims(presented, services.keys.token_eddsa, services.base_url)
    if claims["exp"] <= services.clock.now().timestamp():
        raise Unauthorized("the access token has expired")
    if scope not in claims["scope"].split():
        raise Forbidden(f"the access token does not cover {scope}", problem="wrong-scope")
    try:
        card = (await services.store.get(Authority, claims["client_id"])).details(services.keys.signers)
    except NotFound:
        raise Unauthorized("the client does not exist any more") from None
    if card.disabled:
        raise Unauthorized("the client is disabled")
    if scope not in card.scopes:
        raise Forbidden(f"this client may not ask for {scope} any more", problem="wrong-scope")
    return card


@lru_cache(maxsize=4096)
def _claims(presented: str, key: Signer, issuer: str) -> dict[str, Any]:
    try:
        if jwt.get_unverified_header(presented).get("typ") != TOKEN_TYP:
            raise Unauthorized("this is no access token")
        return jwt.decode(
            presented,
            key.key.public_key(),
            algorithms=["EdDSA"],
            issuer=issuer,
            audience=issuer,
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "client_id", "scope"]},
        )
    except (jwt.PyJWTError, UnicodeEncodeError) as error:
        raise Unauthorized(f"the access token is not valid here: {error}") from None
