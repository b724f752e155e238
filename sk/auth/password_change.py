"""A new password: chosen by somebody who has just logged in, or by whoever reads the mails of an account."""

from datetime import timedelta
from typing import ClassVar, NamedTuple, Self

from pydantic import BaseModel

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.devices import Device
from sk.auth.enter import Entered
from sk.auth.errands import Errand, begin_errand, code_refused, open_errand
from sk.auth.log_in import find_account
from sk.auth.passwords import Passwords, check_password
from sk.auth.sessions import LogIn
from sk.auth.tell import letter_to
from sk.auth.throttle import count_try, of_resets, of_source
from sk.auth.ways import change_ways, session_in_place_of
from sk.crypto.context import Context
from sk.errors import Invalid, NotFound
from sk.events import PasswordResetAsked
from sk.ids import new_id
from sk.mail.letter import Letter
from sk.services import Services
from sk.store.port import Aggregate

ABOUT = "new-password"
LASTS = timedelta(minutes=30)


class ResetAsk(Aggregate):
    """Somebody has forgotten the password to a user name, whether there is one or not; the name is locked."""

    kind: ClassVar[str] = "password_reset_ask"

    locked: bytes


class Reset(BaseModel):
    """Whose password may be set anew, while it is still the one that it was, and so are address and devices.

    So whoever has read a mail cannot use it once the owner has turned to another address, or thrown everybody out.
    """

    account_id: str
    password_hash: str
    address: str
    devices_since: int

    @classmethod
    def of(cls, account: Account, credentials: Credentials, services: Services) -> Self:
        """Return how an account stands right now; its first log-in changes nothing."""
        return cls(
            account_id=account.id,
            password_hash=credentials.password_hash,
            address=account.open_mail(services.keys.lock_key("mail")).address,
            devices_since=max(1, credentials.devices_since),
        )


class Answer(NamedTuple):
    """What a request for a new password leads to."""

    errand: Errand[Reset]
    letter: Letter


async def change_password(
    log_in: LogIn, password: str, device: Device, passwords: Passwords, services: Services
) -> Entered:
    """Change the password of somebody who is logged in. The other sessions end; this one goes on with a new token."""
    account = await services.store.get(Account, log_in.account_id)
    credentials = account.open_credentials(services.keys.lock_key("vault"))
    if not credentials.username:
        raise Invalid("an account without a user name has no password", field="password", problem="no-username")
    hashed = await _hashed(account, credentials, password, passwords, services)

    def change(_: Account, credentials: Credentials) -> int:
        credentials.password_hash = hashed
        return credentials.devices_since + 1

    begun = session_in_place_of(log_in, services)
    since = await change_ways(account.id, "password-changed", change, services, ends_sessions=True, begun=begun)
    return Entered(begun.token, device.cookie(account.id, since, services))


async def ask_for_reset(username: str, source: str, services: Services) -> None:
    """Note that somebody wants a new password. Whether there is such an account is looked up later, and elsewhere.

    So the answer is the same, and takes the same time.
    """
    await count_try(of_source(source, services), services)
    ask = ResetAsk(id=new_id(), locked=b"")
    ask.locked = services.keys.lock_key("vault").lock(_context(ask), username.strip().encode())
    ask.emit(PasswordResetAsked(ask_id=ask.id), due=services.clock.now())
    await services.store.save(ask)


async def answer_to(ask: ResetAsk, services: Services) -> Answer | None:
    """Return the mail with the way to a new password, or nothing if nobody is to get one, or has had too many."""
    vault = services.keys.lock_key("vault")
    username = vault.unlock(_context(ask), ask.locked).decode()
    try:
        account = await find_account(username, services)
        await count_try(of_resets(username, services), services)
    except (NotFound, Invalid):
        return None
    if not account.standing(services.keys.signers).may_log_in:
        return None
    content = Reset.of(account, account.open_credentials(vault), services)
    errand = begin_errand(ABOUT, content, services, account_id=account.id, lasts=LASTS)
    link = f"{services.base_url}/passwort-vergessen/neu?code={errand.token}"
    return Answer(errand, letter_to(account, "new-password", services.clock.now(), services, link=link))


async def find_reset(code: str, services: Services) -> Errand[Reset]:
    """Return whose password a mailed code sets anew, or raise `Invalid`."""
    try:
        errand = await open_errand(ABOUT, Reset, code, services)
        account = await services.store.get(Account, errand.content.account_id)
    except NotFound:
        raise code_refused() from None
    _refuse_changed(errand.content, account, account.open_credentials(services.keys.lock_key("vault")), services)
    return errand


async def reset_password(code: str, password: str, passwords: Passwords, services: Services) -> None:
    """Set a new password. All sessions end; logging in still takes the second factor."""
    errand = await find_reset(code, services)
    account = await services.store.get(Account, errand.content.account_id)
    credentials = account.open_credentials(services.keys.lock_key("vault"))
    hashed = await _hashed(account, credentials, password, passwords, services)

    def change(account: Account, credentials: Credentials) -> None:
        _refuse_changed(errand.content, account, credentials, services)
        credentials.password_hash = hashed

    try:
        await change_ways(account.id, "password-reset", change, services, errand=errand.stored, ends_sessions=True)
    except NotFound:
        raise code_refused() from None


async def _hashed(
    account: Account, credentials: Credentials, password: str, passwords: Passwords, services: Services
) -> str:
    address = account.open_mail(services.keys.lock_key("mail")).address
    check_password(password, [credentials.username, address, *address.split("@")])
    return await passwords.hash(password, account.id, services.keys.index)


def _refuse_changed(content: Reset, account: Account, credentials: Credentials, services: Services) -> None:
    may_log_in = account.standing(services.keys.signers).may_log_in
    if content != Reset.of(account, credentials, services) or not may_log_in:
        raise code_refused()


def _context(ask: ResetAsk) -> Context:
    return Context("password-reset-ask", "", ask.id)
