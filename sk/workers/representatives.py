"""Telling those who may act for somebody that there is something new. It is a help: no law knows of it.

Only web can read who may act for whom, so that this runs in web.
"""

from sk.auth.account import Account
from sk.auth.tell import letters_to
from sk.auth.vollmacht import holds, vollmachten_of
from sk.events import RepresentativesDue
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.services import Services


async def tell_representatives(event: RepresentativesDue, services: Services) -> None:
    """Write to everybody who may fetch a notice for somebody else right now, if there still is something to fetch."""
    notice, now = await services.store.get(Notice, event.notice_id), services.clock.now()
    await history_of(notice, services)
    representatives = set[str]()
    if not (notice.abgerufen_at or notice.has_ended or notice.closed):
        for one in await vollmachten_of(notice.account_id, services):
            is_theirs = one.terms.principal == notice.account_id
            if is_theirs and one.terms.covers(notice.authority_id, now) and await holds(one, services):
                representatives.add(one.terms.representative)
    accounts = (await services.store.get_many(Account, sorted(representatives))).values()
    open_ones = [account for account in accounts if account.standing(services.keys.signers).is_open]
    letters = [letter for account in open_ones for letter in letters_to(account, "new-for-another", now, services)]
    await services.store.save(*letters, done=event)
