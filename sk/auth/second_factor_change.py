"""Switching the second factor on and off: a secret for the app, and codes for when the app is not at hand."""

from datetime import timedelta

from pydantic import BaseModel

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.errands import Errand, begin_errand, open_errand
from sk.auth.recovery_codes import fresh_codes
from sk.auth.sessions import LogIn
from sk.auth.totp import enrolled, new_secret
from sk.auth.ways import change_ways
from sk.errors import Invalid, NotFound
from sk.services import Services

ABOUT = "app"
LASTS = timedelta(minutes=30)


class NewSecret(BaseModel):
    """A secret that an app is to take over, for an account."""

    account_id: str
    secret: str


async def begin_enrolment(log_in: LogIn, services: Services) -> Errand[NewSecret]:
    """Make a secret; nothing holds until the app has shown that it has it."""
    account = await services.store.get(Account, log_in.account_id)
    if not account.open_credentials(services.keys.lock_key("vault")).password_hash:
        raise Invalid("a code comes with a password, and this account has none", problem="no-password")
    content = NewSecret(account_id=log_in.account_id, secret=new_secret())
    errand = begin_errand(ABOUT, content, services, account_id=log_in.account_id, lasts=LASTS)
    await services.store.save(errand.to_save(services))
    return errand


async def enrolment(token: str, log_in: LogIn, services: Services) -> Errand[NewSecret]:
    """Return the secret that a browser has begun with, or raise `NotFound`."""
    errand = await open_errand(ABOUT, NewSecret, token, services)
    if errand.content.account_id != log_in.account_id:
        raise NotFound
    return errand


async def switch_on(errand: Errand[NewSecret], said: str, services: Services) -> list[str]:
    """Have every log-in with the password take a code from now on; return the recovery codes, to be shown once."""
    content, now = errand.content, services.clock.now()

    def change(account: Account, credentials: Credentials) -> list[str]:
        credentials.totp = enrolled(content.secret, said, now)
        return fresh_codes(account.id, credentials, services)

    return await change_ways(content.account_id, "totp-on", change, services, errand=errand.stored)


async def switch_off(log_in: LogIn, services: Services) -> None:
    """Have the password be enough again."""

    def change(_: Account, credentials: Credentials) -> None:
        credentials.totp, credentials.recovery_codes = None, []

    await change_ways(log_in.account_id, "totp-off", change, services)


async def renew_codes(log_in: LogIn, services: Services) -> list[str]:
    """Return new recovery codes, to be shown once; the old ones are void."""

    def change(account: Account, credentials: Credentials) -> list[str]:
        if credentials.totp is None:
            raise NotFound("without a second factor there is nothing to recover")
        return fresh_codes(account.id, credentials, services)

    return await change_ways(log_in.account_id, "recovery-codes-renewed", change, services)
