"""Taking everything along: all that is held about a person, as one ZIP file that is sent while it is made.

    konto.json                        who it is, by what they log in, whom they have given an Einwilligung
    protokoll.json                    the journal
    nachrichten/DAY-ID/nachricht.json what the list shows of a notice, its moments and its days
                      /text.txt       of a notice that was fetched: its text,
                      /anhaenge/…     its attachments, as they were posted,
                      /nachweis.json  and the evidence, for `sk verify`

A notice that is unread stays unread: only whoever opens it themselves fetches it, and an export says that it is there.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, NamedTuple

from sk.auth.account import Account
from sk.auth.export_files import account_facts, journal_facts
from sk.auth.own_key import open_seed
from sk.auth.sessions import LogIn
from sk.auth.zipped import Zipped
from sk.clock import local_day
from sk.errors import Damaged, Forbidden, NotFound, Unavailable
from sk.postbox.envelope import Envelope, open_envelope
from sk.postbox.fristen import in_postbox
from sk.postbox.history import History, alarm, history_of
from sk.postbox.notice import Notice
from sk.postbox.proven import prove
from sk.postbox.release import Ended, LevelTooLow, Unread, own_notice, release
from sk.postbox.sender import sender_of
from sk.postbox.stored import open_attachment
from sk.services import Services

NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
UNREAD = (
    "Diese Nachricht ist ungelesen und bleibt es. Öffnen Sie sie im Postfach, dann ist ihr Inhalt im Export enthalten."
)
LEVEL = "Diese Nachricht verlangt eine Anmeldung auf einem höheren Vertrauensniveau. Ihr Inhalt ist nicht enthalten."
ENDED = "Diese Nachricht ist nicht mehr abrufbar."
HINTS: Mapping[type[Forbidden], str] = {Unread: UNREAD, LevelTooLow: LEVEL, Ended: ENDED}
DAMAGED = "Diese Nachricht ist beschädigt und wird nicht angezeigt. Der Betreiber wurde benachrichtigt."
MISSING = "Dieser Anhang ist beschädigt oder fehlt. Der Betreiber wurde benachrichtigt.\n"
NO_PROOF_YET = "Der Nachweis ist erst verfügbar, wenn alles im Log steht. Bitte holen Sie ihn später im Postfach."


class Held(NamedTuple):
    """A notice as it is exported: what the list says, and its content if it may be taken along now."""

    notice: Notice
    facts: Mapping[str, Any]
    content: Envelope | None = None
    proof: str | None = None


async def export(log_in: LogIn, services: Services) -> AsyncGenerator[bytes, None]:
    """Yield the ZIP file. If this raises, what was sent so far has no end and is no ZIP file; so must its answer be."""
    zipped = Zipped(services.clock.now())
    try:
        account = await services.store.get(Account, log_in.account_id)
        for block in zipped.add_json("konto.json", await account_facts(account, services)):
            yield block
        for block in zipped.add_json("protokoll.json", await journal_facts(account.id, services)):
            yield block
        seed = await open_seed(account.id, services)
        async for notice in in_postbox(account.id, services):
            async with aclosing(_notice(zipped, await _held(notice, seed, log_in, services), services)) as blocks:
                async for block in blocks:
                    yield block
        yield zipped.end()
    except BaseException:
        zipped.give_up()
        raise


async def _notice(zipped: Zipped, held: Held, services: Services) -> AsyncGenerator[bytes, None]:
    notice, content = held.notice, held.content
    folder = f"nachrichten/{local_day(notice.bereitgestellt_at or notice.accepted_at)}-{notice.id}"
    for block in zipped.add_json(f"{folder}/nachricht.json", held.facts):
        yield block
    if held.proof:
        for block in zipped.add(f"{folder}/nachweis.json", held.proof):
            yield block
    if content is None:
        return
    for block in zipped.add(f"{folder}/text.txt", content.text):
        yield block
    for number, attachment in enumerate(content.attachments, 1):
        name = f"{folder}/anhaenge/{number:02}-{NOT_IN_A_NAME.sub('_', attachment.name)}"
        try:
            reader = await open_attachment(notice, attachment, services)
        except (Damaged, NotFound):
            alarm(notice)
            for block in zipped.add(f"{name}-fehlt.txt", MISSING):
                yield block
            continue
        async with aclosing(zipped.add_stream(name, reader.read())) as blocks:
            async for block in blocks:
                yield block


async def _held(notice: Notice, seed: bytes, log_in: LogIn, services: Services) -> Held:
    """Return a notice as far as this person may have it by a link: nothing is fetched here for the first time."""
    try:
        facts = await _facts(notice, await history_of(notice, services), seed, services)
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
    return await _with_proof(Held(notice, {**facts, "aktenzeichen": content.case or None}, content), log_in, services)


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
        "verlangtes_vertrauensniveau": notice.minimum_trust,
        "zeitpunkte": {step: at.isoformat() for step, at in notice.moments().items() if at},
        "festgehalten": [{"schritt": one.step, "zeitpunkt": one.at.isoformat()} for one in history.statements],
        "bekanntgabe": notice.bekanntgabe.model_dump(mode="json") if notice.bekanntgabe else None,
        "rechtsbehelf": notice.rechtsbehelf.model_dump(mode="json") if notice.rechtsbehelf else None,
    }
