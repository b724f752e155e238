"""Registering oneself: a draft, looked over once more, becomes an account that waits for its e-mail to be confirmed.

Nobody learns from it whether a user name or an address is known here: the page that follows is the same, and so is the
mail. Whoever can read that mail learns it then, and takes another name without entering all the rest again.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel

from sk.auth.account import Account
from sk.auth.activation import close_activation, find_activation, open_activation
from sk.auth.addresses import mailable
from sk.auth.card_expiry import watch_cards
from sk.auth.cards import CardRead
from sk.auth.credentials import Credentials
from sk.auth.errands import Errand, begin_errand, code_refused
from sk.auth.journal import entry
from sk.auth.known import Known
from sk.auth.log_in import check_username, username_index
from sk.auth.mail_target import MailSettings
from sk.auth.own_key import lock_of, own_lock
from sk.auth.passwords import Passwords, check_password
from sk.auth.profile import NAMES, FieldName, Profile, read_form, refuse_too_young
from sk.auth.registry import fresh_account
from sk.auth.steps import state_added
from sk.auth.tell import letter_to
from sk.auth.throttle import count_try, of_address, of_new_names
from sk.auth.trust import TrustLevel
from sk.clock import local_day, moment_to_sign
from sk.errors import Conflict, Invalid, NotFound
from sk.ids import new_id
from sk.services import Services

ABOUT = "registration"
CODE_BYTES = 32
CARD_ADDS: tuple[FieldName, ...] = ("phone", "de_mail")
"""What no card knows, beside the e-mail address."""


class Draft(BaseModel):
    """What somebody has entered, or their card has said, before it is an account. The password is hashed already."""

    account_id: str
    username: str = ""
    password_hash: str = ""
    email: str
    language: Literal["de", "en"] = "de"
    values: dict[FieldName, str]
    read: CardRead | None = None

    @property
    def trust(self) -> TrustLevel:
        """Return how surely the account will belong to its person."""
        return self.read.card.level if self.read else "low"


class Drafted(NamedTuple):
    """A draft, or what is wrong with what was entered, by field."""

    errand: Errand[Draft] | None
    errors: Mapping[str, Invalid]


async def draft(form: Mapping[str, str], passwords: Passwords, services: Services) -> Drafted:
    """Return a draft of what somebody has entered who registers with a password."""
    values, errors = read_form(form, NAMES, local_day(services.clock.now()))
    username, password = form.get("username", "").strip(), form.get("password", "")
    email = _email(form, errors)
    try:
        check_username(username)
    except Invalid as refused:
        errors["username"] = refused
    try:
        check_password(password, [username, email, *email.split("@"), *values.values()])
    except Invalid as refused:
        errors["password"] = refused
    if errors:
        return Drafted(None, errors)
    account_id = new_id()
    hashed = await passwords.hash(password, account_id, services.keys.index)
    content = Draft(
        account_id=account_id,
        username=username,
        password_hash=hashed,
        email=email,
        language="en" if form.get("language") == "en" else "de",
        values=values,
    )
    return Drafted(begin_errand(ABOUT, content, services), {})


async def draft_by_card(form: Mapping[str, str], read: CardRead, services: Services) -> Drafted:
    """Return a draft of what a card has said, and of what its owner adds to it."""
    today = local_day(services.clock.now())
    values, errors = read_form(form, CARD_ADDS, today)
    email = _email(form, errors)
    try:
        refuse_too_young(read.values["date_of_birth"], today)
    except Invalid as refused:
        errors["date_of_birth"] = refused
    if errors:
        return Drafted(None, errors)
    language: Literal["de", "en"] = "en" if form.get("language") == "en" else "de"
    content = Draft(account_id=new_id(), email=email, language=language, values=values, read=read)
    return Drafted(begin_errand(ABOUT, content, services), {})


async def register(errand: Errand[Draft], services: Services) -> None:
    """Make an account of a draft that was looked over. For a day it waits to be confirmed, its user name reserved.

    `Invalid` says that the address was sent too many mails, by whom and to which account soever.
    """
    await count_try(of_address(errand.content.email, services), services)
    content, now, vault = errand.content, services.clock.now(), services.keys.lock_key("vault")
    target, code = MailSettings(address=content.email, language=content.language), secrets.token_urlsafe(CODE_BYTES)
    account, key = fresh_account(content.account_id, "pending", content.trust, target, services)
    cards = [content.read.card] if content.read else []
    credentials = Credentials(username=content.username, password_hash=content.password_hash, cards=cards)
    account.card_indexes = [card.index for card in cards]
    open_activation(account, credentials, code, now, services)
    account.lock_credentials(vault, credentials)
    account.lock_profile(lock_of(key.open_seed(vault)), _profile(content, now))
    link = f"{services.base_url}/registrieren/bestaetigen?code={code}"
    account.bear(letter_to(account, "confirm", now, services, link=link))
    if content.username and await _is_free("username", wanted := username_index(content.username, services), services):
        account.username_index = wanted
    if content.read:
        await watch_cards(account, services)
    try:
        await services.store.save(account, key, remove=[errand.stored])
    except Conflict:
        if content.username and not await _was_registered(content.account_id, services):
            account.username_index = ""  # somebody took the name in this very moment
            await services.store.save(account, key, remove=[errand.stored])


async def confirm(code: str, username: str, services: Services) -> None:
    """Have an account be used whose owner has read the mail; if its user name is taken, under another one."""
    account, credentials = await awaiting_confirmation(code, services)
    now, vault = await moment_to_sign(services.clock), services.keys.lock_key("vault")
    if needs_username(account, credentials):
        check_username(username)
        credentials.username, account.username_index = username, username_index(username, services)
        await count_try(of_new_names(account.id, services), services)
        if not await _is_free("username", account.username_index, services):
            raise Invalid(f"the user name {username} is taken", field="username", problem="username-taken")
    await _claim_de_mail(account, services)
    close_activation(account, credentials, services)
    state_added(account, "citizen", now, services)
    account.bear(entry(account.id, "registered", now, services, by="citizen"))
    credentials.seen_on = local_day(now)
    account.lock_credentials(vault, credentials)
    await services.store.save(account)


async def awaiting_confirmation(code: str, services: Services) -> Known:
    """Return the account that waits for a mailed code, or raise `Invalid`. One that an operator added has another."""
    known = await find_activation(code, services)
    if not known.credentials.password_hash and not known.credentials.cards:
        raise code_refused()
    return known


def needs_username(account: Account, credentials: Credentials) -> bool:
    """Tell whether the user name that was wished for belongs to somebody else. With a card alone there is none."""
    return bool(credentials.username) and not account.username_index


def _email(form: Mapping[str, str], errors: dict[str, Invalid]) -> str:
    try:
        return mailable(form.get("email", "").strip())
    except Invalid as refused:
        errors["email"] = refused
        return ""


async def _claim_de_mail(account: Account, services: Services) -> None:
    """Take a De-Mail address for this account; one that another account has is dropped, which only its owner learns."""
    own = await own_lock(account.id, services)
    profile = account.open_profile(own)
    if not (address := profile.value("de_mail")):
        return
    index = services.keys.index.blind("de-mail", address.lower())
    if await _is_free("de-mail", index, services):
        account.de_mail_index = index
    else:
        account.lock_profile(own, profile.declared({"de_mail": ""}, services.clock.now()))


def _profile(content: Draft, now: datetime) -> Profile:
    profile = Profile()
    if content.read:
        read = content.read
        profile = profile.read(read.values, content.trust, now, read.raw, source=read.card.means)
    return profile.declared(content.values, now)


async def _is_free(name: str, index: str, services: Services) -> bool:
    return not await services.store.find(Account, name, index, limit=1)


async def _was_registered(account_id: str, services: Services) -> bool:
    try:
        await services.store.get(Account, account_id)
    except NotFound:
        return False
    return True
