"""Taking notices along: each as a folder of a ZIP file, with its attachments as they were posted and its evidence.

    nachricht.json   what the list shows of a notice, its moments and its days
    text.txt         of a notice that was fetched: its text,
    anhaenge/…       its attachments, as they were posted,
    antworten/01/…   the replies to it: when each was sent, its text and its files,
    nachweis.json    and the evidence, for `sk verify`

A notice that is unread stays unread: only whoever opens it themselves fetches it; what is packed says that it is there.
"""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, NamedTuple

from sk.auth.own_key import open_seed
from sk.auth.sessions import LogIn
from sk.clock import local_day
from sk.errors import Damaged, Forbidden, NotFound, Unavailable
from sk.postbox.envelope import Envelope, SealedAttachment, open_envelope
from sk.postbox.history import History, Says, alarm, history_of
from sk.postbox.notice import Notice
from sk.postbox.proven import prove
from sk.postbox.release import Ended, LevelTooLow, Unread, own_notice, release
from sk.postbox.reply import open_reply
from sk.postbox.sender import sender_of
from sk.postbox.stored import open_attachment
from sk.services import Services
from sk.zipped import Zipped, whole

NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
UNREAD = (
    "Diese Nachricht ist ungelesen und bleibt es. Öffnen Sie sie im Postfach, dann ist ihr Inhalt im Export enthalten."
)
LEVEL = "Diese Nachricht verlangt eine Anmeldung auf einem höheren Vertrauensniveau. Ihr Inhalt ist nicht enthalten."
ENDED = "Diese Nachricht ist nicht mehr abrufbar."
HINTS: Mapping[type[Forbidden], str] = {Unread: UNREAD, LevelTooLow: LEVEL, Ended: ENDED}
DAMAGED = "Diese Nachricht ist beschädigt und wird nicht angezeigt. Der Betreiber wurde benachrichtigt."
MISSING = "Dieser Anhang ist beschädigt oder fehlt. Der Betreiber wurde benachrichtigt.\n"
REPLY_GONE = "Diese Antwort ist nicht mehr da, oder sie ist beschädigt. Dass sie gesendet wurde, ist festgehalten."
NO_PROOF_YET = "Der Nachweis ist erst verfügbar, wenn alles im Log steht. Bitte holen Sie ihn später im Postfach."


class Held(NamedTuple):
    """A notice as it is exported: what the list says, and its content if it may be taken along now."""

    notice: Notice
    facts: Mapping[str, Any]
    content: Envelope | None = None
    proof: str | None = None
    replies: Sequence[Says] = ()


def one_packed(notice: Notice, log_in: LogIn, services: Services) -> AsyncGenerator[bytes, None]:
    """Yield a ZIP file of one notice. If this raises, what was sent so far has no end and is no ZIP file."""

    async def fill(zipped: Zipped) -> AsyncGenerator[bytes, None]:
        held = await held_notice(notice, await open_seed(notice.account_id, services), log_in, services)
        async with aclosing(pack(zipped, folder_of(notice), held, services)) as blocks:
            async for block in blocks:
                yield block

    return whole(services.clock.now(), fill)


async def pack(zipped: Zipped, folder: str, held: Held, services: Services) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a folder with all that may be taken along of a notice."""
    notice, content = held.notice, held.content
    for block in zipped.add_json(f"{folder}/nachricht.json", held.facts):
        yield block
    if held.proof:
        for block in zipped.add(f"{folder}/nachweis.json", held.proof):
            yield block
    if content is None:
        return
    for block in zipped.add(f"{folder}/text.txt", content.text):
        yield block
    async with aclosing(_files(zipped, f"{folder}/anhaenge", notice, content.attachments, services)) as blocks:
        async for block in blocks:
            yield block
    for number, says in enumerate(held.replies, 1):
        async with aclosing(_reply(zipped, f"{folder}/antworten/{number:02}", notice, says, services)) as blocks:
            async for block in blocks:
                yield block


async def _reply(
    zipped: Zipped, folder: str, notice: Notice, says: Says, services: Services
) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a folder with a reply; of one that is gone, when it was sent."""
    facts = {"gesendet_am": says["at"]}
    try:
        reply = await open_reply(says, notice, services)
    except (Damaged, NotFound):
        for block in zipped.add_json(f"{folder}/antwort.json", {**facts, "hinweis": REPLY_GONE}):
            yield block
        return
    for block in zipped.add_json(f"{folder}/antwort.json", facts):
        yield block
    for block in zipped.add(f"{folder}/text.txt", reply.text):
        yield block
    async with aclosing(_files(zipped, f"{folder}/anhaenge", notice, reply.attachments, services)) as blocks:
        async for block in blocks:
            yield block


