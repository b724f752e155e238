"""Activation: an account that is not used yet waits for a code, which its owner was handed or sent, for a day."""

from datetime import datetime, timedelta

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.errands import code_refused
from sk.auth.inactivity import watch_activity
from sk.auth.journal import entry
from sk.auth.known import Known, known_by
from sk.auth.passwords import Passwords, check_password
from sk.clock import local_day
from sk.events import ActivationEnded
from sk.services import Services

LASTS = timedelta(hours=24)


def open_activation(account: Account, credentials: Credentials, code: str, now: datetime, services: Services) -> None:
    """Have an account wait for its code; when the time is over it is forgotten, with all that was entered."""
    index, ends_at = _index(code, services), now + LASTS
    credentials.activation_index, credentials.activation_ends_at, account.activation_index = index, ends_at, index
    account.emit(ActivationEnded(account_id=account.id), due=ends_at)


async def find_activation(code: str, services: Services) -> Known:
    """Return the account that waits for a code, or raise `Invalid`."""
    index = _index(code.strip(), services)
    known = await known_by("activation", index, lambda held: [held.activation_index], services)
    ends_at = known.credentials.activation_ends_at if known else None
    if known is None or ends_at is None or ends_at <= services.clock.now():
        raise code_refused()
    return known


def close_activation(account: Account, credentials: Credentials, services: Services) -> None:
    """Have an account be used from now on; its code is spent."""
    credentials.activation_index, credentials.activation_ends_at, account.activation_index = "", None, ""
    account.lock_credentials(services.keys.lock_key("vault"), credentials)
    standing = account.standing(services.keys.signers)
    account.change(standing.model_copy(update={"state": "active"}), services.keys.signer("sign-web"))
    watch_activity(account, local_day(services.clock.now()))


async def activate(code: str, password: str, passwords: Passwords, services: Services) -> None:
    """Set the first password of an account with the code that its owner was given."""
    account, credentials = await find_activation(code, services)
    check_password(password, [credentials.username])
    if credentials.password_hash or credentials.cards:  # who has registered alone confirms, and sets nothing
        raise code_refused()
    credentials.password_hash = await passwords.hash(password, account.id, services.keys.index)
    close_activation(account, credentials, services)
    account.bear(entry(account.id, "activated", services.clock.now(), services))
    await services.store.save(account)


def _index(code: str, services: Services) -> str:
    return services.keys.index.blind("activation", code)
