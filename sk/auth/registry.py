"""Registering accounts: for a trial at once, elsewhere with an activation code that the citizen redeems."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sk.auth.account import (
    EVERY_AUTHORITY,
    Account,
    AccountKey,
    Credentials,
    MailTarget,
    Standing,
    account_digest,
    key_card,
)
from sk.auth.log_in import USERNAME, username_index
from sk.auth.passwords import MAX_CHARACTERS, MIN_CHARACTERS, Passwords
from sk.auth.trust import TrustLevel
from sk.clock import moment_to_sign
from sk.crypto import seal
from sk.errors import Conflict, Damaged, Invalid
from sk.events import ActivationEnded
from sk.evidence.form import Opening
from sk.evidence.statement import LockedOpening, Place, make_statement
from sk.ids import new_id
from sk.services import Services

ACTIVATION_HOURS = 24
PASSWORD_BYTES = 16
ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")


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
    account, key = _fresh(wanted, now, services)
    secret = secrets.token_urlsafe(PASSWORD_BYTES)
    credentials = Credentials(username=wanted.username, trust=wanted.trust)
    if services.settings.is_trial:
        credentials.password_hash = await passwords.hash(secret, account.id, services.keys.index)
    else:
        credentials.activation_ends_at = now + timedelta(hours=ACTIVATION_HOURS)
        credentials.activation_index = services.keys.index.blind("activation", secret)
        account.activation_index = credentials.activation_index
        account.emit(ActivationEnded(account_id=account.id), due=credentials.activation_ends_at)
    account.lock_credentials(services.keys.lock_key("vault"), credentials)
    _state(account, "account-added", {"by": "operator"}, now, services)
    if wanted.einwilligung:
        give_einwilligung(account, EVERY_AUTHORITY, now, services)
    try:
        await services.store.save(account, key)
    except Conflict:
        raise Conflict(f"the user name {wanted.username} is taken", field="username") from None
    return NewAccount(account, secret)


def give_einwilligung(account: Account, authority_id: str, at: datetime, services: Services) -> None:
    """Record that the citizen agrees to electronic Bekanntgabe by an authority, or by every one."""
    standing = account.standing(services.keys.signers).with_einwilligung(authority_id, at)
    account.change(standing, services.keys.signer("sign-web"))
    _state_einwilligung(account, "einwilligung-given", authority_id, at, services)


def withdraw_einwilligung(account: Account, authority_id: str, at: datetime, services: Services) -> None:
    """Record that the citizen agrees no longer, to an authority's electronic Bekanntgabe or in general.

    It is for the future: what is in the postbox stays there, what was accepted and not delivered is rejected.
    """
    standing = account.standing(services.keys.signers).without_einwilligung(authority_id, at)
    account.change(standing, services.keys.signer("sign-web"))
    _state_einwilligung(account, "einwilligung-withdrawn", authority_id, at, services)


async def activate(code: str, password: str, passwords: Passwords, services: Services) -> None:
    """Set the first password of an account with the code that its owner was given."""
    check_password(password)
    index = services.keys.index.blind("activation", code.strip())
    found = await services.store.find(Account, "activation", index, limit=1)
    vault = services.keys.lock_key("vault")
    credentials = found[0].open_credentials(vault) if found else Credentials(username="")
    ends_at = credentials.activation_ends_at
    if found and credentials.activation_index != index:
        raise Damaged  # the index leads to somebody else's account
    if not found or ends_at is None or ends_at <= services.clock.now():
        raise Invalid("this code is not valid, or not any more", field="code", problem="code-refused")
    account = found[0]
    credentials.password_hash = await passwords.hash(password, account.id, services.keys.index)
    credentials.activation_index, credentials.activation_ends_at = "", None
    account.activation_index = ""
    account.lock_credentials(vault, credentials)
    standing = account.standing(services.keys.signers)
    account.change(standing.model_copy(update={"state": "active"}), services.keys.signer("sign-web"))
    await services.store.save(account)


def check_password(password: str) -> None:
    """Refuse a password that is too short to stand alone (NIST SP 800-63B-4)."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise Invalid(
            f"a password has at least {MIN_CHARACTERS} characters", field="password", problem="password-short"
        )


def _check(wanted: Wanted, services: Services) -> None:
    if not USERNAME.fullmatch(wanted.username):
        raise Invalid("a user name has 3 to 64 letters, digits, '.', '_' or '-'", field="username")
    if services.settings.is_trial:
        return
    if wanted.trust != "low":
        raise Invalid("outside a trial only the citizen raises the trust level, with the ID card", field="trust")
    if wanted.einwilligung:
        raise Invalid("outside a trial only the citizen gives an Einwilligung", field="einwilligung")


def _mailable(email: str) -> str:
    """Return an address in the ASCII that every mail server takes: of a domain with other letters, its A-labels."""
    if not ADDRESS.fullmatch(email):
        raise Invalid(f"{email} is no e-mail address", field="email")
    local, _, domain = unicodedata.normalize("NFC", email).partition("@")
    if not local.isascii():
        raise Invalid(f"{email} has letters before the @ that not every mail server takes", field="email")
    try:
        encoded = domain.encode("idna").decode()
        read_back = domain if domain.isascii() else encoded.encode().decode("idna")
    except UnicodeError:
        raise Invalid(f"{email}: {domain} is no domain", field="email") from None
    if read_back.lower() != domain.lower():  # Python's IDNA of 2003 takes straße.de for strasse.de: somebody else's
        raise Invalid(f"{email}: please write {domain} in its ASCII form, with xn--", field="email")
    return f"{local}@{encoded}"


def _fresh(wanted: Wanted, now: datetime, services: Services) -> tuple[Account, AccountKey]:
    account_id, seed, sign = new_id(), seal.new_seed(), services.keys.signer("sign-web")
    account = Account(
        id=account_id,
        username_index=username_index(wanted.username, services),
        key_card=key_card(sign, account_id, 1, seal.public_key(seed)),
        credentials=b"",
        mail=b"",
        created_at=now,
    )
    state: Literal["active", "pending"] = "active" if services.settings.is_trial else "pending"
    account.change(Standing(account=account_id, state=state, trust=wanted.trust), sign)
    account.lock_mail(services.keys.lock_key("mail"), MailTarget(address=_mailable(wanted.email)))
    return account, AccountKey.locked(services.keys.lock_key("vault"), account_id, 1, seed)


def _state_einwilligung(account: Account, step: str, authority_id: str, at: datetime, services: Services) -> None:
    general = authority_id == EVERY_AUTHORITY
    _state(account, step, {"general": general}, at, services, "" if general else authority_id)


def _state(
    account: Account, step: str, facts: Mapping[str, object], at: datetime, services: Services, authority_id: str = ""
) -> None:
    """Have a statement about an account saved with it. It names the account by a commitment only."""
    opening = Opening.of(account_digest(account.id))
    statement = make_statement(
        services.keys.signer("sign-web"),
        step,
        at,
        {**facts, "commitments": {"account": opening.commitment()}},
        Place(authority_id),
    )
    account.bear(statement)
    account.bear(LockedOpening.of(statement, {"account": opening}, services.keys.lock_key("records")))
