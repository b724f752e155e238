"""Registering accounts for others: for a trial at once, elsewhere with an activation code that the citizen redeems."""

import secrets
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sk.auth.account import EVERY_AUTHORITY, Account, AccountKey, Standing, key_card
from sk.auth.activation import open_activation
from sk.auth.addresses import mailable
from sk.auth.credentials import Credentials
from sk.auth.inactivity import watch_activity
from sk.auth.log_in import check_username, username_index
from sk.auth.mail_target import MailSettings
from sk.auth.passwords import Passwords
from sk.auth.steps import give_einwilligung, state_added
from sk.auth.trust import TrustLevel
from sk.clock import local_day, moment_to_sign
from sk.crypto import seal
from sk.errors import Conflict, Invalid
from sk.ids import new_id
from sk.services import Services

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
    account, key = fresh_account(new_id(), state, wanted.trust, MailSettings(address=mailable(wanted.email)), services)
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
    account_id: str, state: Literal["active", "pending"], trust: TrustLevel, mail: MailSettings, services: Services
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


def _check(wanted: Wanted, services: Services) -> None:
    check_username(wanted.username)
    if services.settings.is_trial:
        return
    if wanted.trust != "low":
        raise Invalid("outside a trial only the citizen raises the trust level, with the ID card", field="trust")
    if wanted.einwilligung:
        raise Invalid("outside a trial only the citizen gives an Einwilligung", field="einwilligung")
