"""What is stated about an account in the log, by web: that it was added or erased, which Einwilligung was given or not.

A statement names the account by a commitment only; its opening is locked under `records`.
"""

from collections.abc import Mapping
from datetime import datetime

from sk.auth.account import EVERY_AUTHORITY, Account, account_digest
from sk.evidence.opening import Opening
from sk.evidence.statement import LockedOpening, Place, Statement, make_statement
from sk.services import Services


def state_added(account: Account, by: str, at: datetime, services: Services) -> None:
    """Record that an account was added, by an operator or by its citizen."""
    _state(account, "account-added", {"by": by}, at, services)


def give_einwilligung(account: Account, authority_id: str, at: datetime, services: Services) -> None:
    """Record that the citizen agrees to electronic Bekanntgabe by an authority, or by every one."""
    standing = account.standing(services.keys.signers).with_einwilligung(authority_id, at)
    account.change(standing, services.keys.signer("sign-web"))
    _state_einwilligung(account, "einwilligung-given", authority_id, at, services)


def withdraw_einwilligung(account: Account, authority_id: str, at: datetime, services: Services) -> None:
    """Record that the citizen agrees no longer, to an authority's electronic Bekanntgabe or in general.

    It is for the future: what is in the postbox stays there, what was accepted and not delivered is rejected.
    """
    standing = account.standing(services.keys.signers).without_einwilligung(authority_id, at)
    account.change(standing, services.keys.signer("sign-web"))
    _state_einwilligung(account, "einwilligung-withdrawn", authority_id, at, services)


def stated_erased(account_id: str, at: datetime, services: Services) -> tuple[Statement, LockedOpening]:
    """Return what records that an account is gone, to be saved in the write that removes it."""
    return _stated(account_id, "erased", {}, at, services)


def _state_einwilligung(account: Account, step: str, authority_id: str, at: datetime, services: Services) -> None:
    general = authority_id == EVERY_AUTHORITY
    _state(account, step, {"general": general}, at, services, "" if general else authority_id)


def _state(
    account: Account, step: str, facts: Mapping[str, object], at: datetime, services: Services, authority_id: str = ""
) -> None:
    for stated in _stated(account.id, step, facts, at, services, authority_id):
        account.bear(stated)


def _stated(
    account_id: str, step: str, facts: Mapping[str, object], at: datetime, services: Services, authority_id: str = ""
) -> tuple[Statement, LockedOpening]:
    opening = Opening.of(account_digest(account_id))
    statement = make_statement(
        services.keys.signer("sign-web"),
        step,
        at,
        {**facts, "commitments": {"account": opening.commitment()}},
        Place(authority_id),
    )
    return statement, LockedOpening.of(statement, {"account": opening}, services.keys.lock_key("records"))
