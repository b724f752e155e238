"""The bundle: all that somebody needs who verifies what happened to a notice or a share (docs/formats/bundle.md).

There is nothing in it that is not signed, hashed or computed again, and one way only to spell it. Strangers send
bundles to be verified, so all of it is bounded, and what is wrong is told of one thing, not of each.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from sk.crypto.sign import encode, read_strictly
from sk.errors import Invalid
from sk.evidence.opening import NoticeOpening, ReplyOpening, ShareOpening, VollmachtOpening
from sk.evidence.spelling import Hash, Moment, Number, Strict

SHARE_VERSION = "sk-share-bundle/1"
BUNDLE_MAX_BYTES = 16 * 1024 * 1024
ENTRIES_MAX = 1000
STAMPS_MAX = 2 * ENTRIES_MAX
ABOUT_VOLLMACHT_MAX = 3
MEMBERS_MAX = 10
"""Of the largest object in a bundle, which is the bundle."""
Signed = Annotated[str, Field(max_length=64 * 1024)]
Token = Annotated[str, Field(max_length=88 * 1024)]
"""64 KiB in base64url: what is taken of an authority (`sk/workers/stamping.py`)."""
Note = Annotated[str, Field(max_length=4 * 1024)]
Proof = Annotated[list[Hash], Field(max_length=64, fail_fast=True)]


class Logged(Strict):
    """A statement as it was signed, and the proof that it stands in the log: hashes from the bottom to the top."""

    index: Number
    logged_at: Moment
    proof: Proof
    statement: Signed


class Stamp(Strict):
    """A time stamp (RFC 3161) over a checkpoint, and the proof that the bundle's checkpoint continues that one."""

    checkpoint: Note
    proof: Proof
    token: Token


Entries = Annotated[list[Logged], Field(max_length=ENTRIES_MAX, fail_fast=True)]
Stamps = Annotated[list[Stamp], Field(max_length=STAMPS_MAX, fail_fast=True)]


class BundledVollmacht(Strict):
    """A Vollmacht by which somebody has acted: all statements about it, and what they commit to, if it is there."""

    statements: Annotated[list[Logged], Field(max_length=ABOUT_VOLLMACHT_MAX, fail_fast=True)]
    opening: VollmachtOpening | None


class Bundle(Strict):
    """The evidence about one notice. `vkey` is a claim: whoever verifies knows the right one from elsewhere.

    `replies` and `vollmachten` are left out where there is none.
    """

    v: Literal["sk-bundle/1"]
    vkey: Note
    checkpoint: Note
    keys: Entries
    statements: Entries
    opening: NoticeOpening | None
    replies: Annotated[list[ReplyOpening | None], Field(max_length=ENTRIES_MAX, fail_fast=True)] = []
    vollmachten: Annotated[list[BundledVollmacht], Field(max_length=ENTRIES_MAX, fail_fast=True)] = []
    stamps: Stamps
    as_of: Signed

    def text(self) -> str:
        """Return the bundle in its one spelling: compact JSON in this order of names."""
        return self.model_dump_json(exclude={name for name in ("replies", "vollmachten") if not getattr(self, name)})


class ShareBundle(Strict):
    """The evidence about one share of documents, in the same manner."""

    v: Literal["sk-share-bundle/1"]
    vkey: Note
    checkpoint: Note
    keys: Entries
    statements: Entries
    opening: ShareOpening | None
    stamps: Stamps
    as_of: Signed

    def text(self) -> str:
        """Return the bundle in its one spelling."""
        return self.model_dump_json()


def read_bundle(raw: bytes) -> Bundle | ShareBundle:
    """Read a bundle in its one spelling; anything else is `Invalid`, saying in a sentence what it is."""
    if len(raw) > BUNDLE_MAX_BYTES:
        raise Invalid(f"a bundle has at most {BUNDLE_MAX_BYTES} bytes", problem="unreadable")
    try:
        value = read_strictly(raw)
        _refuse_crowded(value)
        is_share = value.get("v") == SHARE_VERSION
        bundle = ShareBundle.model_validate(value) if is_share else Bundle.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise Invalid(f"this is no bundle: {place}: {first['msg']}", problem="unreadable") from None
    except ValueError as error:
        raise Invalid(f"this is no bundle: {error}", problem="unreadable") from None
    if bundle.text().encode() != raw:
        raise Invalid("this bundle is spelled in another way than bundles are", problem="unreadable")
    return bundle


def _refuse_crowded(value: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Refuse objects with more members than any has: each unknown one would be an error of its own, to be kept."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if len(one) > MEMBERS_MAX:
                raise ValueError(f"an object has more than {MEMBERS_MAX} members")
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def stamps_hash(stamps: Sequence[Stamp]) -> str | None:
    """Return what `as-of` says about the time stamps: the SHA-256 of their array as it is spelled, or None of none."""
    if not stamps:
        return None
    return encode(sha256(f"[{','.join(stamp.model_dump_json() for stamp in stamps)}]".encode()).digest())


def vollmachten_hash(vollmachten: Sequence[BundledVollmacht]) -> str:
    """Return what `as-of` says about Vollmachten: the SHA-256 of the JSON of what was stated, or nothing."""
    said = [[logged.statement for logged in one.statements] for one in vollmachten]
    return encode(sha256(json.dumps(said, separators=(",", ":")).encode()).digest()) if said else ""
