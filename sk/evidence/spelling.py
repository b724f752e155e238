"""How statements are spelled: moments, days, hashes and keys in the one way each, known fields and no others."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sk.crypto.sign import decode, encode, load_public
from sk.errors import Damaged

NONCE_BYTES = 16
HASH_BYTES = 32
YEARS = range(1970, 9999)
"""In which moments lie: leaves count from the first, and behind the last there is no local day."""


def hash_of(jws: str) -> str:
    """Return the SHA-256 of a statement's signed bytes, by which the next one points to it."""
    return encode(sha256(jws.encode()).digest())


def moment_text(at: datetime) -> str:
    """Spell a moment as statements do: RFC 3339 in UTC with microseconds."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    """Read a moment in its one spelling; any other is a ValueError."""
    at = datetime.fromisoformat(text)
    if not text.endswith("Z") or moment_text(at) != text or at.year not in YEARS:
        raise ValueError("not the one spelling of a moment")
    return at


def _a_moment(text: str) -> str:
    read_moment(text)
    return text


def _a_day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("not the one spelling of a day")
    return text


def _of_length(count: int) -> AfterValidator:
    def check(text: str) -> str:
        try:
            raw = decode(text)
        except Damaged:
            raw = b""
        if len(raw) != count:
            raise ValueError(f"not {count} bytes in base64url")
        return text

    return AfterValidator(check)


def _a_key(text: str) -> str:
    try:
        load_public(decode(text))
    except Damaged:
        raise ValueError("not an Ed25519 public key, or one of small order") from None
    return text


Moment = Annotated[str, AfterValidator(_a_moment)]
Day = Annotated[str, AfterValidator(_a_day)]
Hash = Annotated[str, _of_length(HASH_BYTES)]
Nonce = Annotated[str, _of_length(NONCE_BYTES)]
PublicKey = Annotated[str, AfterValidator(_a_key)]
Number = Annotated[int, Field(ge=0)]


class Strict(BaseModel):
    """Known fields of known types, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
