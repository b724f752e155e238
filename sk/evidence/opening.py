"""Commitments, which say nothing by themselves, and the openings by which they say which content was meant."""

from collections.abc import Iterable
from hashlib import sha256
from secrets import token_bytes
from typing import Annotated, Self

from pydantic import Field

from sk.crypto.sign import decode, encode
from sk.evidence.spelling import Hash, Strict

SALT_BYTES = 32
ATTACHMENTS_MAX = 1000
DOCUMENT_MAX = 10_000
SHARED_MAX = 50
"""Documents in one share."""


class Opening(Strict):
    """What opens one commitment: the salt, and the SHA-256 of the content."""

    salt: Hash
    sha256: Hash

    @classmethod
    def of(cls, digest: bytes) -> "Opening":
        """Return a fresh opening for content with this SHA-256."""
        return cls(salt=encode(token_bytes(SALT_BYTES)), sha256=encode(digest))

    @classmethod
    def of_text(cls, text: str) -> "Opening":
        """Return a fresh opening for a text."""
        return cls.of(sha256(text.encode()).digest())

    def commitment(self) -> str:
        """Return SHA-256(salt ‖ SHA-256(content)), which says nothing to anybody who has not the salt."""
        return encode(sha256(decode(self.salt) + decode(self.sha256)).digest())


def commitment_to(text: str, salt: str) -> str:
    """Return the commitment to a text under a salt."""
    return Opening(salt=salt, sha256=encode(sha256(text.encode()).digest())).commitment()


class Commitments(Strict):
    """What a notice's statements commit to; attachments in their order."""

    to: Hash
    reference: Hash
    subject: Hash
    text: Hash
    attachments: Annotated[list[Hash], Field(max_length=ATTACHMENTS_MAX, fail_fast=True)]


class NoticeOpening(Strict):
    """The openings of everything that the statements about a notice commit to."""

    to: Opening
    reference: Opening
    subject: Opening
    text: Opening
    attachments: Annotated[list[Opening], Field(max_length=ATTACHMENTS_MAX, fail_fast=True)]

    def commitments(self) -> Commitments:
        """Return the commitments, in the same shape."""
        named = {name: getattr(self, name).commitment() for name in ("to", "reference", "subject", "text")}
        return Commitments(**named, attachments=[opening.commitment() for opening in self.attachments])


class ReplyCommitments(Strict):
    """What the statement about a reply commits to; attachments in their order."""

    text: Hash
    attachments: Annotated[list[Hash], Field(max_length=ATTACHMENTS_MAX, fail_fast=True)]


class ReplyOpening(Strict):
    """The openings of what the statement about a reply commits to."""

    text: Opening
    attachments: Annotated[list[Opening], Field(max_length=ATTACHMENTS_MAX, fail_fast=True)]

    def commitments(self) -> ReplyCommitments:
        """Return the commitments, in the same shape."""
        attachments = [opening.commitment() for opening in self.attachments]
        return ReplyCommitments(text=self.text.commitment(), attachments=attachments)


class GrantedCommitments(Strict):
    """What the granting of a Vollmacht commits to: whose postbox, and the words of the document."""

    account: Hash
    document: Hash


class AcceptedCommitments(Strict):
    """What the accepting of a Vollmacht commits to: which account, and whose it says it is."""

    account: Hash
    name: Hash


class VollmachtOpening(Strict):
    """What opens the commitments of a Vollmacht that others may read: its document, and who has accepted it."""

    document: Annotated[str, Field(max_length=DOCUMENT_MAX)]
    document_salt: Hash
    name: Annotated[str, Field(max_length=DOCUMENT_MAX)]
    name_salt: Hash

    def commitments(self) -> tuple[str, str]:
        """Return what document and name were committed to by."""
        return commitment_to(self.document, self.document_salt), commitment_to(self.name, self.name_salt)


class ShareCommitments(Strict):
    """What the granting of a share commits to: whose documents, what for, and which ones, in the order of numbers."""

    account: Hash
    purpose: Hash
    documents: Annotated[list[Hash], Field(min_length=1, max_length=SHARED_MAX, fail_fast=True)]


class ShareOpening(Strict):
    """What opens the commitments of a share that owner and recipient may read: its purpose, and its documents."""

    purpose: Annotated[str, Field(max_length=DOCUMENT_MAX)]
    purpose_salt: Hash
    documents: Annotated[list[Opening], Field(min_length=1, max_length=SHARED_MAX, fail_fast=True)]

    @classmethod
    def of(cls, purpose: str, digests: Iterable[bytes]) -> Self:
        """Return a fresh opening for a purpose, and for documents with these SHA-256."""
        salt, documents = encode(token_bytes(SALT_BYTES)), [Opening.of(digest) for digest in digests]
        return cls(purpose=purpose, purpose_salt=salt, documents=documents)

    def commitments(self, account: str) -> ShareCommitments:
        """Return the commitments, among them the one to the account, which others do not open."""
        purpose = commitment_to(self.purpose, self.purpose_salt)
        return ShareCommitments(
            account=account, purpose=purpose, documents=[opening.commitment() for opening in self.documents]
        )
