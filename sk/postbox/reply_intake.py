"""A reply comes in from a citizen: its text, then its files as they stream, then one write of all of it."""

import re
from collections.abc import AsyncIterator
from hashlib import sha256

from pydantic import BaseModel

from sk.auth.own_key import own_lock
from sk.auth.sessions import LogIn
from sk.auth.trust import reaches
from sk.auth.vollmacht import Opened
from sk.clock import moment_to_sign
from sk.errors import Damaged, Forbidden, Invalid, SkError, Unavailable
from sk.postbox.acting import acting_on, beside_act, level_of, moment_of_act, session_facts
from sk.postbox.envelope import Envelope, SealedAttachment
from sk.postbox.form_intake import forget, take_files, text_of
from sk.postbox.history import history_of
from sk.postbox.notice import Notice, objects_digest
from sk.postbox.notice_in import TEXT
from sk.postbox.receipt import Receipt
from sk.postbox.release import release
from sk.postbox.reply import Content, Reply
from sk.services import Services
from sk.store.races import looking_again
from sk.web.body import Malformed, Part

TEXT_MAX = 100_000
TEXT_MAX_BYTES = 4 * TEXT_MAX
TOKEN_MAX_BYTES = 64
REPLIES_MAX = 100
"""To one notice: a bundle of evidence holds a thousand statements at most."""


class Draft(BaseModel):
    """What somebody has entered, to be shown again if something is wrong, and the token of the form."""

    token: str = ""
    text: str = ""


async def answerable(notice_id: str, log_in: LogIn, services: Services) -> tuple[Notice, Envelope, Opened | None]:
    """Return a notice that takes a reply, one that was fetched and whose authority wants it, and by what one replies.

    That is a Vollmacht which covers it, or None in one's own postbox.
    """
    notice, envelope = await release(notice_id, log_in, services, by_post=False)
    if not envelope.reply:
        raise Forbidden("this notice takes no reply", problem="no-reply")
    vollmacht = await acting_on(notice, log_in, services, replying=True)
    is_enough = reaches(level_of(log_in, vollmacht), notice.minimum_trust)
    if vollmacht and not (vollmacht.terms.replies and is_enough):
        raise Forbidden("the Vollmacht does not cover replies", problem="no-reply-by-vollmacht")
    return notice, envelope, vollmacht


async def send_reply(
    notice_id: str, parts: AsyncIterator[Part], draft: Draft, log_in: LogIn, services: Services
) -> None:
    """Take a reply in; one that was taken in before stays as it is. `draft` knows what has come so far.

    Nothing is stored unless everything is: files lie in the object store before the one write that names them.
    """
    notice, _, _ = await answerable(notice_id, log_in, services)
    stored: list[SealedAttachment] = []
    try:
        await _take_in(parts, draft, stored, notice, services)
    except BaseException:
        await forget(stored, services)
        raise
    content = Content(text=draft.text, attachments=stored)
    try:
        is_ours = await _save(_reply_id(notice, draft.token, content, services), content, notice_id, log_in, services)
    except (SkError, Damaged) as error:
        # `Unavailable` leaves open whether the write happened: then files stay, and `sk doctor` knows whose they are.
        if not isinstance(error, Unavailable):
            await forget(stored, services)
        raise
    if not is_ours:
        await forget(stored, services)


@looking_again
async def _save(reply_id: str, content: Content, notice_id: str, log_in: LogIn, services: Services) -> bool:
    """Save a reply with its statement, unless the other press of the button was quicker; tell which it was."""
    notice, _, vollmacht = await answerable(notice_id, log_in, services)
    history = await history_of(notice, services)
    if any(says["reply"] == reply_id for says in history.replies):
        return False
    if len(history.replies) >= REPLIES_MAX:
        raise Invalid(f"a notice takes at most {REPLIES_MAX} replies", problem="replies-many")
    records = services.keys.lock_key("records")
    receipt = await services.store.get(Receipt, notice.id)
    kept = receipt.open(records)
    opening = content.opening()
    receipt.keep(kept.model_copy(update={"replies": {**kept.replies, reply_id: opening}}), records)
    reply = Reply.of(reply_id, notice, content, await own_lock(notice.account_id, services))
    facts = {
        "reply": reply_id,
        **session_facts(log_in, vollmacht),
        "objects": objects_digest(reply.objects),
        "contents": opening.commitments().model_dump(),
    }
    at = moment_of_act(await moment_to_sign(services.clock), notice, vollmacht)
    notice.record_reply(at, services.keys.signer("sign-web"), facts)
    beside = await beside_act("vollmacht-replied", notice, vollmacht, receipt, services) if vollmacht else []
    await services.store.save(notice, receipt, reply, *beside)
    return True


def _reply_id(notice: Notice, token: str, content: Content, services: Services) -> str:
    """Return the id that follows from a form and what is in it.

    Sent twice it is one reply; sent again with other words, from the page before in a browser, it is another one.
    """
    digests = [sha256(content.text.encode()).hexdigest(), *(one.sha256 for one in content.attachments)]
    return services.keys.index.blind_id("reply", " ".join([notice.id, *digests, token]))


async def _take_in(
    parts: AsyncIterator[Part], draft: Draft, stored: list[SealedAttachment], notice: Notice, services: Services
) -> None:
    """Read the text and store the files; `stored` knows each one that lies in the object store."""
    draft.token = await _entered(parts, "token", TOKEN_MAX_BYTES)
    draft.text = (await _entered(parts, "text", TEXT_MAX_BYTES)).replace("\r\n", "\n")
    if len(draft.text) > TEXT_MAX:
        raise Invalid(f"a text has at most {TEXT_MAX} characters", field="text", problem="field-too-long")
    if re.search(TEXT.pattern, draft.text):
        raise Invalid(TEXT.words, field="text")
    await take_files(parts, stored, notice.account_id, services)
    if not draft.text.strip() and not stored:
        raise Invalid("a reply has a text or a file", field="text", problem="reply-empty")


async def _entered(parts: AsyncIterator[Part], name: str, most: int) -> str:
    """Return what was entered in the field that comes next."""
    part = await anext(parts, None)
    if part is None or part.name != name:
        raise Malformed(f"the part {name} is missing", field=name)
    return await text_of(part, most)
