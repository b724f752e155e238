"""A document as its owner comes to it: what lists say of it, what it holds, and the alarm if that does not open."""

import logging
from typing import NamedTuple

from sk.auth.sessions import LogIn
from sk.auth.trust import TrustLevel, reaches
from sk.errors import Damaged, Forbidden, NotFound
from sk.safe.document import Content, Document, Version
from sk.safe.entries import Entry
from sk.safe.safe import Opened, open_safe
from sk.services import Services

log = logging.getLogger(__name__)


class Found(NamedTuple):
    """A document that may be opened, and what it holds."""

    opened: Opened
    entry: Entry
    document: Document
    content: Content

    @property
    def newest(self) -> Version:
        """Return its newest version."""
        return self.content.versions[-1]


async def find_document(document_id: str, log_in: LogIn, services: Services) -> Found:
    """Return a document of this person; any other is as unknown as one that never was."""
    opened = await open_safe(log_in.account_id, services)
    return await open_document(opened, opened.contents.entry(document_id), log_in.level, services)


async def own_entry(document_id: str, log_in: LogIn, services: Services) -> Entry:
    """Return what lists say of a document of this person, who may change it: at the level at which it is opened."""
    entry = (await open_safe(log_in.account_id, services)).contents.entry(document_id)
    _expect_level(entry, log_in.level)
    return entry


async def open_document(opened: Opened, entry: Entry, level: TrustLevel, services: Services) -> Found:
    """Return a document with what it holds, to somebody who has logged in at the level that its authority demanded."""
    _expect_level(entry, level)
    try:
        document = await services.store.get(Document, entry.id)
        return Found(opened, entry, document, document.open(opened.account_id, opened.own))
    except (Damaged, NotFound) as error:
        raise alarm(entry.id) from error


def _expect_level(entry: Entry, level: TrustLevel) -> None:
    if not reaches(level, entry.level):
        raise Forbidden(f"this document demands the trust level {entry.level}", problem="document-level-too-low")


def alarm(document_id: str) -> Forbidden:
    """Tell the operator that a document is damaged, and return what its owner is told."""
    log.critical("document-damaged", extra={"document_id": document_id})
    return Forbidden("this document is damaged and cannot be opened; the operator was told", problem="document-damaged")
