"""Who takes part: one authority, and as many citizens as there are notices, as in a night of tax assessments."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.auth.account import EVERY_AUTHORITY, Account, AccountKey, Credentials, MailTarget, key_card
from sk.auth.authority import Authority, AuthorityCard, public_jwk
from sk.auth.handles import handle_towards
from sk.crypto import seal
from sk.demo.authority import new_key
from sk.ids import new_id
from sk.services import Services


async def add_authority(services: Services) -> tuple[AuthorityCard, Ed25519PrivateKey]:
    """Register an authority; return its card and its private key."""
    key, jwk = new_key()
    card = AuthorityCard(
        authority=new_id(), name="Finanzamt Musterstadt", land="NW", laws=("ozg-9",), jwks=(public_jwk(jwk),)
    )
    await services.store.save(Authority.registered(card, services.keys.signer("sign-web")))
    return card, key


async def add_citizens(number: int, authority: AuthorityCard, services: Services) -> list[str]:
    """Add accounts that take notices and return their handles. Nobody logs in, so that no password is hashed."""
    now = services.clock.now()
    accounts = [_account(place, now, services) for place in range(number)]
    await services.store.save(*(half for pair in accounts for half in pair))
    return [handle_towards(account, authority.authority, services) for account, _ in accounts]


def _account(place: int, now: datetime, services: Services) -> tuple[Account, AccountKey]:
    account_id, seed = new_id(), seal.new_seed()
    vault = services.keys.lock_key("vault")
    account = Account(
        id=account_id,
        username_index=services.keys.index.blind("username", account_id),
        state="active",
        trust="high",
        key_card=key_card(services.keys.signer("sign-web"), account_id, 1, seal.public_key(seed)),
        einwilligung={EVERY_AUTHORITY: now},
        credentials=b"",
        mail=b"",
        created_at=now,
    )
    account.lock_credentials(vault, Credentials(username=account_id))
    account.lock_mail(services.keys.lock_key("mail"), MailTarget(address=f"citizen-{place}@example.org"))
    return account, AccountKey.locked(vault, account_id, 1, seed)
