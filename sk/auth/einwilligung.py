"""An Einwilligung to electronic Bekanntgabe: its citizen gives and withdraws it, for an authority or in general.

Both need a session and nothing more: a withdrawal must be as easy as the giving, and neither is a way into the account.
"""

from sk.auth.account import EVERY_AUTHORITY, Account
from sk.auth.authority import AuthorityCard
from sk.auth.journal import What, entry
from sk.auth.steps import give_einwilligung, withdraw_einwilligung
from sk.clock import moment_to_sign
from sk.services import Services
from sk.store.races import looking_again


@looking_again
async def change_einwilligung(
    account_id: str, authority: AuthorityCard | None, services: Services, *, given: bool
) -> None:
    """Give or withdraw an Einwilligung, for one authority or, without one, in general; statement and journal say so.

    Whatever is so already changes nothing and is not stated again: the first moment stays.
    """
    now = await moment_to_sign(services.clock)
    account = await services.store.get(Account, account_id)
    before = account.standing(services.keys.signers)
    change = give_einwilligung if given else withdraw_einwilligung
    change(account, authority.authority if authority else EVERY_AUTHORITY, now, services)
    if account.standing(services.keys.signers) == before:
        return
    if authority:
        what: What = "einwilligung-given" if given else "einwilligung-withdrawn"
        account.bear(entry(account_id, what, now, services, authority=authority.name))
    else:
        general: What = "general-einwilligung-given" if given else "general-einwilligung-withdrawn"
        account.bear(entry(account_id, general, now, services))
    await services.store.save(account)
