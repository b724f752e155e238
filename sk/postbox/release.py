"""Release: the one way by which content of a notice leaves, and by which an Abruf is recorded.

Page, attachment, preview, archive, search and export all come through here. The Abruf is committed before the first
byte of content is returned; if that fails, nothing is.
"""

import logging
from hashlib import sha256
from typing import Any

from sk.auth.account import AccountKey
from sk.auth.sessions import LogIn
from sk.auth.trust import reaches
from sk.clock import moment_to_sign
from sk.crypto.sign import encode
from sk.errors import Conflict, Damaged, Forbidden, NotFound, Unavailable
from sk.evidence.statement import Statement, moment_text, statement_id, verified
from sk.postbox.envelope import Envelope, open_envelope
from sk.postbox.notice import Notice
from sk.services import Services

TRIES = 20
log = logging.getLogger(__name__)


class Unread(Forbidden):
    """The notice is unread: it is opened by the button in the postbox, never by a link."""

    problem = "unread"


async def release(notice_id: str, log_in: LogIn, services: Services, *, by_post: bool) -> tuple[Notice, Envelope]:
    """Return a notice of this person with its content, recording the first Abruf.

    Only a POST that the person has sent off themselves (`by_post`) may be the first; anything else is `Unread`.
    """
    for _ in range(TRIES):
        notice = await own_notice(notice_id, log_in, services)
        if not reaches(log_in.level, notice.minimum_trust):
            raise Forbidden(f"this notice demands the trust level {notice.minimum_trust}", problem="level-too-low")
        if notice.abgerufen_at is None and not by_post:
            raise Unread
        accepted = await check_statements(notice, services)
        envelope = await _open(notice, services)
        if notice.abgerufen_at:
            return notice, envelope
        facts = {"by": "account", "means": log_in.means, "level": log_in.level, "commitments": accepted["commitments"]}
        at = await moment_to_sign(services.clock)
        notice.record_abruf(at, services.keys.signer("sign-web"), facts)
        try:
            await services.store.save(notice)
        except Conflict:
            continue  # somebody else was quicker, another window perhaps: look again
        return notice, envelope
    raise Unavailable("the notice is being changed all the time; try again")


async def own_notice(notice_id: str, log_in: LogIn, services: Services) -> Notice:
    """Return a notice in this person's postbox, without content; another's is as unknown as one that never was."""
    notice = await services.store.get(Notice, notice_id)
    if notice.account_id != log_in.account_id or not notice.bereitgestellt_at:
        raise NotFound("there is no such notice in this postbox")
    return notice


async def check_statements(notice: Notice, services: Services) -> dict[str, Any]:
    """Return what was stated when the notice was accepted, after checking that the notice is still that one.

    Whoever writes into the database can change fields, but not make statements. Then nothing is released.
    """
    ids = [statement_id(notice.id, 1), statement_id(notice.id, 2)]
    found = await services.store.get_many(Statement, ids)
    try:
        accepted = verified(found[ids[0]], services.keys.signers, "accepted")
        bereitgestellt = verified(found[ids[1]], services.keys.signers, "bereitgestellt")
    except (KeyError, Damaged) as error:
        raise _alarm(notice) from error
    stated = (
        accepted["authority"],
        accepted["kind"],
        accepted["law"],
        accepted["minimum_trust"],
        accepted["at"],
        accepted["envelope"],
        bereitgestellt["at"],
        bereitgestellt["bekanntgabe_on"],
    )
    if stated != _claimed(notice):
        raise _alarm(notice)
    return accepted


def _claimed(notice: Notice) -> tuple[str | None, ...]:
    on = notice.bekanntgabe.on if notice.bekanntgabe else None
    return (
        notice.authority_id,
        notice.notice_kind,
        notice.law,
        notice.minimum_trust,
        moment_text(notice.accepted_at),
        encode(sha256(notice.envelope).digest()),
        moment_text(notice.bereitgestellt_at) if notice.bereitgestellt_at else None,
        str(on) if on else None,
    )


async def _open(notice: Notice, services: Services) -> Envelope:
    try:
        return open_envelope(notice, await open_seed(notice.account_id, services))
    except (NotFound, Damaged) as error:
        raise _alarm(notice) from error


async def open_seed(account_id: str, services: Services) -> bytes:
    """Return the seed of an account's key pair, for as long as a request lasts."""
    key = await services.store.get(AccountKey, account_id)
    return key.open_seed(services.keys.lock_key("vault"))


def _alarm(notice: Notice) -> Forbidden:
    log.critical("notice-damaged", extra={"notice_id": notice.id})
    return Forbidden("this notice is damaged and cannot be shown; the operator was told", problem="notice-damaged")
