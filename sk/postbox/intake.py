"""Intake: a notice comes in from an authority. The only step that sees content in the clear, while it streams."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from sk.auth.account import Account, Reason, account_digest
from sk.auth.authority import AuthorityCard
from sk.auth.handles import account_behind
from sk.clock import moment_to_sign
from sk.errors import Conflict, Invalid, NotFound
from sk.evidence.form import NoticeOpening, Opening
from sk.ids import new_id
from sk.postbox.attachments import take_attachment
from sk.postbox.envelope import Envelope, SealedAttachment
from sk.postbox.history import alarm, history_of
from sk.postbox.notice import Notice
from sk.postbox.notice_in import NoticeIn
from sk.postbox.notice_out import AcceptedOut
from sk.postbox.receipt import Kept, Receipt
from sk.services import Services
from sk.web.body import Part

REFUSALS: Mapping[Reason, str] = {
    "postbox-closed": "the postbox takes no notices",
    "no-einwilligung": "the citizen has not agreed to electronic Bekanntgabe",
    "unreachable": "the account cannot reach the trust level that is demanded",
}


class Taken(NamedTuple):
    """The answer to a POST: fresh, or the first one again."""

    notice_id: str
    answer: str
    is_new: bool


async def accept(draft: NoticeIn, parts: AsyncIterator[Part], authority: AuthorityCard, services: Services) -> Taken:
    """Take a notice in and say so; the same reference with the same content again gets the same answer.

    Nothing is stored unless everything is: attachments lie in the object store before the one write that names them.
    """
    if earlier := await _replay(draft, authority, services):
        return earlier
    account = await _recipient(draft, authority, services)
    stored: list[SealedAttachment] = []
    try:
        await _take_attachments(draft, parts, account, stored, services)
        notice, receipt, answer = await _put_together(draft, account, authority, stored, services)
    except BaseException:
        await _forget(stored, services)
        raise
    try:
        await services.store.save(notice, receipt)
    except Conflict:
        await _forget(stored, services)
        if earlier := await _replay(draft, authority, services):
            return earlier
        raise
    # Any other failure leaves open whether the write happened; then objects stay, and `sk doctor` knows whose they are.
    return Taken(notice.id, answer, is_new=True)


async def _recipient(draft: NoticeIn, authority: AuthorityCard, services: Services) -> Account:
    """Return the account that is written to, if it takes notices of this authority."""
    try:
        account = await account_behind(draft.to, authority.authority, services)
    except NotFound:
        said = "towards this authority, no postbox has this handle"
        raise Invalid(said, field="to", problem="unknown-handle") from None
    if reason := account.standing(services.keys.signers).refuses(authority.authority, draft.minimum_trust):
        raise Invalid(REFUSALS[reason], field="to", problem=reason)
    return account


async def _forget(stored: list[SealedAttachment], services: Services) -> None:
    await asyncio.shield(services.objects.delete(*(attachment.object for attachment in stored)))


async def _replay(draft: NoticeIn, authority: AuthorityCard, services: Services) -> Taken | None:
    """Return the first answer if this reference was used for the same content, or None if it is new."""
    index = reference_index(draft.reference, authority.authority, services)
    found = await services.store.find(Notice, "reference", index, limit=1)
    if not found:
        return None
    await history_of(found[0], services)
    if found[0].authority_id != authority.authority:
        raise alarm(found[0])
    try:
        receipt = await services.store.get(Receipt, found[0].id)
    except NotFound:  # its openings were deleted, so that nobody can tell whether it is the same once more
        said = f"the notice {found[0].id} has this reference, and what it was is known no more"
        more = {"id": found[0].id, "your_digest": draft.content_digest()}
        raise Conflict(said, field="reference", problem="reference-taken", more=more) from None
    kept = receipt.open(services.keys.lock_key("records"))
    if kept.content_digest != draft.content_digest():
        raise Conflict(
            f"the notice {found[0].id} has this reference and other content",
            field="reference",
            problem="reference-taken",
            more={"id": found[0].id, "content_digest": kept.content_digest, "your_digest": draft.content_digest()},
        )
    return Taken(found[0].id, kept.answer, is_new=False)


def reference_index(reference: str, authority_id: str, services: Services) -> str:
    """Return the blind index of an authority's own reference."""
    return services.keys.index.blind("reference", f"{authority_id} {reference}")


