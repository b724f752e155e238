"""Search over one's own messages: they are opened one by one, looked through and forgotten. Nothing of it is stored.

Content is searched only of what was fetched already and may be shown to this session; of the rest, what the list says.
"""

import time
import unicodedata
from datetime import datetime
from typing import NamedTuple

from sk.auth.own_key import open_seed
from sk.auth.sessions import LogIn
from sk.errors import Damaged, Forbidden
from sk.postbox.envelope import open_envelope
from sk.postbox.history import alarm
from sk.postbox.notice import Notice
from sk.postbox.release import release
from sk.postbox.sender import sender_of
from sk.services import Services
from sk.store.port import Cursor, cursor_of

AT_ONCE = 50
FOUND_MAX = 25
SECONDS = 1.5
"""How long a search goes on before it tells what it has found so far."""


class Found(NamedTuple):
    """What was found, where to go on, and how far back it was searched; nothing to go on from if that was all."""

    notices: list[Notice]
    after: Cursor | None
    back_to: datetime | None


async def search(words: str, after: Cursor | None, log_in: LogIn, services: Services) -> Found:
    """Return the notices in which all words occur, the newest first, beginning after a place in the postbox."""
    wanted, found, ends_at = plain(words).split(), list[Notice](), time.monotonic() + SECONDS
    seed, account_id = await open_seed(log_in.account_id, services), log_in.account_id
    while page := await services.store.find(
        Notice, "postbox", account_id, after=after, limit=AT_ONCE, newest_first=True
    ):
        for notice in page:
            after = cursor_of(notice, "postbox")
            text = plain(await _said(notice, seed, log_in, services))
            if all(word in text for word in wanted):
                found.append(notice)
            if len(found) == FOUND_MAX or time.monotonic() > ends_at:
                return Found(found, after, notice.bereitgestellt_at)
    return Found(found, None, None)


async def _said(notice: Notice, seed: bytes, log_in: LogIn, services: Services) -> str:
    """Return what this session may read of a notice without fetching it."""
    try:
        said = [await sender_of(notice, services), open_envelope(notice, seed).subject]
        if notice.abgerufen_at:
            _, content = await release(notice.id, log_in, services, by_post=False)
            said += [content.text, content.case, *(attachment.name for attachment in content.attachments)]
    except Damaged:
        alarm(notice)
        return ""
    except Forbidden:  # its time is over, or it demands more than this session has: what the list says is all
        pass
    return "\n".join(said)


def plain(text: str) -> str:
    """Return a text as it is compared: without case, in one spelling of what can be spelled in two ways."""
    return unicodedata.normalize("NFC", text).casefold()
