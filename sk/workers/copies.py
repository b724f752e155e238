"""Copies: what was mailed about a notice to the address that counts goes to the second one as well, if there is one.

It is a help and no Benachrichtigung: nothing is stated of it, and if it fails only the citizen is told.
"""

from sk.auth.account import Account
from sk.auth.mail_target import MailSettings
from sk.auth.notification_settings import with_failure
from sk.clock import local_day
from sk.errors import NotFound
from sk.events import CopyDue
from sk.mail.port import Refused
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.services import Services
from sk.workers.notification import mail_about
from sk.workers.reminders import reminded_owner, reminder_of


async def send_copy(event: CopyDue, services: Services) -> None:
    """Send the copy of a mail, if there still is somebody to get it and something that it tells of."""
    notice, now = await services.store.get(Notice, event.notice_id), services.clock.now()
    await history_of(notice, services)
    if event.reminder_on:
        settings = await reminded_owner(notice, local_day(now), services)
    else:
        settings = await _told_owner(notice, services)
    target = settings.second_target if settings else None
    if target is None:
        await services.store.save(done=event)
        return
    if event.reminder_on:
        mail = reminder_of(notice, event.reminder_on, target, services, is_copy=True)
    else:
        mail = await mail_about(notice, target, services, is_copy=True)
    failing: list[Account] = []
    try:
        await services.mailer.send(mail)
    except Refused:
        failing = await with_failure(notice.account_id, services, sent_at=now, address=target.address)
    await services.store.save(*failing, done=event)


async def _told_owner(notice: Notice, services: Services) -> MailSettings | None:
    """Return where the owner of a notice is written to, unless it was withdrawn, or they are gone."""
    if notice.has_ended or notice.closed:
        return None
    try:
        account = await services.store.get(Account, notice.account_id)
    except NotFound:
        return None
    return account.open_mail(services.keys.lock_key("mail"))
