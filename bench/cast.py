"""Who takes part: one authority, and as many citizens as there are notices, as in a night of tax assessments."""

from datetime import datetime
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.auth.account import EVERY_AUTHORITY, Account, AccountKey, Standing, key_card
from sk.auth.authority import Authority, AuthorityCard, public_jwk
from sk.auth.credentials import Credentials
from sk.auth.handles import handle_towards
from sk.auth.mail_target import MailSettings
from sk.client import new_key
from sk.crypto import seal
from sk.ids import new_id
from sk.services import Services


class Cast(NamedTuple):
    """An authority with its key, and the handles of the citizens towards it."""

    client_id: str
    key: Ed25519PrivateKey
    kid: str
    handles: list[str]


async def gather_cast(citizens: int, services: Services) -> Cast:
    """Register everybody. No citizen ever logs in, so that no password is hashed."""
    key, jwk = new_key()
    card = AuthorityCard(
        authority=new_id(), name="Finanzamt Musterstadt", land="NW", laws=("ozg-9",), jwks=(public_jwk(jwk),)
    )
    pairs = [_account(number, services.clock.now(), services) for number in range(citizens)]
    authority = Authority.registered(card, services.keys.signer("sign-web"))
    await services.store.save(authority, *(half for pair in pairs for half in pair))
    handles = [handle_towards(account, card.authority, services) for account, _ in pairs]
    return Cast(card.authority, key, jwk["kid"], handles)


def _account(number: int, now: datetime, services: Services) -> tuple[Account, AccountKey]:
    account_id, seed, sign = new_id(), seal.new_seed(), services.keys.signer("sign-web")
    vault = services.keys.lock_key("vault")
    account = Account(
        id=account_id,
        username_index=services.keys.index.blind("username", account_id),
        key_card=key_card(sign, account_id, 1, seal.public_key(seed)),
        credentials=b"",
        mail=b"",
        created_at=now,
    )
    agreed = {EVERY_AUTHORITY: now}
    account.change(Standing(account=account_id, state="active", trust="high", einwilligung=agreed), sign)
    account.lock_credentials(vault, Credentials(username=account_id))
    account.lock_mail(services.keys.lock_key("mail"), MailSettings(address=f"citizen-{number}@example.org"))
    return account, AccountKey.locked(vault, account_id, 1, seed)
