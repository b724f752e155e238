"""The envelope of a notice: its content and the keys of its attachments, sealed to the account at once."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from sk.auth.account import PublicKey
from sk.crypto import seal
from sk.crypto.context import Context
from sk.errors import NotFound
from sk.postbox.notice import Notice


class SealedAttachment(BaseModel):
    """An attachment as the envelope lists it: what it is, where its bytes lie, and the key that opens them."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    name: str
    type: str
    size: int
    sha256: str
    object: str
    key: bytes


class Envelope(BaseModel):
    """What only the account's private half opens. `reply` says that its authority takes a reply."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    subject: str
    text: str = ""
    case: str = ""
    reply: bool = False
    attachments: list[SealedAttachment] = []

    def sealed(self, public: PublicKey, context: Context) -> bytes:
        """Seal the envelope to an account."""
        return seal.seal(public.raw, context, public.generation, self.model_dump_json().encode())


def numbered(attachments: Sequence[SealedAttachment], number: str) -> SealedAttachment:
    """Return an attachment by its number in an address, from 1 on."""
    found = {str(place): attachment for place, attachment in enumerate(attachments, 1)}
    if number not in found:
        raise NotFound("there is no such attachment")
    return found[number]


def open_envelope(notice: Notice, seed: bytes) -> Envelope:
    """Return the content of a notice with the account's seed, or raise `Damaged`."""
    return Envelope.model_validate_json(seal.unseal(seed, notice.context, notice.key_generation, notice.envelope))
