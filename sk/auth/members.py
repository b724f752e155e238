"""Members: the accounts that may act by hand for an authority that has no software of its own.

The operator names them. A card is locked under `vault`: a row written into the database by somebody else opens nothing.
It hangs on blind indexes of its account: a thief of the store does not learn who it is, and it goes with the account.
"""

import logging
from collections.abc import Iterable
from typing import ClassVar, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.account import Account
from sk.auth.authority import AuthorityCard
from sk.auth.journal import belongs_to, entry
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import Damaged, Invalid, NotFound
from sk.services import Services
from sk.store.port import Aggregate, Key, all_under
from sk.store.races import looking_again

Role = Literal["post", "approve", "replies"]
ROLES: tuple[Role, ...] = get_args(Role)
log = logging.getLogger(__name__)


class MemberCard(BaseModel):
    """What an operator has registered about a member. Whatever the roles, any member sees notices and their evidence.

    `post` writes and withdraws, `approve` releases what others wrote, `replies` reads what citizens wrote back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    authority: str
    account: str
    username: str
    roles: tuple[Role, ...] = ()
    since: AwareDatetime


class Member(Aggregate):
    """A member as the store keeps it. Its id is the blind index of both, so that there is one of each."""

    kind: ClassVar[str] = "member"

    authority_id: str
    belongs: str
    locked: bytes

    def keys(self) -> Iterable[Key]:
        """Be found by the authority, and by the account that it belongs to."""
        yield Key("authority", self.authority_id)
        yield Key("belongs", self.belongs)

    def lock(self, card: MemberCard, vault: LockKey) -> None:
        """Lock what the operator has registered to this member."""
        self.locked = vault.lock(_context(self.id), card.model_dump_json().encode())

    def open(self, vault: LockKey) -> MemberCard:
        """Return what the operator has registered, or raise `Damaged`."""
        return MemberCard.model_validate_json(vault.unlock(_context(self.id), self.locked))


def member_id(authority_id: str, account_id: str, services: Services) -> str:
    """Return the id of the member that an account is of an authority."""
    return services.keys.index.blind("member", f"{authority_id} {account_id}")


async def member_of(authority_id: str, account_id: str, services: Services) -> MemberCard:
    """Return what an account may do for an authority, or raise `NotFound`."""
    found = await services.store.get(Member, member_id(authority_id, account_id, services))
    return found.open(services.keys.lock_key("vault"))


async def members_of(authority_id: str, services: Services) -> list[MemberCard]:
    """Return the members of an authority, in the order of their user names."""
    found = await _found("authority", authority_id, services)
    return [card for card in found if card.authority == authority_id]


async def memberships_of(account_id: str, services: Services) -> list[MemberCard]:
    """Return for which authorities an account may act, and what."""
    found = await _found("belongs", belongs_to(account_id, services), services)
    return [card for card in found if card.account == account_id]


@looking_again
async def name_member(
    authority: AuthorityCard, account: Account, roles: Iterable[Role], services: Services
) -> MemberCard:
    """Let an account act for an authority with these roles and no others. A member's first moment stays."""
    if account.standing(services.keys.signers).state != "active":
        raise Invalid("this account is not active, so that nobody can act by it")
    vault, now = services.keys.lock_key("vault"), services.clock.now()
    username = account.open_credentials(vault).username
    chosen = tuple(role for role in ROLES if role in set(roles))
    card = MemberCard(authority=authority.authority, account=account.id, username=username, roles=chosen, since=now)
    id_, belongs = member_id(card.authority, card.account, services), belongs_to(card.account, services)
    try:
        member = await services.store.get(Member, id_)
        card = card.model_copy(update={"since": member.open(vault).since})
    except NotFound:
        member = Member(id=id_, authority_id=card.authority, belongs=belongs, locked=b"")
    member.lock(card, vault)
    await services.store.save(member, entry(account.id, "member-added", now, services, authority=authority.name))
    return card


@looking_again
async def remove_member(authority: AuthorityCard, account_id: str, services: Services) -> None:
    """Let an account act for an authority no more, from its next request on. If it never could, it is `NotFound`."""
    member = await services.store.get(Member, member_id(authority.authority, account_id, services))
    told = entry(account_id, "member-removed", services.clock.now(), services, authority=authority.name)
    await services.store.save(told, remove=[member])


async def _found(index: str, key: str, services: Services) -> list[MemberCard]:
    """Return the cards to which an index leads. One that does not open gives nobody anything, and is left out."""
    vault, cards = services.keys.lock_key("vault"), list[MemberCard]()
    async for member in all_under(services.store, Member, index, key):
        try:
            cards.append(member.open(vault))
        except Damaged:
            log.critical("member-damaged", extra={"authority_id": member.authority_id})
    return sorted(cards, key=lambda card: card.username)


def _context(id_: str) -> Context:
    return Context("member", "", id_)
