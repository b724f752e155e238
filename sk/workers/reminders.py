"""Reminders: a mail before it is too late to look at a notice that nobody has opened.

Whether there is still something to remind of is seen on the day itself. The mail may go out twice, with one Message-ID.
"""

import logging
from collections.abc import Sequence
from datetime import date

from sk.auth.account import Account
from sk.auth.mail_target import MailSettings, MailTarget
from sk.auth.notification_settings import settings_of, with_failure
from sk.clock import local_day
from sk.events import CopyDue, ReminderDue
from sk.mail.port import Mail, Refused
from sk.mail.texts import Sender, reminder_mail
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.postbox.reminders import look_until, next_reminder
from sk.services import Services

log = logging.getLogger(__name__)


async def remind(event: ReminderDue, services: Services) -> None:
    """Remind somebody of a notice, if they want that and there is reason to, and again on the next day for it.

    If that has come as well, because nobody did this in time, only the later mail goes out.
    """
    notice, now = await services.store.get(Notice, event.notice_id), services.clock.now()
    await history_of(notice, services)
    settings = await reminded_owner(notice, local_day(now), services)
    if settings is None:
        await services.store.save(done=event)
        return
    failing: Sequence[Account] = ()
    next_on = next_reminder(notice.rechtsbehelf, notice.lapses_on, after=event.on)
    if settings.reminders and not (next_on and next_on <= local_day(now)):
        failing = await send_help(reminder_of(notice, event.on, settings.first_target, services), notice, services)
        if settings.second:
            notice.emit(CopyDue(notice_id=notice.id, reminder_on=event.on), due=now, lane=notice.authority_id)
    notice.remind_after(event.on)
    await services.store.save(notice, *failing, done=event)


async def send_help(mail: Mail, notice: Notice, services: Services) -> Sequence[Account]:
    """Send a mail on which nothing hangs; if it is refused, return what is saved for the citizen to be told."""
    try:
        await services.mailer.send(mail)
    except Refused:
        log.warning("help-refused", extra={"notice_id": notice.id})
        return await with_failure(notice.account_id, services, sent_at=services.clock.now(), address=mail.to)
    return ()


async def reminded_owner(notice: Notice, today: date, services: Services) -> MailSettings | None:
    """Return where the owner of a notice is written to, if on a day there is still something to remind them of."""
    last_on = look_until(notice.rechtsbehelf, notice.lapses_on)
    if notice.abgerufen_at or notice.has_ended or notice.closed or last_on is None or last_on < today:
        return None
    return await settings_of(notice.account_id, services)


def reminder_of(notice: Notice, on: date, target: MailTarget, services: Services, *, is_copy: bool = False) -> Mail:
    """Return the mail that reminds somebody, on a day, of a notice that has a last day for looking at it."""
    last_on, now = look_until(notice.rechtsbehelf, notice.lapses_on) or on, services.clock.now()
    sender = Sender.of(services.settings)
    return reminder_mail(target, sender, notice_id=notice.id, on=on, last_on=last_on, at=now, is_copy=is_copy)
