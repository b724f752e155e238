"""Notification: tells the citizen by e-mail that there is something new, and records what the mail server said.

The mail may go out twice, with one Message-ID, when this worker is killed between sending and recording; it never
stays out. The first server that took it counts. Once it was taken or refused that is recorded, whoever else changes
the notice meanwhile; and if it cannot be sent at all, that is recorded too.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sk.auth.account import Account
from sk.auth.authority import Authority
from sk.auth.mail_target import MailSettings, MailTarget
from sk.auth.notification_settings import with_failure
from sk.clock import moment_to_sign
from sk.errors import Conflict, NotFound
from sk.events import CopyDue, Event, NoticeBereitgestellt, RepresentativesDue
from sk.mail.bounces import BackTo
from sk.mail.port import Mail, Receipt, Refused
from sk.mail.texts import Sender, new_notice_mail
from sk.postbox.history import Says, alarm, history_of
from sk.postbox.notice import Notice
from sk.services import Services

NO_ANSWER = 0
"""The code that is stated where no server has answered."""
OUR_OWN = "127.0.0.1"
"""Where the catcher of a trial is, which names no host."""
NOBODY = MailTarget(address="", language="de")
SAVES = 20


class Told(NamedTuple):
    """A notice, and what was stated about it."""

    notice: Notice
    said: Mapping[str, Says]


class Answer(NamedTuple):
    """What became of a mail: whether a server took it, when it said so, what is stated of it, and who was written to.

    Nobody was if no server has answered.
    """

    taken: bool
    at: datetime
    facts: dict[str, str | int | bool]
    to: MailSettings | None = None


async def notify(event: NoticeBereitgestellt, services: Services) -> None:
    """Send the mail for a notice, once it is in its postbox."""
    notice = await services.store.get(Notice, event.notice_id)
    said = (await history_of(notice, services)).said
    if notice.benachrichtigt_at or _was_refused(said) or notice.has_ended or notice.closed:
        await services.store.save(done=event)
        return
    if not notice.bereitgestellt_at:
        raise alarm(notice)  # nobody is told of what is not there
    try:
        account = await services.store.get(Account, notice.account_id)
    except NotFound:  # it was erased in this very moment, and there is nobody to be told
        await services.store.save(done=event)
        return
    settings = account.open_mail(services.keys.lock_key("mail"))
    mail = _known_when_back(await mail_about(notice, settings.first_target, services), notice, services)
    try:
        receipt, taken = await services.mailer.send(mail), True
    except Refused as refused:
        receipt, taken = refused.receipt, False
    # A moment's wait for the day that can be signed must not change the day of the answer.
    answer = Answer(taken, at=services.clock.now(), facts=_facts(receipt, mail.message_id), to=settings)
    await _record(answer, Told(notice, said), services, event=event, done=event)


async def give_up(event: NoticeBereitgestellt, services: Services) -> None:
    """Record that nobody has taken the mail. A person may still have it tried once more."""
    notice = await services.store.get(Notice, event.notice_id)
    if notice.has_ended or notice.closed or not notice.bereitgestellt_at:
        return
    mail = await mail_about(notice, NOBODY, services)
    host = urlsplit(services.settings.mail.get_secret_value()).hostname or OUR_OWN
    nothing = _facts(Receipt(host, NO_ANSWER, enhanced="", queue_id=""), mail.message_id)
    answer = Answer(taken=False, at=services.clock.now(), facts=nothing)
    said = (await history_of(notice, services)).said
    await _record(answer, Told(notice, said), services, event=event)


async def _record(answer: Answer, told: Told, services: Services, *, event: Event, done: Event | None = None) -> None:
    """State what the server said, whoever saves the notice first: the mail is out, and one more must not follow it.

    Whatever it said, a second address gets its copy, and those are told who may act for the citizen; and of an address
    that it refused the citizen is told.
    """
    sign, lenient = services.keys.signer("sign-notification"), services.settings.ten_days == "lenient"
    notice, said = told
    for _ in range(SAVES):
        at = await moment_to_sign(services.clock)
        if answer.taken:
            notice.record_benachrichtigung(answer.at, at, sign, answer.facts, said, lenient_ten_days=lenient)
        else:
            notice.record_failed_benachrichtigung(answer.at, at, sign, answer.facts, said)
        failing: list[Account] = []
        if answer.to and answer.to.second:
            notice.emit(CopyDue(notice_id=notice.id), due=answer.at, lane=notice.authority_id)
        if answer.to and answer.to.represented:
            notice.emit(RepresentativesDue(notice_id=notice.id), due=answer.at, lane=notice.authority_id)
        if answer.to and not answer.taken:
            failing = await with_failure(notice.account_id, services, sent_at=answer.at, address=answer.to.address)
        try:
            await services.store.save(notice, *failing, done=done)
        except Conflict:
            if await services.store.due(event.id) is None:
                return  # somebody else has sent it as well, and recorded that
            notice = await services.store.get(Notice, notice.id)
            said = (await history_of(notice, services)).said
        else:
            return
    raise Conflict


async def mail_about(notice: Notice, target: MailTarget, services: Services, *, is_copy: bool = False) -> Mail:
    """Return the mail that tells somebody of a notice."""
    authority = (await services.store.get(Authority, notice.authority_id)).details(services.keys.signers)
    sender, now = Sender.of(services.settings), services.clock.now()
    return new_notice_mail(target, authority.name, sender, notice_id=notice.id, at=now, is_copy=is_copy)


def _known_when_back(mail: Mail, notice: Notice, services: Services) -> Mail:
    if not services.settings.bounces:
        return mail
    back_to = BackTo.of(services.settings.mail_from, services.keys.bounce)
    return mail._replace(back_to=back_to.address(notice.id))


def _was_refused(said: Mapping[str, Says]) -> bool:
    """Tell whether a server has refused the mail; that none answered leaves it to be tried once more."""
    return bool(said.get("benachrichtigung-failed", {}).get("code", NO_ANSWER) != NO_ANSWER)


def _facts(receipt: Receipt, message_id: str) -> dict[str, str | int | bool]:
    # Mails are handed to the relay that is configured; it, not the recipient's own server, has answered.
    return {
        "server": receipt.server,
        "relay": True,
        "code": receipt.code,
        "enhanced": receipt.enhanced,
        "queue_id": receipt.queue_id,
        "message_id": message_id,
    }
