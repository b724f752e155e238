"""Release: the one way by which content of a notice leaves, and by which an Abruf is recorded.

Page, attachment, preview, archive, search and export all come through here. The Abruf is committed before the first
byte of content is returned; if that fails, nothing is.
"""

from datetime import datetime

from sk.auth.own_key import open_seed
from sk.auth.sessions import LogIn
from sk.auth.trust import reaches
from sk.auth.vollmacht import Opened
from sk.clock import moment_to_sign
from sk.errors import Damaged, Forbidden, NotFound
from sk.postbox.acting import acting_on, beside_act, level_of, moment_of_act, session_facts
from sk.postbox.envelope import Envelope, open_envelope
from sk.postbox.history import History, alarm, history_of
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.services import Services
from sk.store.port import Aggregate
from sk.store.races import looking_again


class Ended(Forbidden):
    """The notice cannot be fetched any more: its time is over, or the authority has withdrawn it."""


class Unread(Forbidden):
    """The notice is unread: it is opened by the button in the postbox, never by a link."""

    problem = "unread"


class LevelTooLow(Forbidden):
    """The notice demands a log-in at a higher trust level."""

    problem = "level-too-low"


@looking_again
async def release(notice_id: str, log_in: LogIn, services: Services, *, by_post: bool) -> tuple[Notice, Envelope]:
    """Return a notice of this person with its content, recording the first Abruf.

    Only a POST that the person has sent off themselves (`by_post`) may be the first; anything else is `Unread`.
    What can be fetched no more is `Ended`, from the very moment on, whether or not a worker has stated it.
    """
    notice, history, vollmacht = await _reached(notice_id, log_in, services)
    _refuse_ended(notice, services.clock.now())
    if not reaches(level_of(log_in, vollmacht), notice.minimum_trust):
        raise LevelTooLow(f"this notice demands the trust level {notice.minimum_trust}")
    if notice.abgerufen_at is None and not by_post:
        raise Unread
    envelope = await _open(notice, services)
    if notice.abgerufen_at:
        return notice, envelope
    at = moment_of_act(await moment_to_sign(services.clock), notice, vollmacht)
    if notice.has_lapsed(at):  # it has waited for the day after the last one
        said = "it was opened in the last seconds of the last day, too late for an Abruf to be stated on that day"
        raise Ended(said, problem="too-late-to-record")
    commitments = history.accepted["commitments"]
    facts = {**session_facts(log_in, vollmacht), "commitments": commitments}
    notice.record_abruf(at, services.keys.signer("sign-web"), facts, history.said)
    beside = list[Aggregate]()
    if vollmacht:
        receipt = await services.store.get(Receipt, notice.id)
        beside = [receipt, *await beside_act("vollmacht-fetched", notice, vollmacht, receipt, services)]
    await services.store.save(notice, *beside)
    return notice, envelope


async def own_notice(notice_id: str, log_in: LogIn, services: Services) -> tuple[Notice, History]:
    """Return a notice in this person's postbox, or in one in which they may act, without content.

    Any other is as unknown as one that never was.
    """
    notice, history, _ = await _reached(notice_id, log_in, services)
    return notice, history


async def _reached(notice_id: str, log_in: LogIn, services: Services) -> tuple[Notice, History, Opened | None]:
    """Return the same, and by which Vollmacht somebody acts there."""
    notice = await services.store.get(Notice, notice_id)
    history = await history_of(notice, services)
    if not notice.bereitgestellt_at:
        raise NotFound("there is no such notice in this postbox")
    return notice, history, await acting_on(notice, log_in, services)


def _refuse_ended(notice: Notice, at: datetime) -> None:
    if notice.withdrawn_at:
        raise Ended("the authority has withdrawn this notice", problem="withdrawn")
    if notice.has_lapsed(at):
        raise Ended("the last day is over on which this notice could be fetched", problem="lapsed")


async def _open(notice: Notice, services: Services) -> Envelope:
    try:
        return open_envelope(notice, await open_seed(notice.account_id, services))
    except Damaged as error:
        raise alarm(notice) from error
