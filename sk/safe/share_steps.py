"""What an account does with shares: it grants one and revokes it; and what happens when the time of one is over."""

import logging
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sk.auth.account import account_digest
from sk.auth.authorities import all_registered
from sk.auth.authority import AuthorityCard
from sk.auth.journal import What, belongs_to, entry
from sk.auth.own_key import own_lock
from sk.auth.sessions import LogIn
from sk.clock import SKEW, day_ends_at, local_day, moment_to_sign
from sk.crypto.context import Context
from sk.crypto.seal import seal
from sk.crypto.sign import decode
from sk.errors import Damaged, Invalid, NotFound
from sk.events import ShareEnded
from sk.evidence.form_beside import FETCHES_MAX
from sk.evidence.opening import Opening, ShareOpening
from sk.evidence.spelling import moment_text
from sk.evidence.statement import LockedOpening, Place, make_statement, statement_id
from sk.postbox.notice_in import LINE
from sk.safe.document import Version
from sk.safe.found import Found, open_document
from sk.safe.safe import open_safe
from sk.safe.share import DOCUMENTS_MAX, Access, Opened, Opens, Share, Shared, Terms, own_share, told
from sk.services import Services
from sk.store.races import looking_again

PURPOSE_MAX = 200
LONGEST = timedelta(days=366)
log = logging.getLogger(__name__)


class Wish(NamedTuple):
    """What somebody asks for: which documents who may have for what, until which day, and how often each.

    `token` is that of the page on which they have confirmed it: sent off twice, it is one share.
    """

    documents: Sequence[str]
    recipient: str
    purpose: str
    until: date
    fetches: int
    token: str = ""


class Prepared(NamedTuple):
    """What can be granted: to whom, what for, and the documents themselves."""

    recipient: AuthorityCard
    purpose: str
    documents: Sequence[Found]


async def recipients(services: Services) -> dict[str, AuthorityCard]:
    """Return the authorities that can be given something, by their ids, in the order of their names."""
    known = await all_registered(services)
    return {id_: card for id_, card in known.items() if not card.disabled and "safe:read" in card.scopes}


async def prepare(wish: Wish, log_in: LogIn, services: Services) -> Prepared:
    """Return what a wish comes to, if all of it can be."""
    purpose = _checked(wish, services.clock.now())
    recipient = (await recipients(services)).get(wish.recipient)
    if recipient is None:
        raise Invalid("there is no such recipient", field="recipient", problem="choice-missing")
    opened = await open_safe(log_in.account_id, services)
    entries = [opened.contents.entry(document_id) for document_id in wish.documents]
    if any(one.trashed_at for one in entries):
        raise NotFound("what is in the trash is not shared")
    documents = [await open_document(opened, one, log_in.level, services) for one in entries]
    return Prepared(recipient, purpose, documents)


@looking_again
async def grant(wish: Wish, log_in: LogIn, services: Services) -> str:
    """Share documents as they are now, and return the id of the share."""
    id_ = _share_id(wish, log_in.account_id, services)
    if await services.store.get_many(Share, [id_]):
        return id_
    now = await moment_to_sign(services.clock)
    prepared = await prepare(wish, log_in, services)
    recipient, documents = prepared.recipient, prepared.documents
    until = day_ends_at(wish.until)
    opening = ShareOpening.of(prepared.purpose, (bytes.fromhex(one.newest.sha256) for one in documents))
    account = Opening.of(account_digest(log_in.account_id))
    facts = {
        "means": log_in.means,
        "level": log_in.level,
        "until": moment_text(until),
        "fetches": wish.fetches,
        "commitments": opening.commitments(account.commitment()).model_dump(),
    }
    place = Place(recipient.authority, number=1, share_id=id_)
    statement = make_statement(services.keys.signer("sign-web"), "share-granted", now, facts, place)
    share = Share(id=id_, authority_id=recipient.authority, belongs=belongs_to(log_in.account_id, services))
    shared = tuple(_shared(one) for one in documents)
    terms = Terms(recipient=recipient.name, opening=opening, documents=shared, stated=1)
    share.keep(log_in.account_id, terms, await own_lock(log_in.account_id, services))
    opens = [_opens(one.newest, recipient, statement_id(id_, number)) for number, one in enumerate(documents, 1)]
    records = services.keys.lock_key("records")
    share.give(Access(account=log_in.account_id, documents=tuple(opens)), records)
    share.bear(statement, LockedOpening.of(statement, {"account": account}, records))
    share.bear(entry(log_in.account_id, "share-granted", now, services, authority=recipient.name))
    share.emit(ShareEnded(share_id=id_), due=until)
    await services.store.save(share)
    return id_


