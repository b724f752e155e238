"""Closing a postbox: when an account is erased, its notices leave it, and authorities that have to act are told.

What was stated about a notice stays, and so does its evidence; its content nobody can open any more, and the bytes of
its attachments are deleted. So are the replies to it, which lie under the lock of the account as well, and what
authorities have drafted for it.
"""

from datetime import date, datetime

from sk.clock import day_ends_at, local_day, moment_to_sign
from sk.errors import Forbidden
from sk.objects.port import OBJECT_NAME
from sk.postbox.draft_steps import give_up_all_for
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.postbox.reply import Reply, replies_kept
from sk.services import Services
from sk.store.races import looking_again

AT_ONCE = 50
DECEMBER_31 = (12, 31)


async def close_postbox(account_id: str, erased_at: datetime, services: Services) -> None:
    """Take every notice out of the postbox of an account that is to be gone from a moment on.

    What was closed before is found no more, so that it can be repeated.
    """
    while found := await services.store.find(Notice, "postbox", account_id, limit=AT_ONCE):
        for notice in found:
            await _close(notice.id, erased_at, services)
    await give_up_all_for(account_id, services)


@looking_again
async def _close(notice_id: str, erased_at: datetime, services: Services) -> None:
    """Close a notice. Of one that is damaged nothing is stated, and no object that it claims is deleted."""
    notice = await services.store.get(Notice, notice_id)
    if notice.closed:
        return
    replies: list[Reply] = []
    try:
        history = await history_of(notice, services)
    except Forbidden:  # the alarm was raised
        notice.leave_postbox(services.clock.now())
    else:
        replies += (await replies_kept(history, services)).whole
        names = [*notice.objects, *(name for reply in replies for name in reply.objects)]
        await services.objects.delete(*filter(OBJECT_NAME.fullmatch, names))
        notice.close(erased_at, await moment_to_sign(services.clock), services.keys.signer("sign-web"))
    await services.store.save(notice, remove=replies)


def retention_ends_at(accepted_at: datetime, years: int) -> datetime:
    """Return until when an authority may need the openings of a notice: so many years, and to the end of the last."""
    return day_ends_at(date(local_day(accepted_at).year + years, *DECEMBER_31))
