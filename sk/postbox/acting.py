"""Who acts in a postbox: its own account, or somebody by a Vollmacht, whose acts are named as theirs.

What is done by a Vollmacht is stated with its id, and what its statements commit to is kept with the notice: it stays
in the evidence when the Vollmacht is gone with one of the accounts.
"""

from datetime import datetime, timedelta
from typing import Literal

from sk.auth.account import Account
from sk.auth.journal import entry
from sk.auth.sessions import LogIn
from sk.auth.tell import letters_to
from sk.auth.trust import TrustLevel, lower, reaches
from sk.auth.vollmacht import Opened, held_by, holds
from sk.errors import NotFound
from sk.evidence.form import REPRESENTATIVE
from sk.mail.letter import Letter
from sk.postbox.history import History
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.postbox.sender import sender_of
from sk.services import Services
from sk.store.port import Aggregate

Act = Literal["vollmacht-fetched", "vollmacht-replied"]


async def acting_on(notice: Notice, log_in: LogIn, services: Services, *, replying: bool = False) -> Opened | None:
    """Return by which Vollmacht somebody acts on a notice, or None if it is their own; else it is `NotFound`.

    Of several it is one that suffices for it, and rather the one for this authority than one for all.
    """
    if notice.account_id == log_in.account_id:
        return None
    now, held = services.clock.now(), await held_by(log_in.account_id, services)
    fit = (
        one for one in held if one.terms.principal == notice.account_id and one.terms.covers(notice.authority_id, now)
    )
    good = [one for one in fit if await holds(one, services)]
    if not good or notice.closed:
        raise NotFound("there is no such notice in this postbox")

    def suits(one: Opened) -> tuple[bool, bool, bool]:
        terms = one.terms
        enough = reaches(terms.level, notice.minimum_trust)
        return enough and (terms.replies or not replying), enough, bool(terms.authority)

    return max(good, key=suits)


def level_of(log_in: LogIn, vollmacht: Opened | None) -> TrustLevel:
    """Return the level at which somebody acts: nobody has more by a Vollmacht than whoever has granted it."""
    return lower(log_in.level, vollmacht.terms.level) if vollmacht else log_in.level


def session_facts(log_in: LogIn, vollmacht: Opened | None) -> dict[str, str]:
    """Return what a statement says of the session that has done something."""
    said = {"by": "account", "means": log_in.means, "level": log_in.level}
    return {**said, "by": REPRESENTATIVE, "vollmacht": vollmacht.id} if vollmacht else said


def moment_of_act(at: datetime, notice: Notice, vollmacht: Opened | None) -> datetime:
    """Return when something is stated that is done at a moment: what is done by a Vollmacht, while it holds."""
    if vollmacht is None:
        return at
    if not vollmacht.terms.covers(notice.authority_id, at):  # it has waited for the day after the last one
        raise NotFound("there is no such notice in this postbox")
    return max(at, vollmacht.terms.last_at + timedelta(microseconds=1))


async def beside_act(
    what: Act, notice: Notice, vollmacht: Opened, receipt: Receipt, services: Services
) -> list[Aggregate]:
    """Return what is saved beside a notice and its receipt with an act by a Vollmacht that the notice has just stated.

    The Vollmacht is saved as well, so that nobody revokes it in between, and its end is stated after every act. What
    opens it is kept in the receipt, and whose postbox it is reads in their journal who was there.
    """
    terms, records = vollmacht.terms, services.keys.lock_key("records")
    kept = receipt.open(records)
    kept = kept.model_copy(update={"vollmachten": {**kept.vollmachten, vollmacht.id: terms.opening()}})
    receipt.keep(kept, records)
    acted_at = max(filter(None, (notice.last_statement_at, terms.acted_at)))
    vollmacht.stored.change(terms.model_copy(update={"acted_at": acted_at}), services.keys.lock_key("vault"))
    facts = {"name": terms.accepted_name, "authority": await sender_of(notice, services)}
    now, letters = services.clock.now(), list[Letter]()
    if what == "vollmacht-fetched":  # it is read now, and nobody is reminded of it any more
        principal = await services.store.get(Account, terms.principal)
        letters = letters_to(principal, what, now, services, at=now.isoformat())
    return [vollmacht.stored, entry(terms.principal, what, now, services, **facts), *letters]


async def representatives_in(history: History, notice: Notice, services: Services) -> dict[str, str]:
    """Return who has acted by which Vollmacht, by its id: the names in their accounts, as far as they are kept."""
    if not any(says.get("vollmacht") for says in history.acts):
        return {}
    found = await services.store.get_many(Receipt, [notice.id])
    kept = [receipt.open(services.keys.lock_key("records")).vollmachten for receipt in found.values()]
    return {id_: opening.name for one in kept for id_, opening in one.items()}
