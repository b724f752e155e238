"""A draft comes in from the form in which it is written: its fields, then its files as they stream, then one write."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from sk.auth.authority import AuthorityCard
from sk.auth.members import MemberCard
from sk.errors import Conflict, Invalid, SkError, Unavailable
from sk.postbox.draft import Content, Draft, Entered, Opened
from sk.postbox.draft_check import Wrong
from sk.postbox.draft_steps import keep, open_draft, refuse_unseen
from sk.postbox.envelope import SealedAttachment, numbered
from sk.postbox.form_intake import forget, take_files, text_of
from sk.postbox.intake import recipient_of
from sk.services import Services
from sk.web.body import Malformed, Part

LINE_MAX_BYTES = 4096
TEXT_MAX_BYTES = 400_000
FIELDS: Mapping[str, int] = {
    **dict.fromkeys(("token", "seen", *Entered.model_fields), LINE_MAX_BYTES),
    "text": TEXT_MAX_BYTES,
}
"""The fields of the form, and how many bytes each may have. They come before the files."""


@dataclass
class Form:
    """What has come of a form so far, to be shown again, and what is wrong with its files.

    `token` is that of a form for something new, `seen` the digest of the draft that was shown in it.
    """

    entered: Entered = field(default_factory=Entered)
    token: str = ""
    seen: str = ""
    wrong: Wrong = field(default_factory=dict)


async def begin_draft(
    parts: AsyncIterator[Part], form: Form, member: MemberCard, authority: AuthorityCard, services: Services
) -> Opened:
    """Take in something new. A form that is sent twice is one draft: the first one.

    Nothing is stored if the recipient is refused; else everything is, whatever else is wrong with it.
    """
    files = await _read_fields(parts, form)
    draft_id = _id_of(form.token, member, services)
    account_id = await _account_id(form.entered, authority, services)
    content = Content(
        entered=form.entered,
        attachments=await _take(files, form, [], account_id, services),
        account_id=account_id,
        writer=member.account,
        written_by=member.username,
        written_at=services.clock.now(),
    )
    begun = Opened(Draft.begun(draft_id, authority.authority, services), content)
    try:
        await _save(begun, content.attachments, services)
    except Conflict:
        return await open_draft(draft_id, authority.authority, services)
    return begun


async def change_draft(
    parts: AsyncIterator[Part], form: Form, opened: Opened, authority: AuthorityCard, services: Services
) -> Opened:
    """Take in what was changed, with files that come in addition. What waited to be released waits no more."""
    content = opened.content
    files = await _read_fields(parts, form)
    refuse_unseen(content, form.seen)
    account_id = content.account_id
    if form.entered.to != content.entered.to:
        account_id = await _account_id(form.entered, authority, services)
        if content.attachments and account_id != content.account_id:
            said = "the files are sealed for the recipient who was named first"
            raise Invalid(said, field="to", problem="files-for-another")
    stored = await _take(files, form, content.attachments, account_id, services)
    attachments, now = [*content.attachments, *stored], services.clock.now()
    content = content.edited(entered=form.entered, account_id=account_id, attachments=attachments, written_at=now)
    edited = Opened(opened.draft, content)
    await _save(edited, stored, services)
    return edited


async def remove_file(opened: Opened, number: str, seen: str, services: Services) -> None:
    """Remove a file from a draft, and then from the store. What waited to be released waits no more."""
    content = opened.content
    refuse_unseen(content, seen)
    gone = numbered(content.attachments, number)
    left = [one for one in content.attachments if one is not gone]
    await keep(Opened(opened.draft, content.edited(attachments=left)), services)
    await forget([gone], services)


async def _read_fields(parts: AsyncIterator[Part], form: Form) -> AsyncIterator[Part]:
    """Read the fields into the form, and return the parts from the first one on that is none."""
    entered: dict[str, str] = {}
    first: Part | None = None
    async for part in parts:
        if part.name not in FIELDS:
            first = part
            break
        said = await text_of(part, FIELDS[part.name])
        entered[part.name] = said.replace("\r\n", "\n") if part.name == "text" else said.strip()
        form.token, form.seen = entered.get("token", ""), entered.get("seen", "")
        form.entered = Entered(**{name: value for name, value in entered.items() if name in Entered.model_fields})
        form.entered.to = "".join(form.entered.to.split()).lower()  # people group long words, and begin them large
    return _from(first, parts)


async def _from(first: Part | None, rest: AsyncIterator[Part]) -> AsyncIterator[Part]:
    if first:
        yield first
    async for part in rest:
        yield part


async def _account_id(entered: Entered, authority: AuthorityCard, services: Services) -> str:
    """Return the recipient. A level that they cannot reach is for later: it may still be another one."""
    if not entered.to:
        raise Invalid("this has to be filled in", field="to", problem="field-missing")
    return (await recipient_of(entered.to, "low", authority, services)).id


async def _take(
    files: AsyncIterator[Part], form: Form, before: list[SealedAttachment], account_id: str, services: Services
) -> list[SealedAttachment]:
    """Store the files that come in addition. One that is refused ends it, and is told of; those before it stay."""
    stored = [*before]
    try:
        await take_files(files, stored, account_id, services)
    except BaseException as error:
        if not isinstance(error, Invalid) or isinstance(error, Malformed):
            await forget(stored[len(before) :], services)
            raise
        form.wrong["files"] = error
    return stored[len(before) :]


async def _save(opened: Opened, stored: list[SealedAttachment], services: Services) -> None:
    """Save a draft with its new files; if it is certain that it was not saved, they go."""
    try:
        await keep(opened, services)
    except SkError as error:
        if not isinstance(error, Unavailable):
            await forget(stored, services)
        raise


def _id_of(token: str, member: MemberCard, services: Services) -> str:
    """Return the id that follows from a form and whose it is, so that it makes one draft however often it is sent."""
    if not token:
        raise Malformed("the part token is missing", field="token")
    return services.keys.index.blind_id("draft", f"{member.authority} {member.account} {token}")