async def _take_attachments(
    draft: NoticeIn, parts: AsyncIterator[Part], account: Account, stored: list[SealedAttachment], services: Services
) -> None:
    """Store the attachments in the order declared; `stored` knows each one that lies in the object store."""
    for number, declared in enumerate(draft.attachments):
        field = f"attachments.{number}"
        part = await anext(parts, None)
        if part is None:
            said = f"{declared.name} was declared, but there is no part attachment for it"
            raise Invalid(said, field=field, problem="attachment-missing")
        if part.name != "attachment":
            said = f"{declared.name} must come in a part named attachment; the part {part.name} came"
            raise Invalid(said, field=field, problem="attachment-out-of-order")
        stored.append(await take_attachment(declared, part.chunks, account.id, field, services))
    if await anext(parts, None):
        said = f"{len(draft.attachments)} attachments were declared, but more parts came"
        raise Invalid(said, field="attachments", problem="attachment-surplus")


async def _put_together(
    draft: NoticeIn, account: Account, authority: AuthorityCard, stored: list[SealedAttachment], services: Services
) -> tuple[Notice, Receipt, str]:
    """Seal the content to the account, sign the receipt, and lock what web keeps for itself."""
    public = account.public_key(services.keys.signers)
    named = Opening.of(account_digest(account.id))
    notice = Notice(
        id=new_id(),
        account_id=account.id,
        account_salt=named.salt,
        authority_id=authority.authority,
        notice_kind=draft.kind,
        law=draft.law,
        minimum_trust=draft.minimum_trust,
        reference_index=reference_index(draft.reference, authority.authority, services),
        key_generation=public.generation,
        envelope=b"",
        objects=[attachment.object for attachment in stored],
        accepted_at=await moment_to_sign(services.clock),
    )
    envelope = Envelope(subject=draft.subject, text=draft.text, case=draft.case, reply=draft.reply, attachments=stored)
    notice.envelope = envelope.sealed(public, notice.context)
    opening = _opening(draft)
    facts = {**_facts(draft, authority), **notice.digests(), "account": named.commitment()}
    statement = notice.accept(
        services.keys.signer("sign-web"), {**facts, "commitments": opening.commitments().model_dump()}
    )
    answer = AcceptedOut.of(
        notice, draft.reference, {statement.id: statement}, receipt=statement.jws, opening=opening
    ).model_dump_json()
    kept = Kept(
        reference=draft.reference,
        handle=draft.to,
        case=draft.case,
        content_digest=draft.content_digest(),
        opening=opening,
        answer=answer,
    )
    return notice, Receipt.of(notice.id, kept, services.keys.lock_key("records")), answer


def _facts(draft: NoticeIn, authority: AuthorityCard) -> dict[str, Any]:
    """Return what the accepted statement says in the clear: the law, and what its dates depend on."""
    return {
        "kind": draft.kind,
        "law": draft.law,
        "rechtsbehelf": draft.rechtsbehelf,
        "belehrung": draft.belehrung,
        "recipient": draft.recipient and draft.recipient.model_dump(),
        "seat": authority.land,
        "minimum_trust": draft.minimum_trust,
    }


def _opening(draft: NoticeIn) -> NoticeOpening:
    """Return fresh salts for everything that the statements commit to."""
    return NoticeOpening(
        to=_opened(draft.to),
        reference=_opened(draft.reference),
        subject=_opened(draft.subject),
        text=_opened(draft.text),
        attachments=[Opening.of(bytes.fromhex(attachment.sha256)) for attachment in draft.attachments],
    )


def _opened(text: str) -> Opening:
    return Opening.of(sha256(text.encode()).digest())
