"""Intake: a notice comes in from an authority. The only step that sees content in the clear, while it streams."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from sk.auth.account import Account, Reason, account_digest
from sk.auth.authority import AuthorityCard
from sk.auth.handles import account_behind
from sk.auth.trust import TrustLevel
from sk.clock import moment_to_sign
from sk.errors import Conflict, Invalid, NotFound
from sk.evidence.opening import NoticeOpening, Opening
from sk.ids import new_id
from sk.postbox.attachments import take_attachment
from sk.postbox.draft import Opened
from sk.postbox.envelope import Envelope, SealedAttachment
from sk.postbox.form_intake import forget
from sk.postbox.history import alarm, history_of
from sk.postbox.notice import Notice
from sk.postbox.notice_in import NoticeIn
from sk.postbox.notice_out import AcceptedOut
from sk.postbox.receipt import ByHand, Kept, Receipt
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


async def accept(posted: NoticeIn, parts: AsyncIterator[Part], authority: AuthorityCard, services: Services) -> Taken:
    """Take a notice in and say so; the same reference with the same content again gets the same answer.

    Nothing is stored unless everything is: attachments lie in the object store before the one write that names them.
    """
    if earlier := await _replay(posted, authority, services):
        return earlier
    account = await recipient_of(posted.to, posted.minimum_trust, authority, services)
    stored: list[SealedAttachment] = []
    try:
        await _take_attachments(posted, parts, account, stored, services)
        notice, receipt, answer = await _put_together(posted, account, authority, stored, services)
    except BaseException:
        await forget(stored, services)
        raise
    try:
        await services.store.save(notice, receipt)
    except Conflict:
        await forget(stored, services)
        if earlier := await _replay(posted, authority, services):
            return earlier
        raise
    # Any other failure leaves open whether the write happened; then objects stay, and `sk doctor` knows whose they are.
    return Taken(notice.id, answer, is_new=True)


async def accept_draft(
    posted: NoticeIn, opened: Opened, by_hand: ByHand, authority: AuthorityCard, services: Services
) -> Taken:
    """Take in what a draft says, whose attachments are stored already; the write that does it removes the draft.

    Done twice it is one notice. Who was slower than a change of the draft gets `Conflict`, and nothing is sent.
    """
    account = await recipient_of(posted.to, posted.minimum_trust, authority, services)
    stored = opened.content.attachments
    notice, receipt, answer = await _put_together(posted, account, authority, stored, services, by_hand)
    try:
        await services.store.save(notice, receipt, remove=[opened.draft])
    except Conflict:
        if earlier := await _replay(posted, authority, services):
            return earlier
        raise
    return Taken(notice.id, answer, is_new=True)


async def recipient_of(handle: str, minimum_trust: TrustLevel, authority: AuthorityCard, services: Services) -> Account:
    """Return the account that is written to, if it takes notices of this authority."""
    try:
        account = await account_behind(handle, authority.authority, services)
    except NotFound:
        said = "towards this authority, no postbox has this handle"
        raise Invalid(said, field="to", problem="unknown-handle") from None
    if reason := account.standing(services.keys.signers).refuses(authority.authority, minimum_trust):
        raise Invalid(REFUSALS[reason], field="to", problem=reason)
    return account


async def _replay(posted: NoticeIn, authority: AuthorityCard, services: Services) -> Taken | None:
    """Return the first answer if this reference was used for the same content, or None if it is new."""
    index = reference_index(posted.reference, authority.authority, services)
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
        more = {"id": found[0].id, "your_digest": posted.content_digest()}
        raise Conflict(said, field="reference", problem="reference-taken", more=more) from None
    kept = receipt.open(services.keys.lock_key("records"))
    if kept.content_digest != posted.content_digest():
        raise Conflict(
            f"the notice {found[0].id} has this reference and other content",
            field="reference",
            problem="reference-taken",
            more={"id": found[0].id, "content_digest": kept.content_digest, "your_digest": posted.content_digest()},
        )
    return Taken(found[0].id, kept.answer, is_new=False)


def reference_index(reference: str, authority_id: str, services: Services) -> str:
    """Return the blind index of an authority's own reference."""
    return services.keys.index.blind("reference", f"{authority_id} {reference}")


def case_index(case: str, authority_id: str, services: Services) -> str:
    """Return the blind index of an Aktenzeichen of an authority, or nothing where there is none."""
    return services.keys.index.blind("case", f"{authority_id} {case}") if case else ""


async def _take_attachments(
    posted: NoticeIn, parts: AsyncIterator[Part], account: Account, stored: list[SealedAttachment], services: Services
) -> None:
    """Store the attachments in the order declared; `stored` knows each one that lies in the object store."""
    for number, declared in enumerate(posted.attachments):
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
        said = f"{len(posted.attachments)} attachments were declared, but more parts came"
        raise Invalid(said, field="attachments", problem="attachment-surplus")


async def _put_together(
    posted: NoticeIn,
    account: Account,
    authority: AuthorityCard,
    stored: list[SealedAttachment],
    services: Services,
    by_hand: ByHand | None = None,
) -> tuple[Notice, Receipt, str]:
    """Seal the content to the account, sign the receipt, and lock what web keeps for itself."""
    public = account.public_key(services.keys.signers)
    named = Opening.of(account_digest(account.id))
    notice = Notice(
        id=new_id(),
        account_id=account.id,
        account_salt=named.salt,
        authority_id=authority.authority,
        notice_kind=posted.kind,
        law=posted.law,
        minimum_trust=posted.minimum_trust,
        reference_index=reference_index(posted.reference, authority.authority, services),
        case_index=case_index(posted.case, authority.authority, services),
        key_generation=public.generation,
        envelope=b"",
        objects=[attachment.object for attachment in stored],
        accepted_at=await moment_to_sign(services.clock),
    )
    content = {"subject": posted.subject, "text": posted.text, "case": posted.case, "reply": posted.reply}
    envelope = Envelope(**content, attachments=stored)
    notice.envelope = envelope.sealed(public, notice.context)
    opening = _opening(posted)
    facts = {**facts_of(posted, authority), **notice.digests(), "account": named.commitment()}
    statement = notice.accept(
        services.keys.signer("sign-web"), {**facts, "commitments": opening.commitments().model_dump()}
    )
    answer = AcceptedOut.of(
        notice, posted.reference, {statement.id: statement}, receipt=statement.jws, opening=opening
    ).model_dump_json()
    kept = Kept(
        reference=posted.reference,
        handle=posted.to,
        case=posted.case,
        content_digest=posted.content_digest(),
        opening=opening,
        answer=answer,
        by_hand=by_hand,
    )
    return notice, Receipt.of(notice.id, kept, services.keys.lock_key("records")), answer


def facts_of(posted: NoticeIn, authority: AuthorityCard) -> dict[str, Any]:
    """Return what the accepted statement says in the clear: the law, and what its dates depend on."""
    return {
        "kind": posted.kind,
        "law": posted.law,
        "rechtsbehelf": posted.rechtsbehelf,
        "belehrung": posted.belehrung,
        "recipient": posted.recipient and posted.recipient.model_dump(),
        "seat": authority.land,
        "minimum_trust": posted.minimum_trust,
    }


def _opening(posted: NoticeIn) -> NoticeOpening:
    """Return fresh salts for everything that the statements commit to."""
    return NoticeOpening(
        to=Opening.of_text(posted.to),
        reference=Opening.of_text(posted.reference),
        subject=Opening.of_text(posted.subject),
        text=Opening.of_text(posted.text),
        attachments=[Opening.of(bytes.fromhex(attachment.sha256)) for attachment in posted.attachments],
    )
