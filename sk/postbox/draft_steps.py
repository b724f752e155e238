"""What may become of a draft: sent, by its writer or by another one who releases it, returned, or given up.

Whoever acts names the digest of what they have seen (`Content.seen`); if it is something else by now, nothing happens.
"""

import logging
from contextlib import suppress

from sk.auth.authority import AuthorityCard
from sk.auth.journal import belongs_to
from sk.auth.members import MemberCard
from sk.errors import Conflict, Damaged, Forbidden, NotFound
from sk.events import Event
from sk.postbox.draft import Content, Draft, Opened, reference_of_draft
from sk.postbox.draft_check import ready
from sk.postbox.form_intake import forget
from sk.postbox.intake import accept_draft, reference_index
from sk.postbox.notice import Notice
from sk.postbox.notice_in import NoticeIn
from sk.postbox.receipt import ByHand
from sk.services import Services
from sk.store.port import all_under
from sk.store.races import looking_again

log = logging.getLogger(__name__)


class Sent(NotFound):
    """The draft is none any more: it has become a notice."""

    def __init__(self, notice_id: str) -> None:
        """Name the notice."""
        super().__init__()
        self.notice_id = notice_id


async def open_draft(draft_id: str, authority_id: str, services: Services) -> Opened:
    """Return a draft of an authority; one that was sent is `Sent`, one of another authority is `NotFound`."""
    if notice := await _notice_of(draft_id, authority_id, services):
        raise Sent(notice.id)
    draft = await services.store.get(Draft, draft_id)
    if draft.authority_id != authority_id:
        raise NotFound
    return draft.open(services.keys.lock_key("vault"))


async def drafts_of(authority_id: str, services: Services) -> list[Opened]:
    """Return the drafts of an authority, the newest first. One that is damaged is left out and told of."""
    vault, opened = services.keys.lock_key("vault"), list[Opened]()
    async for draft in all_under(services.store, Draft, "authority", authority_id):
        try:
            if draft.authority_id != authority_id:
                raise Damaged  # noqa: TRY301 - somebody else has put it into this authority's index
            opened.append(draft.open(vault))
        except Damaged:
            log.critical("draft-damaged", extra={"draft_id": draft.id})
    return opened


async def send(opened: Opened, seen: str, member: MemberCard, authority: AuthorityCard, services: Services) -> str:
    """Send what its writer has written, and return the id of the notice. With four eyes another one releases it."""
    if authority.four_eyes:
        raise changed()
    notice_id = await _send(opened, seen, ByHand(written_by=opened.content.written_by), authority, services)
    log.info("sent-by-hand", extra={"notice_id": notice_id, "account_id": member.account})
    return notice_id


async def approve(opened: Opened, seen: str, member: MemberCard, authority: AuthorityCard, services: Services) -> str:
    """Release what another one has written and send it; return the id of the notice."""
    _refuse_unless_waiting(opened.content, member)
    by_hand = ByHand(written_by=opened.content.written_by, approved_by=member.username)
    notice_id = await _send(opened, seen, by_hand, authority, services)
    log.info("approved-by-hand", extra={"notice_id": notice_id, "account_id": member.account})
    return notice_id


async def submit(opened: Opened, seen: str, authority: AuthorityCard, services: Services) -> None:
    """Give a draft to whoever releases it."""
    await _sendable(opened, seen, authority, services)
    await keep(opened, services, state="waiting", remark="", returned_by="")


async def give_back(opened: Opened, seen: str, remark: str, member: MemberCard, services: Services) -> None:
    """Give a draft back to its writer, with a remark."""
    _refuse_unless_waiting(opened.content, member)
    refuse_unseen(opened.content, seen)
    await keep(opened, services, state="returned", remark=remark, returned_by=member.username)


async def give_up(draft: Draft, services: Services, done: Event | None = None) -> None:
    """Remove a draft, and then its attachments; those of a notice stay, whoever has brought its draft back."""
    content = draft.open(services.keys.lock_key("vault")).content
    await services.store.save(done=done, remove=[draft])
    if not await _notice_of(draft.id, draft.authority_id, services):
        await forget(content.attachments, services)


async def give_up_all_for(account_id: str, services: Services) -> None:
    """Give up every draft for an account that is to be gone.

    One that is damaged is left to what removes all that belongs to the account.
    """
    async for draft in all_under(services.store, Draft, "belongs", belongs_to(account_id, services)):
        with suppress(NotFound, Damaged):
            await _give_up_for(account_id, draft.id, services)


@looking_again
async def _give_up_for(account_id: str, draft_id: str, services: Services) -> None:
    draft = await services.store.get(Draft, draft_id)
    if draft.open(services.keys.lock_key("vault")).content.account_id == account_id:
        await give_up(draft, services)


async def keep(opened: Opened, services: Services, **changes: object) -> None:
    """Save what a draft says from now on; who was slower than another change gets `changed`."""
    opened.draft.keep(opened.content.model_copy(update=changes), services)
    try:
        await services.store.save(opened.draft)
    except Conflict as error:
        raise changed() from error


def changed() -> Conflict:
    """Return the refusal of whoever has seen something else than what is there."""
    return Conflict("this draft is not what you have seen any more", problem="draft-changed")


def refuse_unseen(content: Content, seen: str) -> None:
    """Refuse whoever has seen something else than this."""
    if seen != content.seen():
        raise changed()


def _refuse_unless_waiting(content: Content, member: MemberCard) -> None:
    """Let nobody release, or return, what does not wait, or what they have written themselves, whatever their roles."""
    if content.writer == member.account:
        raise Forbidden("nobody releases what they have written themselves", problem="own-draft")
    if content.state != "waiting":
        raise changed()


async def _send(opened: Opened, seen: str, by_hand: ByHand, authority: AuthorityCard, services: Services) -> str:
    posted = await _sendable(opened, seen, authority, services)
    try:
        taken = await accept_draft(posted, opened, by_hand, authority, services)
    except Conflict as error:
        raise changed() from error
    return taken.notice_id


async def _sendable(opened: Opened, seen: str, authority: AuthorityCard, services: Services) -> NoticeIn:
    """Return the notice that a draft is, if it is what was seen and nothing is wrong with it."""
    refuse_unseen(opened.content, seen)
    found = await ready(opened, authority, services)
    if isinstance(found, NoticeIn):
        return found
    raise next(iter(found.values()))


async def _notice_of(draft_id: str, authority_id: str, services: Services) -> Notice | None:
    index = reference_index(reference_of_draft(draft_id), authority_id, services)
    return next(iter(await services.store.find(Notice, "reference", index, limit=1)), None)
