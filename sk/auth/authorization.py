"""Authorization requests (OpenID Connect Core 3.1.2, RFC 7636, RFC 9126): read, checked, kept until answered."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.claims import SCOPES, Wish, read_request
from sk.auth.oauth import OAuthCode, OAuthError
from sk.auth.portal import PortalCard
from sk.auth.trust import LEVELS, TrustLevel, level_named
from sk.errors import Invalid

ABOUT: Final = "portal"
LASTS: Final = timedelta(minutes=30)
"""How long somebody may take to log in and to agree."""
PUSHED: Final = "pushed"
PUSHED_LASTS: Final = timedelta(seconds=90)
REQUEST_URI: Final = "urn:ietf:params:oauth:request_uri:"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
TEXT_MAX: Final = 2000
LONGER: Final = ("claims", "id_token_hint")
LONGER_MAX: Final = 8000
PROMPTS: Final = ("none", "login", "consent", "select_account")
NOT_HERE: Final[Mapping[str, OAuthCode]] = {
    "request": "request_not_supported",
    "registration": "registration_not_supported",
}


class Asked(BaseModel):
    """What a portal asks for, once it was checked.

    `demanded` is the trust level that the log-in must reach, `wished` one that is nice to have. `key` is the thumbprint
    of the key to which the code is bound (DPoP), if it is to any. `kinds` are those of documents that are asked for.
    Of a request by SAML `saml` is the id, `redirect_uri` takes the answer, `state` is its relay state, and
    `says_stork` tells in which words it speaks of levels, `exactly` which it takes and no higher ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    portal: str
    redirect_uri: str
    state: str = ""
    nonce: str = ""
    challenge: str
    scope: str
    wish: Wish
    demanded: TrustLevel = "low"
    wished: TrustLevel = "low"
    prompts: tuple[str, ...] = ()
    max_age: int | None = None
    sub: str = ""
    kinds: tuple[str, ...] = ()
    saml: str = ""
    says_stork: bool = False
    exactly: tuple[TrustLevel, ...] = ()
    key: str = ""
    at: AwareDatetime

    def answer(self, issuer: str, **said: str) -> str:
        """Return the address that leads back to the portal, with an answer; who answers is said (RFC 9207)."""
        told = {**said, "state": self.state, "iss": issuer} if self.state else {**said, "iss": issuer}
        return with_query(self.redirect_uri, told)


def with_query(uri: str, parameters: Mapping[str, str]) -> str:
    """Return an address with further parameters."""
    return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(parameters)}" if parameters else uri


def read_asked(said: Mapping[str, str], portal: PortalCard, now: datetime, *, key: str = "") -> Asked:
    """Check the parameters of a request from a portal, whose `redirect_uri` is its own for sure; else `OAuthError`."""
    _refuse_what_is_not_here(said)
    for name, value in said.items():
        if len(value) > (LONGER_MAX if name in LONGER else TEXT_MAX):
            raise OAuthError("invalid_request", f"{name} is longer than it may be")
    if said.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(said.get("code_challenge", "")):
        raise OAuthError("invalid_request", "code_challenge is needed, with code_challenge_method S256")
    scopes = said.get("scope", "").split()
    if "openid" not in scopes:
        raise OAuthError("invalid_scope", "scope must hold openid")
    if key and said.get("dpop_jkt", key) != key:
        raise OAuthError("invalid_request", "dpop_jkt is not the key of the DPoP proof")
    try:
        wants = read_request(scopes, said.get("claims", ""))
    except Invalid as error:
        raise OAuthError("invalid_request", str(error)) from None
    if wants.is_acr_essential and wants.is_acr_unknown:
        raise OAuthError("unmet_authentication_requirements", "none of these values of acr is known here")
    return Asked(
        portal=portal.portal,
        redirect_uri=said["redirect_uri"],
        state=said.get("state", ""),
        nonce=said.get("nonce", ""),
        challenge=said["code_challenge"],
        scope=" ".join(scope for scope in scopes if scope in ("openid", *SCOPES)),
        wish=wants.wish.among(portal.claims),
        demanded=_lowest(wants.acr) if wants.is_acr_essential else "low",
        wished=_lowest(wants.acr or _levels(said.get("acr_values", ""))),
        prompts=_prompts(said.get("prompt", "")),
        max_age=_seconds(said.get("max_age", "")),
        sub=wants.sub,
        kinds=wants.kinds if "documents" in portal.claims else (),
        key=key or said.get("dpop_jkt", ""),
        at=now,
    )


def _refuse_what_is_not_here(said: Mapping[str, str]) -> None:
    for name, code in NOT_HERE.items():
        if name in said:
            raise OAuthError(code, f"{name} is not taken here")
    if said.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "response_type must be code")
    if said.get("response_mode", "query") != "query":
        raise OAuthError("invalid_request", "response_mode must be query")


def _lowest(levels: Sequence[TrustLevel]) -> TrustLevel:
    """Return the level that is enough: whoever names several is content with each."""
    return min(levels, key=LEVELS.index, default="low")


def _levels(acr_values: str) -> list[TrustLevel]:
    return [level for value in acr_values.split() if (level := level_named(value))]


def _prompts(said: str) -> tuple[str, ...]:
    prompts = tuple(said.split())
    if any(prompt not in PROMPTS for prompt in prompts) or ("none" in prompts and len(prompts) > 1):
        raise OAuthError("invalid_request", f"prompt must be among {', '.join(PROMPTS)}, and none stand alone")
    return prompts


def _seconds(said: str) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdecimal()) or len(said) > len("999999999"):
        raise OAuthError("invalid_request", "max_age must be a number of seconds")
    return int(said)
