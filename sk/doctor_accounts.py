"""`sk doctor` on accounts: whether each one is what was stated about it.

A statement names an account by a commitment alone, and the opening of that is locked under `records`. So only who
holds that key can tell whose Einwilligung was given or withdrawn.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sk.auth.account import EVERY_AUTHORITY, Account, Standing, account_digest
from sk.crypto.context import Context
from sk.crypto.sign import encode, strict_json
from sk.errors import Damaged
from sk.evidence.opening import Opening
from sk.evidence.statement import LockedOpening, Statement, verified
from sk.finding import Finding, pages
from sk.services import Services
from sk.store.port import get_readable

NOT_LOGGED = 2**63
"""The place of what has none in the log yet: behind everything that has."""


class Stated(NamedTuple):
    """A step about an account, in the order in which they were taken."""

    position: int
    at: datetime
    step: str
    authority_id: str


async def examine_accounts(services: Services) -> AsyncIterator[Finding]:
    """Yield the accounts that are not what was stated. What was only changed while this went on is looked at again."""
    first = await _wrong(services)
    again = await _wrong(services) if first else {}
    for account_id, said in first.items():
        if again.get(account_id) == said:
            yield Finding(f"the account {account_id} {said}")


async def _wrong(services: Services) -> dict[str, str]:
    stated = await _stated(services)
    wrong = {}
    async for accounts in pages(services, Account):
        for id_, account in accounts.items():
            steps = stated.get(encode(account_digest(id_)), [])
            if said := _difference(account, sorted(steps), services):
                wrong[id_] = said
    return wrong


def _difference(account: Account | None, steps: Sequence[Stated], services: Services) -> str:
    """Say in which way an account is not what was stated."""
    try:
        standing = account.standing(services.keys.signers) if account else None
    except Damaged:
        standing = None
    if standing is None:
        return "cannot be read"
    if "account-added" not in {one.step for one in steps}:
        return "was never stated to be added"
    if "erased" in {one.step for one in steps}:
        return "is there, although it was stated that it was erased"
    expected = Standing(account=standing.account, state="active", trust="low")
    for one in steps:
        if one.step == "einwilligung-given":
            expected = expected.with_einwilligung(one.authority_id, one.at)
        elif one.step == "einwilligung-withdrawn":
            expected = expected.without_einwilligung(one.authority_id, one.at)
    if (expected.einwilligung, expected.excepted) != (standing.einwilligung, standing.excepted):
        return "has other Einwilligungen than those that were stated last"
    return ""


async def _stated(services: Services) -> Mapping[str, list[Stated]]:
    """Return what was stated about accounts, by the digest of the account."""
    stated: dict[str, list[Stated]] = {}
    async for openings in pages(services, LockedOpening):
        statements = await get_readable(services.store, Statement, [*openings])
        for id_, opening in openings.items():
            try:
                account, one = _opened(opening, statements.get(id_), services)
            except (Damaged, KeyError, TypeError, ValueError):
                continue  # its account misses it, and that is told
            stated.setdefault(account, []).append(one)
    return stated


def _opened(opening: LockedOpening | None, statement: Statement | None, services: Services) -> tuple[str, Stated]:
    """Return which account a statement is about, and what it says."""
    if opening is None or statement is None:
        raise Damaged
    locked = services.keys.lock_key("records").unlock(Context("opening", "", opening.id), opening.locked)
    account = Opening.model_validate(strict_json(locked)["account"])
    says = verified(statement, services.keys.signers, statement.step)
    if account.commitment() != says["commitments"]["account"]:
        raise Damaged
    place = NOT_LOGGED if statement.position is None else statement.position
    whose = EVERY_AUTHORITY if says.get("general") else statement.authority_id
    return account.sha256, Stated(place, statement.at, statement.step, whose)
