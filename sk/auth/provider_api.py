"""What portals' software asks the OpenID provider, apart from tokens: what it can do, its keys, who somebody is."""

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from sk.auth.assertions import ALGORITHMS
from sk.auth.authorization import PROMPTS, PUSHED, PUSHED_LASTS, REQUEST_URI, read_asked
from sk.auth.claims import CLAIM_NAMES, PROVEN, SCOPES, TRUST_FRAMEWORK, Person, told
from sk.auth.client_forms import ClientForm, client_of, raw_form, read_client_form, spend_shown
from sk.auth.dpop import proven_key
from sk.auth.errands import begin_errand
from sk.auth.oauth import OAuthCode, OAuthError
from sk.auth.portal import PortalCard, open_portal
from sk.auth.portal_log_in import Held, pairwise_sub, person_of
from sk.auth.portal_tokens import ALGORITHM, USERINFO, expecting, log_in_shown
from sk.auth.trust import LEVELS, NAMES
from sk.crypto.sign import encode
from sk.errors import NotFound
from sk.services import Services
from sk.web.keys import SERVICES
from sk.web.oauth import NO_STORE, OAuthErrorOut, oauth_response
from sk.web.routes import ANYBODY, Answer, Form, RouteTable

routes = RouteTable()


class Configuration(BaseModel):
    """The description of an OpenID provider (OpenID Connect Discovery, RFC 8414)."""

    model_config = ConfigDict(extra="allow")

    issuer: str


class KeySet(BaseModel):
    """Public keys (RFC 7517)."""

    keys: list[dict[str, Any]]


class PushedRequest(ClientForm):
    """An authorization request, as `/oauth/authorize` would take it, sent by the portal itself (RFC 9126)."""

    model_config = ConfigDict(extra="allow")

    redirect_uri: str
    response_type: str
    scope: str
    code_challenge: str
    code_challenge_method: str


class Pushed(BaseModel):
    """By which name `/oauth/authorize` finds a request that was pushed, once."""

    request_uri: str
    expires_in: int


class UserInfo(BaseModel):
    """What a portal may be told about somebody: the claims that were agreed to, as far as something is known."""

    model_config = ConfigDict(extra="allow")

    sub: str


@routes.get("/.well-known/openid-configuration", allow=ANYBODY, answers={200: Answer(Configuration)})
async def show_configuration(request: web.Request) -> web.Response:
    """Say what this OpenID provider can do, and where."""
    return web.json_response(configuration(request.app[SERVICES]))


@routes.get("/.well-known/oauth-authorization-server", allow=ANYBODY, answers={200: Answer(Configuration)})
async def show_metadata(request: web.Request) -> web.Response:
    """Say the same to clients that know OAuth alone (RFC 8414)."""
    return web.json_response(configuration(request.app[SERVICES]))


def configuration(services: Services) -> dict[str, Any]:
    """Return the description of this provider."""
    base = services.base_url
    algorithms = [*ALGORITHMS]
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth/authorize",
        "pushed_authorization_request_endpoint": f"{base}/oauth/par",
        "token_endpoint": f"{base}/oauth/token",
        "userinfo_endpoint": base + USERINFO,
        "jwks_uri": f"{base}/oauth/jwks",
        "end_session_endpoint": f"{base}/oauth/logout",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "scopes_supported": ["openid", *SCOPES],
        "claim_types_supported": ["normal"],
        "claims_supported": ["sub", "acr", "auth_time", "sid", "email_verified", *CLAIM_NAMES],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "acr_values_supported": [NAMES[level].eidas for level in LEVELS],
        "prompt_values_supported": [*PROMPTS],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "verified_claims_supported": True,
        "trust_frameworks_supported": [TRUST_FRAMEWORK],
        "claims_in_verified_claims_supported": [*PROVEN],
    }


