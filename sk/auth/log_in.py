"""Log-in with user name and password."""

import re

from sk.auth.account import Account, Credentials
from sk.auth.passwords import MAX_CHARACTERS, Passwords
from sk.auth.sessions import begin_session
from sk.errors import Damaged, Invalid, NotFound
from sk.services import Services

USERNAME = re.compile(r"[\w.-]{3,64}", re.ASCII)


def username_index(username: str, services: Services) -> str:
    """Return the blind index of a user name, which is compared without case."""
    return services.keys.index.blind("username", username.lower())


async def find_account(username: str, services: Services) -> Account:
    """Return the account with a user name, or raise `NotFound`."""
    found = await services.store.find(Account, "username", username_index(username, services), limit=1)
    if not found:
        raise NotFound(f"there is no account with the user name {username}")
    return found[0]


async def log_in(username: str, password: str, passwords: Passwords, services: Services) -> str:
    """Return the token of a fresh session; whatever is wrong, it takes the same time and says the same."""
    account, credentials = await _known(username.strip(), services)
    account_id = account.id if account else ""
    hashed = credentials.password_hash if credentials else ""
    fits = await passwords.matches(password[:MAX_CHARACTERS], hashed, account_id, services.keys.index)
    if not fits or account is None or credentials is None or not account.standing(services.keys.signers).may_log_in:
        raise Invalid("user name or password is wrong", field="username", problem="log-in-refused")
    return await begin_session(account, credentials.trust, "password", services)


async def _known(username: str, services: Services) -> tuple[Account | None, Credentials | None]:
    try:
        account = await find_account(username, services)
    except NotFound:
        return None, None
    credentials = account.open_credentials(services.keys.lock_key("vault"))
    if credentials.username.lower() != username.lower():
        raise Damaged  # the index leads to somebody else's account
    return account, credentials
