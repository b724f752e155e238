"""The envelope of a notice: its content and the keys of its attachments, sealed to the account at once."""

from pydantic import BaseModel, ConfigDict

from sk.auth.account import PublicKey
from sk.crypto import seal
from sk.crypto.context import Context
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
    """What only the account's private half opens."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    subject: str
    text: str = ""
    case: str = ""
    attachments: list[SealedAttachment] = []

    def sealed(self, public: PublicKey, context: Context) -> bytes:
        """Seal the envelope to an account."""
        return seal.seal(public.raw, context, public.generation, self.model_dump_json().encode())


def open_envelope(notice: Notice, seed: bytes) -> Envelope:
    """Return the content of a notice with the account's seed, or raise `Damaged`."""
    return Envelope.model_validate_json(seal.unseal(seed, notice.context, notice.key_generation, notice.envelope))
