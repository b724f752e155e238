"""WS-Security as TR-03130 asks for it: every message is signed, both ways, over its Body and the time it was made at.

One way to sign, and no other is taken: exclusive canonical XML, RSA with SHA-256, a certificate named by issuer and
serial number. What is not one of the two signed elements, or the signature itself, has no place in a message: nothing
can be moved aside, doubled or added so that one element is verified and another one is read (signature wrapping).
"""

import base64
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import NameOID, ObjectIdentifier
from lxml import etree

from sk.auth.eid.xml import Element, Namespace, parse, value
from sk.errors import Damaged
from sk.ids import new_id

SOAP = Namespace("soapenv", "http://schemas.xmlsoap.org/soap/envelope/")
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
WSSE, WSU = Namespace("wsse", f"{WSS}-secext-1.0.xsd"), Namespace("wsu", f"{WSS}-utility-1.0.xsd")
DS = Namespace("ds", "http://www.w3.org/2000/09/xmldsig#")
EXC = Namespace("ec", "http://www.w3.org/2001/10/xml-exc-c14n#")
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"
ID = WSU.tag("Id")
VALID = timedelta(minutes=5)
SKEW = timedelta(seconds=60)
PREFIXES_MAX = 32
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
        DS("SignatureValue", _base64(key.sign(canonical(information), PKCS1v15(), SHA256()))),
        DS("KeyInfo", WSSE("SecurityTokenReference", DS("X509Data", _named(certificate)))),
    )
    message.insert(0, SOAP("Header", WSSE("Security", timestamp, signature, **{SOAP.tag("mustUnderstand"): "1"})))
    return etree.tostring(message, encoding="UTF-8", xml_declaration=True)


def _reference(element: Element) -> Element:
    return DS(
        "Reference",
        DS("Transforms", DS("Transform", Algorithm=EXC.uri)),
        DS("DigestMethod", Algorithm=DIGEST),
        DS("DigestValue", _base64(sha256(canonical(element)).digest())),
        URI=f"#{element.get(ID)}",
    )


def _named(certificate: x509.Certificate) -> Element:
    issuer = DS("X509IssuerName", certificate.issuer.rfc4514_string())
    return DS("X509IssuerSerial", issuer, DS("X509SerialNumber", str(certificate.serial_number)))


def canonical(element: Element, prefixes: Sequence[str] = ()) -> bytes:
    """Return an element in exclusive canonical XML, with these prefixes declared though they are not used.

    What has no such form, because a namespace in it is named relatively, is `Damaged`.
    """
    try:
        return etree.tostring(
            element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=list(prefixes)
        )
    except etree.C14NError as error:
        raise Damaged from error


def verify(raw: bytes, certificate: x509.Certificate, at: datetime) -> Element:
    """Return the Body of a message that the owner of a certificate has signed, or raise `Damaged`, whatever is wrong.

    What comes back is a copy without anything around it: nobody can read on from it to what was not signed.
    """
    envelope = parse(raw)
    if envelope.tag != SOAP.tag("Envelope"):
        raise Damaged
    header, body = _parts(envelope, SOAP, "Header", "Body")
    (security,) = _parts(header, WSSE, "Security")
    timestamp, signature = _in_order(security, WSU.tag("Timestamp"), DS.tag("Signature"))
    information, sealed, key_info = _parts(signature, DS, "SignedInfo", "SignatureValue", "KeyInfo")
    _check_certificate(key_info, certificate, at)
    _check_signature(information, _bytes(sealed), certificate)
    _check_references(information, (timestamp, body))
    _check_time(timestamp, at)
    return deepcopy(body)


def _parts(parent: Element, namespace: Namespace, *names: str) -> Sequence[Element]:
    """Return the children, which must be these and no others, in this order."""
    if [child.tag for child in parent] != [namespace.tag(name) for name in names]:
        raise Damaged
    return list(parent)


def _in_order(parent: Element, *tags: str) -> Sequence[Element]:
    """Return the children, which must be these and no others, in this order, whatever their own is."""
    found = {str(child.tag): child for child in parent}
    if len(parent) != len(tags) or found.keys() != set(tags):
        raise Damaged
    return [found[tag] for tag in tags]


def _check_certificate(key_info: Element, certificate: x509.Certificate, at: datetime) -> None:
    (reference,) = _parts(key_info, WSSE, "SecurityTokenReference")
    (data,) = _parts(reference, DS, "X509Data")
    (named,) = _parts(data, DS, "X509IssuerSerial")
    issuer, number = map(value, _parts(named, DS, "X509IssuerName", "X509SerialNumber"))
    try:
        parsed = x509.Name.from_rfc4514_string(re.sub(r"(?<!\\),\s+", ",", issuer), PARTS_OF_NAMES)
    except (ValueError, TypeError):
        raise Damaged from None
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if parsed != certificate.issuer or number != str(certificate.serial_number) or not begins <= at <= ends:
        raise Damaged


def _check_signature(information: Element, sealed: bytes, certificate: x509.Certificate) -> None:
    canonicalization, method, *_ = _parts(
        information, DS, "CanonicalizationMethod", "SignatureMethod", "Reference", "Reference"
    )
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or method.items() != [("Algorithm", RSA_SHA256)] or len(method):
        raise Damaged
    try:
        key.verify(sealed, canonical(information, _prefixes(canonicalization)), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise Damaged from None


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
    transforms, method, digest = _parts(reference, DS, "Transforms", "DigestMethod", "DigestValue")
    (transform,) = _parts(transforms, DS, "Transform")
    if method.items() != [("Algorithm", DIGEST)] or len(method):
        raise Damaged
    if _bytes(digest) != sha256(canonical(element, _prefixes(transform))).digest():
        raise Damaged


def _prefixes(method: Element) -> Sequence[str]:
    """Return the prefixes that exclusive canonical XML was told to declare always; another way to do it is refused."""
    if method.items() != [("Algorithm", EXC.uri)]:
        raise Damaged
    if not len(method):
        return ()
    (inclusive,) = _parts(method, EXC, "InclusiveNamespaces")
    prefixes = str(inclusive.get("PrefixList", "")).split()
    if len(prefixes) > PREFIXES_MAX:
        raise Damaged
    return prefixes


def _check_time(timestamp: Element, at: datetime) -> None:
    created, expires = map(_read, _parts(timestamp, WSU, "Created", "Expires"))
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


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(element: Element) -> bytes:
    """Return the bytes that an element spells; some break the lines."""
    try:
        return base64.b64decode("".join(value(element).split()), validate=True)
    except ValueError:
        raise Damaged from None