@looking_again
async def revoke(share_id: str, account_id: str, services: Services) -> None:
    """Let nothing be fetched of a share any more. What has ended stays as it is."""
    one, now = await own_share(share_id, account_id, services), await moment_to_sign(services.clock)
    if one.phase(now) in ("revoked", "over"):
        return
    one.state("share-revoked", one.not_before_the_last(now), {"by": "account"}, services)
    _end(one, "share-revoked", now, services)
    await services.store.save(one.stored)


async def end_share(event: ShareEnded, services: Services) -> None:
    """Take out of a share whose time is over what opens its documents."""
    stored = (await services.store.get_many(Share, [event.share_id])).get(event.share_id)
    try:
        access = stored.taken(services.keys.lock_key("records")) if stored else None
        one = await told(stored, access.account, services) if stored and access and access.documents else None
    except Damaged:
        log.critical("share-damaged", extra={"share_id": event.share_id})
        one = None
    if one is None:
        await services.store.save(done=event)
        return
    now = services.clock.now()
    if now + SKEW < one.until:
        log.critical("event-before-its-day", extra={"share_id": one.id})
        await services.store.retry(event, at=one.until, error="it came before its day")
        return
    _end(one, "share-over", now, services)
    await services.store.save(one.stored, done=event)


def _end(one: Opened, what: What, now: datetime, services: Services) -> None:
    """Leave nothing in a share that opens a document, and have its owner read in the journal why."""
    one.stored.give(Access(account=one.account_id), services.keys.lock_key("records"))
    one.stored.bear(entry(one.account_id, what, now, services, authority=one.terms.recipient))


def _share_id(wish: Wish, account_id: str, services: Services) -> str:
    """Return the id that follows from a wish, blindly. What somebody has changed on the page is another wish."""
    words = [account_id, wish.token, wish.recipient, wish.purpose, str(wish.until), str(wish.fetches), *wish.documents]
    return services.keys.index.blind_id("share", "\n".join(words))


def _checked(wish: Wish, now: datetime) -> str:
    """Return the purpose, if all of a wish can be that can be told by itself."""
    today, purpose = local_day(now), wish.purpose.strip()
    if not wish.documents:
        raise Invalid("nothing was chosen to be shared", field="documents", problem="documents-missing")
    if len(wish.documents) > DOCUMENTS_MAX or len({*wish.documents}) < len(wish.documents):
        said = f"a share has at most {DOCUMENTS_MAX} documents, each once"
        raise Invalid(said, field="documents", problem="documents-many")
    if not purpose:
        raise Invalid("a share says what it is for", field="purpose", problem="field-missing")
    if len(purpose) > PURPOSE_MAX:
        raise Invalid(f"a purpose has at most {PURPOSE_MAX} characters", field="purpose", problem="field-too-long")
    if re.search(LINE.pattern, purpose):
        raise Invalid(LINE.words, field="purpose")
    if wish.until < today:
        raise Invalid("a share ends today or later", field="until", problem="day-past")
    if wish.until > today + LONGEST:
        raise Invalid(f"a share ends within {LONGEST.days} days", field="until", problem="share-long")
    if not 1 <= wish.fetches <= FETCHES_MAX:
        said = f"each document can be fetched from once to {FETCHES_MAX} times"
        raise Invalid(said, field="fetches", problem="fetches-many")
    return purpose


def _shared(found: Found) -> Shared:
    newest, number = found.newest, len(found.content.versions)
    return Shared(document=found.entry.id, version=number, name=found.entry.name, type=newest.type, size=newest.size)


def _opens(version: Version, recipient: AuthorityCard, place: str) -> Opens:
    """Return what opens a version to a recipient: for one that has a key of its own, nothing that opens it here."""
    if not recipient.sealing_key:
        return Opens(key=version.key, streams=version.streams)
    sealed = seal(decode(recipient.sealing_key), Context("share-key", "", place), 1, version.key)
    return Opens(sealed_key=sealed, streams=version.streams)
