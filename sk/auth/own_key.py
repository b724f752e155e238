"""An account's own key: its seed opens what was sealed to it, and what is made from the seed locks its profile.

Both are gone with the seed, in every copy of the store, however old. Who writes into the database does not have it, so
that nobody makes up what a card has said.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sk.auth.account import AccountKey
from sk.crypto.lock import LockKey
from sk.errors import Damaged, NotFound
from sk.services import Services

LOCK_BYTES = 32
LOCK_INFO = b"sk/1 own lock"


async def open_seed(account_id: str, services: Services) -> bytes:
    """Return the seed of an account's key pair, for as long as a request lasts."""
    try:
        key = await services.store.get(AccountKey, account_id)
    except NotFound as error:
        raise Damaged from error
    return key.open_seed(services.keys.lock_key("vault"))


async def own_lock(account_id: str, services: Services) -> LockKey:
    """Return what locks and unlocks the profile of an account."""
    return lock_of(await open_seed(account_id, services))


def lock_of(seed: bytes) -> LockKey:
    """Return the key that is made from a seed (docs/formats/lock.md)."""
    return LockKey({1: HKDF(SHA256(), LOCK_BYTES, salt=None, info=LOCK_INFO).derive(seed)})
