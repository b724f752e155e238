"""Known: whose account it is by what somebody shows. A blind index leads there, and what is locked in it must agree."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.errors import Damaged
from sk.services import Services


class Known(NamedTuple):
    """An account by which somebody is known here, and its credentials."""

    account: Account
    credentials: Credentials


async def known_by(
    key: str, index: str, indexes: Callable[[Credentials], Collection[str]], services: Services
) -> Known | None:
    """Return the account to which a blind index leads, or None. If its credentials have another, raise `Damaged`."""
    found = await services.store.find(Account, key, index, limit=1)
    if not found:
        return None
    credentials = found[0].open_credentials(services.keys.lock_key("vault"))
    if index not in indexes(credentials):
        raise Damaged  # the index leads to somebody else's account
    return Known(found[0], credentials)
