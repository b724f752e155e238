"""Who signs messages in these tests, when, and how somebody with a key signs what nobody should."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.x509 import NameOID
from lxml import etree

from sk.auth.eid.simulator import identity
from sk.auth.eid.wsse import SOAP, WSSE, WSU, sign, verify
from sk.errors import Damaged
from sk.xml import Element, Namespace, parse
from sk.xmldsig import DS, canonical

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OURS, THEIRS, STRANGER = identity("ours"), identity("theirs"), identity("a stranger")
CONTENT = Namespace("t", "urn:test")
SECURITY = f"{SOAP.tag('Header')}/{WSSE.tag('Security')}"
SIGNATURE = f"{SECURITY}/{DS.tag('Signature')}"
INFORMATION = f"{SIGNATURE}/{DS.tag('SignedInfo')}"
TIMESTAMP = f"{SECURITY}/{WSU.tag('Timestamp')}"
BODY = SOAP.tag("Body")


def envelope(text: str = "genuine") -> Element:
    """Return the envelope of a small message."""
    return SOAP("Envelope", SOAP("Body", CONTENT("word", text)))


def message(text: str = "genuine", at: datetime = AT) -> bytes:
    """Return a small message that their server has signed."""
    return sign(envelope(text), *THEIRS, at)


def part(root: Element, path: str) -> Element:
    """Return the one element at a path."""
    (found,) = root.findall(path)
    return found


def written(root: Element) -> bytes:
    """Return a document as bytes."""
    return etree.tostring(root)


def changed(raw: bytes, change: Callable[[Element], Element | None]) -> bytes:
    """Return a message that somebody without the key has changed; what `change` returns is the new root."""
    root = parse(raw)
    new_root = change(root)
    return written(root if new_root is None else new_root)


def forged(
    change: Callable[[Element], None], key: RSAPrivateKey = THEIRS.key, algorithm: HashAlgorithm | None = None
) -> bytes:
    """Return a message whose digests and signature are right after a change: only the change itself is wrong."""
    root = parse(message())
    change(root)
    information = part(root, INFORMATION)
    elements = {str(value): one for one in root.iter() for name, value in one.items() if str(name).endswith("Id")}
    for reference in information.findall(DS.tag("Reference")):
        if (referred := elements.get(str(reference.get("URI")).removeprefix("#"))) is not None:
            digest = base64.b64encode(sha256(canonical(referred)).digest()).decode()
            part(reference, DS.tag("DigestValue")).text = digest
    sealed = key.sign(canonical(information), PKCS1v15(), algorithm or SHA256())
    part(root, f"{SIGNATURE}/{DS.tag('SignatureValue')}").text = base64.b64encode(sealed).decode()
    return written(root)


def refuses(raw: bytes, at: datetime = AT) -> bool:
    """Tell whether nothing is read from a message that is said to be theirs; how it is refused is always the same."""
    try:
        verify(raw, THEIRS.certificate, at)
    except Damaged:
        return True
    return False


def certificate_of(
    key: RSAPrivateKey | EllipticCurvePrivateKey,
    *parts: tuple[x509.ObjectIdentifier, str],
    serial: int = 4711,
    begins: datetime = AT - timedelta(days=1),
    ends: datetime = AT + timedelta(days=1),
) -> x509.Certificate:
    """Return a certificate of a key: whose, under which number, and for how long it is good."""
    attributes = parts or ((NameOID.COMMON_NAME, "theirs"),)
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in attributes])
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial, begins, ends)
    return builder.sign(key, SHA256())
