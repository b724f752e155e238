"""Registering accounts for others: for a trial at once, elsewhere with an activation code that the citizen redeems."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sk.auth.account import EVERY_AUTHORITY, Account, AccountKey, MailTarget, Standing, key_card
from sk.auth.addresses import mailable
from sk.auth.credentials import Credentials
from sk.auth.inactivity import watch_activity
from sk.auth.journal import entry
from sk.auth.log_in import USERNAME, username_index
from sk.auth.passwords import Passwords, check_password
from sk.auth.steps import give_einwilligung, state_added
from sk.auth.trust import TrustLevel
from sk.clock import local_day, moment_to_sign
from sk.crypto import seal
from sk.errors import Conflict, Damaged, Invalid
from sk.events import ActivationEnded
from sk.ids import new_id
from sk.services import Services

ACTIVATION_HOURS = 24
PASSWORD_BYTES = 16


class NewAccount(NamedTuple):
    """A fresh account, and what is handed out once: a password in a trial, an activation code elsewhere."""

    account: Account
    secret: str


@dataclass(frozen=True)
class Wanted:
    """What an operator asks for."""

    username: str
    email: str
    trust: TrustLevel = "low"
    einwilligung: bool = False


async def add_account(wanted: Wanted, passwords: Passwords, services: Services) -> NewAccount:
    """Register an account and return it with its secret."""
    _check(wanted, services)
    now = await moment_to_sign(services.clock)
    secret = secrets.token_urlsafe(PASSWORD_BYTES)
    credentials = Credentials(username=wanted.username, trust=wanted.trust)
    state: Literal["active", "pending"] = "active" if services.settings.is_trial else "pending"
    account, key = fresh_account(new_id(), state, wanted.trust, MailTarget(address=mailable(wanted.email)), services)
    account.username_index = username_index(wanted.username, services)
    if services.settings.is_trial:
        credentials.password_hash = await passwords.hash(secret, account.id, services.keys.index)
        watch_activity(account, local_day(now))
    else:
        open_activation(account, credentials, secret, now, services)
    account.lock_credentials(services.keys.lock_key("vault"), credentials)
    state_added(account, "operator", now, services)
    if wanted.einwilligung:
        give_einwilligung(account, EVERY_AUTHORITY, now, services)
    try:
        await services.store.save(account, key)
    except Conflict:
        raise Conflict(f"the user name {wanted.username} is taken", field="username") from None
    return NewAccount(account, secret)


def fresh_account(
    account_id: str, state: Literal["active", "pending"], trust: TrustLevel, mail: MailTarget, services: Services
) -> tuple[Account, AccountKey]:
    """Return a new account with its key pair; its credentials are still to be locked."""
    seed, sign = seal.new_seed(), services.keys.signer("sign-web")
    account = Account(
        id=account_id,
        key_card=key_card(sign, account_id, 1, seal.public_key(seed)),
        credentials=b"",
        mail=b"",
        created_at=services.clock.now(),
    )
    account.change(Standing(account=account_id, state=state, trust=trust), sign)
    account.lock_mail(services.keys.lock_key("mail"), mail)
    return account, AccountKey.locked(services.keys.lock_key("vault"), account_id, 1, seed)


def open_activation(account: Account, credentials: Credentials, code: str, now: datetime, services: Services) -> None:
    """Have an account wait for its code; when the time is over it is forgotten, with all that was entered."""
    ends_at = now + timedelta(hours=ACTIVATION_HOURS)
    index = services.keys.index.blind("activation", code)
    credentials.activation_index, credentials.activation_ends_at, account.activation_index = index, ends_at, index
    account.emit(ActivationEnded(account_id=account.id), due=ends_at)


async def find_activation(code: str, services: Services) -> tuple[Account, Credentials]:
    """Return the account that waits for a code, or raise `Invalid`."""
    index = services.keys.index.blind("activation", code.strip())
    found = await services.store.find(Account, "activation", index, limit=1)
    vault = services.keys.lock_key("vault")
    credentials = found[0].open_credentials(vault) if found else Credentials()
    if found and credentials.activation_index != index:
        raise Damaged  # the index leads to somebody else's account
    if credentials.activation_ends_at is None or credentials.activation_ends_at <= services.clock.now():
        raise Invalid("this code is not valid, or not any more", field="code", problem="code-refused")
    return found[0], credentials


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
        raise Invalid("this code is not valid, or not any more", field="code", problem="code-refused")
    credentials.password_hash = await passwords.hash(password, account.id, services.keys.index)
    close_activation(account, credentials, services)
    account.bear(entry(account.id, "activated", services.clock.now(), services))
    await services.store.save(account)


def _check(wanted: Wanted, services: Services) -> None:
    if not USERNAME.fullmatch(wanted.username):
        raise Invalid("a user name has 3 to 64 letters, digits, '.', '_' or '-'", field="username")
    if services.settings.is_trial:
        return
    if wanted.trust != "low":
        raise Invalid("outside a trial only the citizen raises the trust level, with the ID card", field="trust")
    if wanted.einwilligung:
        raise Invalid("outside a trial only the citizen gives an Einwilligung", field="einwilligung")
