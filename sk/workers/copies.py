"""Copies: what was mailed about a notice to the address that counts goes to the second one as well, if there is one.

It is a help and no Benachrichtigung: nothing is stated of it, and if it fails only the citizen is told.
"""

from sk.auth.notification_settings import settings_of
from sk.clock import local_day
from sk.events import CopyDue
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.services import Services
from sk.workers.notification import mail_about
from sk.workers.reminders import reminded_owner, reminder_of, send_help


async def send_copy(event: CopyDue, services: Services) -> None:
    """Send the copy of a mail, if there still is somebody to get it and something that it tells of."""
    notice, now = await services.store.get(Notice, event.notice_id), services.clock.now()
    await history_of(notice, services)
    if event.reminder_on:
        settings = await reminded_owner(notice, local_day(now), services)
    else:
        is_there = not (notice.has_ended or notice.closed)
        settings = await settings_of(notice.account_id, services) if is_there else None
    target = settings.second_target if settings else None
    if target is None:
        await services.store.save(done=event)
        return
    if event.reminder_on:
        mail = reminder_of(notice, event.reminder_on, target, services, is_copy=True)
    else:
        mail = await mail_about(notice, target, services, is_copy=True)
    await services.store.save(*await send_help(mail, notice, services), done=event)
