"""Checkpoints that a time-stamp authority has stamped, as the store keeps them."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from cryptography.x509 import Certificate

from sk.config import Settings
from sk.errors import Invalid
from sk.evidence.stamps import trusted_authorities
from sk.store.port import Aggregate, Key


class StampedCheckpoint(Aggregate):
    """A checkpoint of one log, and the authority's response (RFC 3161) about it, byte for byte."""

    kind: ClassVar[str] = "stamp"

    log_number: int
    size: int
    note: str
    token: bytes

    def keys(self) -> Iterable[Key]:
        """Stand in the order of that log: what a restore has closed is another one, of which sizes come again."""
        yield Key("stamps", str(self.log_number), self.size)


def tsa_of(settings: Settings) -> Sequence[Certificate]:
    """Return the certificates to which this installation's time stamps lead; none if it has none made."""
    if not settings.tsa.get_secret_value():
        return ()
    try:
        return trusted_authorities(settings.tsa_certs)
    except Invalid as error:
        raise Invalid(f"SK_TSA_CERTS: {error}") from None
