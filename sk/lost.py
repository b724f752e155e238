"""What a restore has lost, by what the anchors of the log still know, and what of it can be brought back.

A notice that came after the backup is gone, and is named; so is a reply. A step that came after it is not: its
statement was signed, and an anchor holds it, so it is put back and its notice moved forward. What was stated about an
account names nobody and cannot be put to its account again; it is told, so that people can ask.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from sk.auth.authority import Authority
from sk.crypto.sign import Signers, decode, strict_json
from sk.errors import Damaged, NotFound
from sk.evidence.anchor import Anchor, Logged, anchored_since
from sk.evidence.spelling import read_moment
from sk.evidence.statement import Statement, id_in, named_in, verified
from sk.evidence.steps import STEPS
from sk.postbox.history import Says
from sk.postbox.notice import Notice
from sk.postbox.replay import move_forward
from sk.postbox.reply import Reply
from sk.services import Services
from sk.store.port import get_readable

PAGE = 500
NAMELESS = "an authority that is lost as well"


class LostNotice(NamedTuple):
    """A notice that was accepted and is gone. The moment is None if no anchor has the statement that says it."""

    authority_id: str
    authority: str
    notice_id: str
    accepted_at: datetime | None


class Step(NamedTuple):
    """A step that was stated: about a notice, or about an account, which has no name here."""

    step: str
    at: datetime
    authority_id: str
    notice_id: str


class LostReply(NamedTuple):
    """A reply that was sent and is gone, although the notice is there."""

    authority_id: str
    notice_id: str
    reply_id: str
    at: datetime


@dataclass
class Lost:
    """What came after what was brought back."""

    notices: dict[str, LostNotice] = field(default_factory=dict)
    replies: list[LostReply] = field(default_factory=list)
    brought_back: list[Step] = field(default_factory=list)
    left: list[Step] = field(default_factory=list)
    """Steps of notices that are there, but do not continue what these have."""
    about_accounts: list[Step] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """What of the log no anchor tells, in sentences."""


async def name_lost(services: Services, log_number: int, size: int, newest: Anchor | None) -> Lost:
    """Go through what was logged behind a position, up to the newest anchor; bring back what can be brought back."""
    lost = Lost()
    page: list[Logged] = []
    async for logged in _anchored(services, log_number, size, newest, lost):
        page.append(logged)
        if len(page) == PAGE:
            await _take_in(page, services, lost)
            page.clear()
    await _take_in(page, services, lost)
    return lost


async def _anchored(
    services: Services, log_number: int, size: int, newest: Anchor | None, lost: Lost
) -> AsyncIterator[Logged]:
    """Yield what anchors hold of a log from a position on, and of all logs after it; tell of the gaps."""
    for number in range(log_number, (newest.log_number if newest else 0) + 1):
        expected = size if number == log_number else None  # where a later log has begun, only its anchors know
        try:
            async for logged in anchored_since(services.objects, number, expected or 0):
                if expected is not None and logged.position > expected:
                    lost.unknown.append(_gap(number, expected, logged.position))
                expected = logged.position + 1
                yield logged
        except (Damaged, NotFound):
            lost.unknown.append(f"an anchor of log {number} cannot be read: what it logged from {expected or 0} on")
        if newest and number == newest.log_number and (expected or 0) < newest.size:
            lost.unknown.append(_gap(number, expected or 0, newest.size))


def _gap(log_number: int, begin: int, end: int) -> str:
    return f"no anchor has what log {log_number} holds from position {begin} to {end - 1}"


async def _take_in(page: Sequence[Logged], services: Services, lost: Lost) -> None:
    """Sort what was logged into what is lost and what is brought back, and save the latter."""
    read: dict[str, tuple[Statement, Says]] = {}  # by id: what an earlier restore has put back, two logs have
    for logged in page:
        try:
            statement, says = _read(logged.jws, services.keys.signers)
        except Damaged:
            lost.unknown.append(f"position {logged.position} in an anchor is no statement by a key that is trusted")
        else:
            read[statement.id] = statement, says
    stated: dict[str, list[tuple[Statement, Says]]] = {}
    for statement, says in read.values():
        stated.setdefault(statement.notice_id, []).append((statement, says))
    here = await get_readable(services.store, Statement, [*read])
    notices = await get_readable(services.store, Notice, [id_ for id_ in stated if id_])
    saved: list[Notice | Statement] = []
    for notice_id, found in stated.items():
        if not notice_id:
            saved += _beside_notices([one for one, _ in found if one.id not in here], lost)
        elif notice_id not in notices:
            await _name(found, services, lost)
        elif notice := notices[notice_id]:
            saved += await _bring_back(notice, [one for one, _ in found], here, services, lost)
            lost.replies += await _lost_replies(found, services)
        else:
            lost.left += [_step(one) for one, _ in found if one.id not in here]
    await services.store.save(*saved)


def _beside_notices(missing: Sequence[Statement], lost: Lost) -> list[Statement]:
    """Tell what was stated about accounts; return what is to be said again.

    That is that a key is void, that an account was erased, of which the ledger knows whose it is, and what became of
    Vollmachten and shares: acts need them in evidence, and what was revoked holds no more, whatever its row says.
    """
    about_accounts = [one for one in missing if STEPS[one.step].about == "account" and one.step != "erased"]
    lost.about_accounts += map(_step, about_accounts)
    revocable = [one for one in missing if STEPS[one.step].about in ("vollmacht", "share")]
    lost.brought_back += map(_step, revocable)
    return [*(one for one in missing if one.step in ("key-revoked", "erased")), *revocable]


async def _name(found: Sequence[tuple[Statement, Says]], services: Services, lost: Lost) -> None:
    """Name the notice that statements are about, which is gone. Any of them is enough: there may be gaps."""
    first = found[0][0]
    named = lost.notices.get(first.notice_id)
    accepted_at = next((read_moment(says["at"]) for one, says in found if one.step == "accepted"), None)
    if named is None:
        named = LostNotice(first.authority_id, await _name_of(first.authority_id, services), first.notice_id, None)
    lost.notices[first.notice_id] = named._replace(accepted_at=named.accepted_at or accepted_at)


async def _name_of(authority_id: str, services: Services) -> str:
    try:
        return (await services.store.get(Authority, authority_id)).details(services.keys.signers).name
    except (NotFound, Damaged):
        return NAMELESS


async def _bring_back(
    notice: Notice, found: Sequence[Statement], here: Mapping[str, Statement | None], services: Services, lost: Lost
) -> list[Notice]:
    """Move a notice forward by the statements that it is behind, and return it if it was moved."""
    other = {one.id for one in found if one.id in here and not _is_kept(one, here)}  # another one stands in its place
    behind = [here.get(one.id) or one for one in found if one.number > notice.statements]
    taken = await move_forward(notice, [*takewhile(lambda one: one.id not in other, behind)], services)
    lost.brought_back += map(_step, taken)
    lost.left += [_step(one) for one in found if one.number > notice.statements or one.id in other]
    return [notice] if taken else []


async def _lost_replies(found: Sequence[tuple[Statement, Says]], services: Services) -> list[LostReply]:
    """Return the replies to a notice of which the statements are there and they themselves are not."""
    said = {says["reply"]: one for one, says in found if one.step == "replied"}
    there = await get_readable(services.store, Reply, [*said])
    return [
        LostReply(one.authority_id, one.notice_id, reply_id, one.at)
        for reply_id, one in said.items()
        if reply_id not in there
    ]


def _is_kept(one: Statement, here: Mapping[str, Statement | None]) -> bool:
    kept = here[one.id]
    return kept is not None and kept.jws == one.jws


def _step(statement: Statement) -> Step:
    return Step(statement.step, statement.at, statement.authority_id, statement.notice_id)


def _read(jws: str, signers: Signers) -> tuple[Statement, Says]:
    """Return a statement as it is kept before the log has it, and what it says, if a key for its step has signed it."""
    try:
        says = strict_json(decode(jws.split(".")[1]))
        place = {"authority_id": says["authority"], "notice_id": says["notice"], "number": says["number"]}
        place |= named_in(says)
        statement = Statement(id=id_in(says), step=says["step"], at=read_moment(says["at"]), jws=jws, **place)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise Damaged from error
    return statement, verified(statement, signers, statement.step)
