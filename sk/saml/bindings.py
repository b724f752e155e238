"""How messages travel through a browser: packed into an address (HTTP-Redirect), or in a form (HTTP-POST)."""

import zlib
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import quote_plus, unquote_plus

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from sk.errors import Damaged
from sk.xml import MAX_BYTES, Element, parse
from sk.xmldsig import RSA_SHA256, bytes_of, sign_bytes, spelled, verify_bytes

REQUEST: Final = "SAMLRequest"
RAW_DEFLATE: Final = -15


class Received(NamedTuple):
    """A message as it came, and what is to be given back with the answer. `signed` is the very text that was signed."""

    message: Element
    relay_state: str
    signed: str = ""
    algorithm: str = ""
    signature: bytes = b""

    def refuse_unsigned(self, certificates: Sequence[x509.Certificate]) -> None:
        """Raise `Damaged` unless the owner of one of these certificates has signed the address."""
        if not self.signed:
            raise Damaged
        verify_bytes(self.signed.encode(), self.signature, self.algorithm, certificates)


def in_redirect(address: str, message: Element, key: RSAPrivateKey) -> str:
    """Return the address that carries a request, signed. Its spelling is signed, and must stay as it is."""
    packed = zlib.compressobj(wbits=RAW_DEFLATE)
    raw = packed.compress(etree.tostring(message)) + packed.flush()
    signed = f"{REQUEST}={quote_plus(spelled(raw))}&SigAlg={quote_plus(RSA_SHA256)}"
    signature = quote_plus(spelled(sign_bytes(signed.encode(), key)))
    return f"{address}{'&' if '?' in address else '?'}{signed}&Signature={signature}"


def from_redirect(query: str) -> Received:
    """Read a request out of a query as it was sent: what is signed is its spelling. A name twice is `Damaged`."""
    pairs = [part.partition("=")[::2] for part in query.split("&")]
    said = dict(pairs)
    if len(said) != len(pairs) or REQUEST not in said:
        raise Damaged
    signed = "&".join(f"{name}={said[name]}" for name in (REQUEST, "RelayState", "SigAlg") if name in said)
    message = parse(_inflated(bytes_of(unquote_plus(said[REQUEST]))))
    relay_state = unquote_plus(said.get("RelayState", ""))
    if "Signature" not in said or "SigAlg" not in said:
        return Received(message, relay_state)
    signature = bytes_of(unquote_plus(said["Signature"]))
    return Received(message, relay_state, signed, unquote_plus(said["SigAlg"]), signature)


def in_form(message: Element) -> str:
    """Return a message as a field of a form has it."""
    return spelled(etree.tostring(message))


def from_form(text: str) -> Element:
    """Read a message from a field of a form, or raise `Damaged`."""
    return parse(bytes_of(text))


def _inflated(raw: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=RAW_DEFLATE)
    try:
        plain = stream.decompress(raw, MAX_BYTES)
    except zlib.error:
        raise Damaged from None
    if stream.unconsumed_tail or stream.unused_data or not stream.eof:
        raise Damaged
    return plain