@routes.get("/oauth/jwks", allow=ANYBODY, answers={200: Answer(KeySet)})
async def show_keys(request: web.Request) -> web.Response:
    """Return the public keys of all tokens, also those before the newest: what they have signed is still about."""
    keys = request.app[SERVICES].keys
    signers = [
        {"kty": "OKP", "crv": "Ed25519", "x": encode(signer.public), "kid": signer.kid, "use": "sig", "alg": "EdDSA"}
        for signer in keys.token_signers
    ]
    return web.json_response({"keys": [*(dict(key.jwk) for key in keys.token_es256), *signers]})


@routes.post(
    "/oauth/par",
    allow=ANYBODY,
    body=Form(PushedRequest),
    answers={201: Answer(Pushed), 400: Answer(OAuthErrorOut), 401: Answer(OAuthErrorOut)},
)
async def push(request: web.Request) -> web.Response:
    """Take a portal's request, so that nobody on the way through the browser reads it or changes it."""
    services = request.app[SERVICES]
    form, said = await read_client_form(request, PushedRequest), await raw_form(request)
    client, spent = await client_of(request, form, services)
    if not isinstance(client, PortalCard):
        raise OAuthError("unauthorized_client", "only a portal has people log in")
    if "request_uri" in said:
        raise OAuthError("invalid_request", "request_uri is not pushed")
    if said.get("redirect_uri") not in client.redirect_uris:
        raise OAuthError("invalid_request", "redirect_uri is not registered for this client")
    key = await proven_key(request, services)
    asked = expecting(read_asked(said, client, services.clock.now(), key=key), said, services)
    await spend_shown(spent, services)
    errand = begin_errand(PUSHED, asked, services, lasts=PUSHED_LASTS)
    await services.store.save(errand.to_save(services))
    answer = Pushed(request_uri=REQUEST_URI + errand.token, expires_in=int(PUSHED_LASTS.total_seconds()))
    return web.json_response(answer.model_dump(), status=201, headers=NO_STORE)


@routes.get(USERINFO, allow=ANYBODY, answers={200: Answer(UserInfo), 401: Answer(OAuthErrorOut)})
async def show_person(request: web.Request) -> web.Response:
    """Tell a portal who has logged in, as far as they have agreed to it."""
    return await _person(request)


@routes.post(USERINFO, allow=ANYBODY, answers={200: Answer(UserInfo), 401: Answer(OAuthErrorOut)})
async def post_person(request: web.Request) -> web.Response:
    """Do the same for who asks by POST."""
    return await _person(request)


async def _person(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "dpop") or not presented:
        return _unauthorized(None, "an access token is needed: Authorization: DPoP TOKEN, or Bearer TOKEN")
    try:
        portal, held, person = await _shown(request, scheme.lower(), presented, services)
    except OAuthError as refused:
        return _unauthorized(refused.error, str(refused))
    except NotFound as error:
        return _unauthorized("invalid_token", str(error))
    said = {"sub": pairwise_sub(held.account_id, portal, services), **told(held.wish, "userinfo", person)}
    return web.json_response(said, headers=NO_STORE)


async def _shown(
    request: web.Request, scheme: str, presented: str, services: Services
) -> tuple[PortalCard, Held, Person]:
    """Return the portal that shows a token, and what it may be told of whom."""
    key = await proven_key(request, services, token=presented)
    log_in, portal_id, bound_to = await log_in_shown(presented, services)
    if bound_to != key or (scheme == "dpop") is not bool(bound_to):
        raise NotFound("the token is bound to a key, and the request does not prove to hold it")
    portal = await open_portal(portal_id, services)
    return portal, *await person_of(log_in, portal, services)


def _unauthorized(error: OAuthCode | None, why: str) -> web.Response:
    """Return the answer to who has shown no good token (RFC 6750 section 3, RFC 9449 section 7.1)."""
    response = oauth_response(error or "invalid_token", why, 401)
    said = [f'error="{error}"'] if error else []
    response.headers["WWW-Authenticate"] = ", ".join(
        [f'DPoP algs="{" ".join(ALGORITHMS)}"', *said, 'Bearer realm="userinfo"', *said]
    )
    return response