async def _files(
    zipped: Zipped, folder: str, notice: Notice, attachments: Sequence[SealedAttachment], services: Services
) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a folder of attachments."""
    for number, attachment in enumerate(attachments, 1):
        name = f"{folder}/{number:02}-{NOT_IN_A_NAME.sub('_', attachment.name)}"
        try:
            reader = await open_attachment(notice.account_id, attachment, services)
        except (Damaged, NotFound):
            alarm(notice)
            for block in zipped.add(f"{name}-fehlt.txt", MISSING):
                yield block
            continue
        async with aclosing(zipped.add_stream(name, reader.read())) as blocks:
            async for block in blocks:
                yield block


async def held_notice(notice: Notice, seed: bytes, log_in: LogIn, services: Services) -> Held:
    """Return a notice as far as this person may have it by a link: nothing is fetched here for the first time."""
    try:
        history = await history_of(notice, services)
        facts = await _facts(notice, history, seed, services)
        if notice.end_at(services.clock.now()):
            return Held(notice, {**facts, "hinweis": ENDED})
        notice, content = await release(notice.id, log_in, services, by_post=False)
    except Damaged:
        alarm(notice)
        return Held(notice, {"id": notice.id, "hinweis": DAMAGED})
    except (Unread, LevelTooLow, Ended) as refused:
        return Held(notice, {**facts, "hinweis": HINTS[type(refused)]})
    except Forbidden:  # the alarm was raised
        return Held(notice, {"id": notice.id, "hinweis": DAMAGED})
    facts["aktenzeichen"] = content.case or None
    return await _with_proof(Held(notice, facts, content, replies=history.replies), log_in, services)


def folder_of(notice: Notice) -> str:
    """Return a name for the folder of a notice, by which folders are in the order of their days."""
    return f"{local_day(notice.bereitgestellt_at or notice.accepted_at)}-{notice.id}"


async def _with_proof(held: Held, log_in: LogIn, services: Services) -> Held:
    try:
        proof = await prove(partial(own_notice, held.notice.id, log_in, services), services, for_citizen=True)
    except Unavailable:
        return held._replace(facts={**held.facts, "hinweis": NO_PROOF_YET})
    return held._replace(proof=proof.bundle)


async def _facts(notice: Notice, history: History, seed: bytes, services: Services) -> dict[str, Any]:
    """Return what the list and the page say of a notice beside its content."""
    envelope = open_envelope(notice, seed)
    return {
        "id": notice.id,
        "absender": await sender_of(notice, services),
        "betreff": envelope.subject,
        "art": notice.notice_kind,
        "gesetz": notice.law,
        "stand": notice.status,
        "archiviert": notice.archived,
        "verlangtes_vertrauensniveau": notice.minimum_trust,
        "zeitpunkte": {step: at.isoformat() for step, at in notice.moments().items() if at},
        "festgehalten": [{"schritt": one.step, "zeitpunkt": one.at.isoformat()} for one in history.statements],
        "bekanntgabe": notice.bekanntgabe.model_dump(mode="json") if notice.bekanntgabe else None,
        "rechtsbehelf": notice.rechtsbehelf.model_dump(mode="json") if notice.rechtsbehelf else None,
    }
