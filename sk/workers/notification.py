"""Notification: tells the citizen by e-mail that there is something new, and records what the mail server said.

The mail may go out twice, with one Message-ID, when this worker is killed between sending and recording; it never
stays out. The first server that took it counts.
"""

from sk.auth.account import Account
from sk.auth.authority import Authority
from sk.clock import moment_to_sign
from sk.events import NoticeBereitgestellt
from sk.mail.bounces import BackTo
from sk.mail.port import Receipt, Refused
from sk.mail.texts import Sender, new_notice_mail
from sk.postbox.history import alarm, history_of
from sk.postbox.notice import Notice
from sk.services import Services


async def notify(event: NoticeBereitgestellt, services: Services) -> None:
    """Send the mail for a notice, once it is in its postbox."""
    notice = await services.store.get(Notice, event.notice_id)
    said = (await history_of(notice, services)).said
    if notice.benachrichtigt_at or "benachrichtigung-failed" in said or notice.has_ended:
        await services.store.save(done=event)
        return
    if not notice.bereitgestellt_at:
        raise alarm(notice)  # nobody is told of what is not there
    account = await services.store.get(Account, notice.account_id)
    authority = (await services.store.get(Authority, notice.authority_id)).details(services.keys.signers)
    mail = new_notice_mail(
        account.open_mail(services.keys.lock_key("mail")),
        authority.name,
        Sender(services.settings.operator, services.settings.mail_from),
        notice_id=notice.id,
        at=services.clock.now(),
    )
    if services.settings.bounces:
        back_to = BackTo.of(services.settings.mail_from, services.keys.bounce)
        mail = mail._replace(back_to=back_to.address(notice.id))
    sign = services.keys.signer("sign-notification")
    try:
        receipt, taken = await services.mailer.send(mail), True
    except Refused as refused:
        receipt, taken = refused.receipt, False
    answered_at = services.clock.now()  # a moment's wait for the day that can be signed must not change this day
    at, facts = await moment_to_sign(services.clock), _facts(receipt, mail.message_id)
    if taken:
        lenient = services.settings.ten_days == "lenient"
        notice.record_benachrichtigung(answered_at, at, sign, facts, said, lenient_ten_days=lenient)
    else:
        notice.record_failed_benachrichtigung(answered_at, at, sign, facts, said)
    await services.store.save(notice, done=event)


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
