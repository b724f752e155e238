"""Log-in with user name and password, up to the second factor if the account has one."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.enter import Spend, Visit, is_known, log_in_refused
from sk.auth.known import Known, known_by
from sk.auth.passwords import MAX_CHARACTERS, Passwords
from sk.auth.throttle import count_try, of_device, of_name, trying_from
from sk.errors import Invalid, NotFound
from sk.services import Services
from sk.store.port import Aggregate

USERNAME = re.compile(r"[\w.-]{3,64}", re.ASCII)
REFUSAL_SECONDS = 0.05
"""What a refusal during a delay takes: no Argon2 hides how long it was looked for the account."""


def check_username(username: str) -> None:
    """Raise `Invalid` unless this can be a user name."""
    if not USERNAME.fullmatch(username):
        said = "a user name has 3 to 64 letters, digits, '.', '_' or '-'"
        raise Invalid(said, field="username", problem="username-form")


def username_index(username: str, services: Services) -> str:
    """Return the blind index of a user name, which is compared without case."""
    return services.keys.index.blind("username", username.lower())


async def find_account(username: str, services: Services) -> Account:
    """Return the account with a user name, or raise `NotFound`."""
    found = await services.store.find(Account, "username", username_index(username, services), limit=1)
    if not found:
        raise NotFound(f"there is no account with the user name {username}")
    return found[0]


async def check_log_in(username: str, password: str, visit: Visit, passwords: Passwords, services: Services) -> Known:
    """Return whose user name and password these are; whatever is wrong, it takes the same time and says the same.

    The try is counted, and stays so until somebody enters.
    """
    username = username.strip()
    async with AsyncExitStack() as trying:
        known = await _admitted(username, visit, trying, services)
        account_id, hashed = (known.account.id, known.credentials.password_hash) if known else ("", "")
        fits = await passwords.matches(password[:MAX_CHARACTERS], hashed, account_id, services.keys.index)
        if not fits or known is None or not known.account.standing(services.keys.signers).may_log_in:
            raise log_in_refused()
    return known


def password_stands(known: Known) -> Spend:
    """Return what refuses a password that is not that of the account any more when somebody is let in."""

    def spend(_: Account, credentials: Credentials, __: datetime) -> Sequence[Aggregate]:
        if credentials.password_hash != known.credentials.password_hash or credentials.totp:
            raise log_in_refused()
        return ()

    return spend


async def _admitted(username: str, visit: Visit, trying: AsyncExitStack, services: Services) -> Known | None:
    """Return the account with a user name, if there is one and a password may be tried at all right now.

    What strangers have done does not delay a device that the owner has logged in with before.
    """
    answered_at = asyncio.get_running_loop().time() + REFUSAL_SECONDS
    try:
        index = username_index(username, services)
        known = await known_by("username", index, lambda held: [username_index(held.username, services)], services)
        if known and is_known(visit.device, known.account.id, known.credentials, services):
            counter, waits = of_device(known.account.id, visit.device.id, services), False
        else:
            counter, waits = of_name(username, services), True
        await trying.enter_async_context(trying_from(visit.source, services, waits=waits))
        await count_try(counter, services)
    except Invalid:
        await asyncio.sleep(answered_at - asyncio.get_running_loop().time())
        raise
    return known
