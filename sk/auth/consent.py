"""What citizens have agreed to tell a portal: remembered for a portal and a set of data, and withdrawn at any time."""

import logging
from collections.abc import Iterable
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.claims import CLAIM_NAMES, ClaimName
from sk.auth.journal import belongs_to
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import Damaged
from sk.services import Services
from sk.store.port import Aggregate, Key, all_under

log = logging.getLogger(__name__)


class Agreed(BaseModel):
    """What is locked in a consent: whose it is, towards whom, and to what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    portal: str
    claims: tuple[ClaimName, ...]
    at: AwareDatetime


class Consent(Aggregate):
    """A consent as the store keeps it. Its id follows from account and portal: there is one for both."""

    kind: ClassVar[str] = "consent"

    belongs: str
    locked: bytes = b""

    def keys(self) -> Iterable[Key]:
        """Be found by the account it belongs to."""
        yield Key("belongs", self.belongs)

    def open(self, vault: LockKey) -> Agreed:
        """Return what was agreed to, or raise `Damaged`."""
        return Agreed.model_validate_json(vault.unlock(_context(self.id), self.locked))

    def lock(self, agreed: Agreed, vault: LockKey) -> None:
        """Lock what was agreed to."""
        self.locked = vault.lock(_context(self.id), agreed.model_dump_json().encode())


def consent_id(account_id: str, portal_id: str, services: Services) -> str:
    """Return the id of the consent of an account towards a portal."""
    return services.keys.index.blind_id("consent", f"{account_id} {portal_id}")


async def find_consent(account_id: str, portal_id: str, services: Services) -> Consent | None:
    """Return the consent of an account towards a portal, if there is one."""
    id_ = consent_id(account_id, portal_id, services)
    return (await services.store.get_many(Consent, [id_])).get(id_)


async def agreed_to(account_id: str, portal_id: str, services: Services) -> tuple[ClaimName, ...] | None:
    """Return what a portal may be told, or None if nobody has agreed to anything, or not any more."""
    found = await find_consent(account_id, portal_id, services)
    return found.open(services.keys.lock_key("vault")).claims if found else None


async def consents_of(account_id: str, services: Services) -> list[Agreed]:
    """Return what somebody has agreed to, towards every portal. What somebody else has written there is left out."""
    vault, belongs = services.keys.lock_key("vault"), belongs_to(account_id, services)
    found = []
    async for one in all_under(services.store, Consent, "belongs", belongs):
        try:
            agreed = one.open(vault)
        except Damaged:
            agreed = None
        if agreed is None or agreed.account_id != account_id:
            log.critical("consent-damaged", extra={"consent_id": one.id})
        else:
            found.append(agreed)
    return found


async def with_consent(account_id: str, portal_id: str, claims: Iterable[ClaimName], services: Services) -> Consent:
    """Return a consent that covers some claims beside those of before, to be saved."""
    vault = services.keys.lock_key("vault")
    found = await find_consent(account_id, portal_id, services)
    before = found.open(vault).claims if found else ()
    consent = found or Consent(id=consent_id(account_id, portal_id, services), belongs=belongs_to(account_id, services))
    both = {*before, *claims}
    agreed = Agreed(
        account_id=account_id,
        portal=portal_id,
        claims=tuple(name for name in CLAIM_NAMES if name in both),
        at=services.clock.now(),
    )
    consent.lock(agreed, vault)
    return consent


def _context(consent_id_: str) -> Context:
    return Context("consent", "", consent_id_)
