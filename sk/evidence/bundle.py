"""The bundle: everything that somebody needs who wants to verify what happened to a notice (docs/formats/bundle.md).

There is nothing in it that is not signed, hashed or computed again, and one way only to spell it.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Literal, Self

from pydantic import ValidationError

from sk.crypto.sign import encode, read_strictly
from sk.errors import Invalid
from sk.evidence.form import Hash, Moment, NoticeOpening, Number, Strict

VERSION = "sk-bundle/1"
BUNDLE_MAX_BYTES = 16 * 1024 * 1024


class Logged(Strict):
    """A statement as it was signed, and the proof that it stands in the log: hashes from the bottom to the top."""

    index: Number
    logged_at: Moment
    proof: list[Hash]
    statement: str


class Stamp(Strict):
    """A time stamp (RFC 3161) over a checkpoint, and the proof that the bundle's checkpoint continues that one."""

    checkpoint: str
    proof: list[Hash]
    token: str


class Bundle(Strict):
    """The evidence about one notice. `vkey` is a claim: whoever verifies knows the right one from elsewhere."""

    v: Literal["sk-bundle/1"]
    vkey: str
    checkpoint: str
    keys: list[Logged]
    statements: list[Logged]
    opening: NoticeOpening | None
    stamps: list[Stamp]
    as_of: str

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Read a bundle in its one spelling; anything else is `Invalid`, saying in a sentence what it is."""
        if len(raw) > BUNDLE_MAX_BYTES:
            raise Invalid(f"a bundle has at most {BUNDLE_MAX_BYTES} bytes", problem="unreadable")
        try:
            bundle = cls.model_validate(read_strictly(raw))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise Invalid(f"this is no bundle: {place}: {first['msg']}", problem="unreadable") from None
        except ValueError as error:
            raise Invalid(f"this is no bundle: {error}", problem="unreadable") from None
        if bundle.text().encode() != raw:
            raise Invalid("this bundle is spelled in another way than bundles are", problem="unreadable")
        return bundle

    def text(self) -> str:
        """Return the bundle in its one spelling: compact JSON in this order of names."""
        return self.model_dump_json()


def stamps_hash(stamps: Sequence[Stamp]) -> str | None:
    """Return what `as-of` says about the time stamps: the SHA-256 of their array as it is spelled, or None of none."""
    if not stamps:
        return None
    return encode(sha256(f"[{','.join(stamp.model_dump_json() for stamp in stamps)}]".encode()).digest())
