"""What devices are asked about passkeys (WebAuthn), and what we are called towards them.

A challenge is an errand of the browser: five minutes, spent before the answer to it is looked at.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel

from sk.auth.errands import Errand, begin_errand, open_errand
from sk.crypto.sign import encode
from sk.errors import Conflict, Invalid, NotFound
from sk.services import Services

ABOUT = "passkey"
LASTS = timedelta(minutes=5)
MILLISECONDS = 300_000
"""The same, as browsers are told."""
CHALLENGE_BYTES = 32
T = TypeVar("T")


class Challenge(BaseModel):
    """What a device is to sign, for what, for whom if that is known, and where it goes on."""

    purpose: str
    challenge: str
    account_id: str = ""
    back: str = ""


class Asked(NamedTuple):
    """What the browser is asked, as its own functions take it, and the errand with which it comes back."""

    options: dict[str, Any]
    token: str


async def begin_challenge(
    purpose: str, services: Services, *, account_id: str = "", back: str = ""
) -> Errand[Challenge]:
    """Make a challenge, and return it with the token with which the browser comes back."""
    challenge = encode(secrets.token_bytes(CHALLENGE_BYTES))
    content = Challenge(purpose=purpose, challenge=challenge, account_id=account_id, back=back)
    errand = begin_errand(ABOUT, content, services, account_id=account_id, lasts=LASTS)
    await services.store.save(errand.to_save(services))
    return errand


async def spend_challenge(purpose: str, token: str, services: Services) -> Challenge:
    """Return a challenge that nobody has answered yet, and that from now on nobody can answer again."""
    try:
        errand = await open_errand(ABOUT, Challenge, token, services)
        await services.store.save(remove=[errand.stored])
    except (NotFound, Conflict):
        raise passkey_refused() from None
    if errand.content.purpose != purpose:
        raise passkey_refused()
    return errand.content


def judged(work: Callable[[], T]) -> T:
    """Return what comes of an answer that a stranger may have made up; whatever stumbles over it, it is a refusal."""
    try:
        return work()
    except Exception as error:
        raise passkey_refused() from error


def passkey_refused() -> Invalid:
    """Return the one refusal for whatever is wrong."""
    return Invalid("this passkey cannot be used here", field="passkey", problem="passkey-refused")


def passkey_index(credential_id: str, services: Services) -> str:
    """Return the blind index by which an account is found that has a passkey."""
    return services.keys.index.blind("passkey", credential_id)


def user_handle_of(account_id: str, services: Services) -> bytes:
    """Return by what devices know an account: never its id, which nobody outside knows."""
    return bytes.fromhex(services.keys.index.blind("user-handle", account_id))


def host_of(services: Services) -> str:
    """Return the name to which passkeys of ours belong."""
    return urlsplit(services.base_url).hostname or ""
