"""Time stamps (RFC 3161) over checkpoints: a stranger's word that the log stood like this at a moment."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha512
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)

from sk.errors import Damaged, Invalid
from sk.evidence.spelling import YEARS


class Stamped(NamedTuple):
    """A checkpoint that was stamped: its size, when, by whom, and whether that authority is one of those trusted.

    `by` is what the authority calls itself; empty if it does not, or if that was not looked at.
    """

    size: int
    at: datetime
    by: str
    trusted: bool


@lru_cache(maxsize=4)
def trusted_authorities(path: str) -> Sequence[x509.Certificate]:
    """Return the certificates in a PEM file, to which time stamps must lead; a file that holds none is refused."""
    try:
        return tuple(x509.load_pem_x509_certificates(Path(path).read_bytes()))
    except (OSError, ValueError):
        raise Invalid(f"{path or 'no file'} cannot be read as certificates in PEM") from None


def stamp_request(note: str) -> TimeStampRequest:
    """Return the request to stamp a checkpoint; it has a nonce, and asks for the authority's certificate."""
    return TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA512).build()


def read_stamp(
    response: bytes,
    note: str,
    size: int,
    authorities: Sequence[x509.Certificate] = (),
    nonce: int | None = None,
    *,
    named: bool = True,
) -> Stamped:
    """Return what a response says about a checkpoint; what is no time stamp, or one of something else, is `Damaged`.

    The signature is checked against the certificates of authorities; without any, nobody can tell whose it is. Unless
    `named`, no certificate in it is looked at to say so: a stranger may have made it.
    """
    try:
        found = decode_timestamp_response(response)
        info = found.tst_info
        imprint, at, answered_nonce, name = (
            info.message_imprint.message,
            info.gen_time,
            info.nonce,
            _name(found) if named else "",
        )
    except Exception as error:  # decoders raise all kinds of things over what a stranger has sent
        raise Damaged from error
    if at.year not in YEARS or imprint != sha512(note.encode()).digest() or nonce not in (None, answered_nonce):
        raise Damaged
    return Stamped(size, at, name, trusted=_is_signed_by(found, imprint, authorities))


def _is_signed_by(found: TimeStampResponse, imprint: bytes, authorities: Sequence[x509.Certificate]) -> bool:
    if not authorities:
        return False
    try:
        return VerifierBuilder(roots=[*authorities]).build().verify(found, imprint)
    except Exception:  # noqa: BLE001 - the same; what cannot be verified was not signed by anybody known
        return False


def _name(found: TimeStampResponse) -> str:
    """Return what the authority calls itself: the subject of the certificate that signed, else nothing."""
    signers = {(one.issuer, one.serial_number) for one in found.signed_data.signer_infos}
    certificates = map(x509.load_der_x509_certificate, found.signed_data.certificates)
    named = [one.subject for one in certificates if (one.issuer, one.serial_number) in signers]
    return named[0].rfc4514_string() if named else ""
