"""WS-Security as TR-03130 asks for it: every message is signed, both ways, over its Body and the time it was made at.

One way to sign, and no other is taken: exclusive canonical XML, RSA with SHA-256, a certificate named by issuer and
serial number. What is not one of the two signed elements, or the signature itself, has no place in a message: nothing
can be moved aside, doubled or added so that one element is verified and another one is read (signature wrapping).
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import NameOID, ObjectIdentifier
from lxml import etree

from sk.errors import Damaged
from sk.ids import new_id
from sk.xml import Element, Namespace, parse, value
from sk.xmldsig import (
    DIGEST,
    DS,
    EXC,
    RSA_SHA256,
    bytes_in,
    canonical,
    parts,
    prefixes_of,
    sign_bytes,
    spelled,
    verify_bytes,
)

SOAP = Namespace("soapenv", "http://schemas.xmlsoap.org/soap/envelope/")
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
WSSE, WSU = Namespace("wsse", f"{WSS}-secext-1.0.xsd"), Namespace("wsu", f"{WSS}-utility-1.0.xsd")
ID = WSU.tag("Id")
VALID = timedelta(minutes=5)
SKEW = timedelta(seconds=60)
PARTS_OF_NAMES: Mapping[str, ObjectIdentifier] = {
    "E": NameOID.EMAIL_ADDRESS,
    "EMAILADDRESS": NameOID.EMAIL_ADDRESS,
    "S": NameOID.STATE_OR_PROVINCE_NAME,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
}
"""What some call the parts of an issuer's name, beside what RFC 4514 calls them."""


def sign(envelope: Element, key: RSAPrivateKey, certificate: x509.Certificate, at: datetime) -> bytes:
    """Return the signed message of an envelope, made at a moment. The envelope holds a Body and nothing else."""
    message = deepcopy(envelope)
    (body,) = message
    body.set(ID, f"body-{new_id()}")
    times = WSU("Created", _written(at)), WSU("Expires", _written(at + VALID))
    timestamp = WSU("Timestamp", *times, **{ID: f"time-{new_id()}"})
    information = DS(
        "SignedInfo",
        DS("CanonicalizationMethod", Algorithm=EXC.uri),
        DS("SignatureMethod", Algorithm=RSA_SHA256),
        *map(_reference, (timestamp, body)),
    )
    signature = DS(
        "Signature",
        information,
        DS("SignatureValue", spelled(sign_bytes(canonical(information), key))),
        DS("KeyInfo", WSSE("SecurityTokenReference", DS("X509Data", _named(certificate)))),
    )
    message.insert(0, SOAP("Header", WSSE("Security", timestamp, signature, **{SOAP.tag("mustUnderstand"): "1"})))
    return etree.tostring(message, encoding="UTF-8", xml_declaration=True)


def _reference(element: Element) -> Element:
    return DS(
        "Reference",
        DS("Transforms", DS("Transform", Algorithm=EXC.uri)),
        DS("DigestMethod", Algorithm=DIGEST),
        DS("DigestValue", spelled(sha256(canonical(element)).digest())),
        URI=f"#{element.get(ID)}",
    )


def _named(certificate: x509.Certificate) -> Element:
    issuer = DS("X509IssuerName", certificate.issuer.rfc4514_string())
    return DS("X509IssuerSerial", issuer, DS("X509SerialNumber", str(certificate.serial_number)))


def verify(raw: bytes, certificate: x509.Certificate, at: datetime) -> Element:
    """Return the Body of a message that the owner of a certificate has signed, or raise `Damaged`, whatever is wrong.

    What comes back is a copy without anything around it: nobody can read on from it to what was not signed.
    """
    envelope = parse(raw)
    if envelope.tag != SOAP.tag("Envelope"):
        raise Damaged
    header, body = parts(envelope, SOAP, "Header", "Body")
    (security,) = parts(header, WSSE, "Security")
    timestamp, signature = _in_order(security, WSU.tag("Timestamp"), DS.tag("Signature"))
    information, sealed, key_info = parts(signature, DS, "SignedInfo", "SignatureValue", "KeyInfo")
    _check_certificate(key_info, certificate, at)
    _check_signature(information, bytes_in(sealed), certificate)
    _check_references(information, (timestamp, body))
    _check_time(timestamp, at)
    return deepcopy(body)


def _in_order(parent: Element, *tags: str) -> Sequence[Element]:
    """Return the children, which must be these and no others, in this order, whatever their own is."""
    found = {str(child.tag): child for child in parent}
    if len(parent) != len(tags) or found.keys() != set(tags):
        raise Damaged
    return [found[tag] for tag in tags]


def _check_certificate(key_info: Element, certificate: x509.Certificate, at: datetime) -> None:
    (reference,) = parts(key_info, WSSE, "SecurityTokenReference")
    (data,) = parts(reference, DS, "X509Data")
    (named,) = parts(data, DS, "X509IssuerSerial")
    issuer, number = map(value, parts(named, DS, "X509IssuerName", "X509SerialNumber"))
    try:
        parsed = x509.Name.from_rfc4514_string(re.sub(r"(?<!\\),\s+", ",", issuer), PARTS_OF_NAMES)
    except (ValueError, TypeError):
        raise Damaged from None
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if parsed != certificate.issuer or number != str(certificate.serial_number) or not begins <= at <= ends:
        raise Damaged


def _check_signature(information: Element, sealed: bytes, certificate: x509.Certificate) -> None:
    canonicalization, method, *_ = parts(
        information, DS, "CanonicalizationMethod", "SignatureMethod", "Reference", "Reference"
    )
    if method.items() != [("Algorithm", RSA_SHA256)] or len(method):
        raise Damaged
    verify_bytes(canonical(information, prefixes_of(canonicalization)), sealed, RSA_SHA256, [certificate])


def _check_references(information: Element, signed: Sequence[Element]) -> None:
    """Refuse what does not refer to just these elements, each by an id that nothing else in the document has."""
    ids = [
        identity
        for element in information.getroottree().iter()
        for name, identity in element.items()
        if etree.QName(name).localname.lower() == "id"
    ]
    wanted = {f"#{element.get(ID)}": element for element in signed}
    _, _, *references = information
    if len(set(ids)) != len(ids) or any(element.get(ID) not in ids for element in signed):
        raise Damaged
    if sorted(str(reference.get("URI")) for reference in references) != sorted(wanted):
        raise Damaged
    for reference in references:
        _check_reference(reference, wanted[str(reference.get("URI"))])


def _check_reference(reference: Element, element: Element) -> None:
    if reference.keys() != ["URI"]:
        raise Damaged
    transforms, method, digest = parts(reference, DS, "Transforms", "DigestMethod", "DigestValue")
    (transform,) = parts(transforms, DS, "Transform")
    if method.items() != [("Algorithm", DIGEST)] or len(method):
        raise Damaged
    if bytes_in(digest) != sha256(canonical(element, prefixes_of(transform))).digest():
        raise Damaged


def _check_time(timestamp: Element, at: datetime) -> None:
    created, expires = map(_read, parts(timestamp, WSU, "Created", "Expires"))
    if created > at + SKEW or expires < at - SKEW:
        raise Damaged


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(element: Element) -> datetime:
    try:
        at = datetime.fromisoformat(value(element))
    except ValueError:
        raise Damaged from None
    if at.tzinfo is None:
        raise Damaged
    return at
