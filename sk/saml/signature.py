"""Signatures within SAML messages: an element holds its own, over all of itself, and what is read was signed."""

from collections.abc import Sequence
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from sk.errors import Damaged
from sk.xml import Element, parse
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

ENVELOPED = f"{DS.uri}enveloped-signature"
AFTER_THE_ISSUER = 1


def sign(element: Element, key: RSAPrivateKey, certificate: x509.Certificate, algorithm: str = RSA_SHA256) -> Element:
    """Sign an element, which is named by its ID; the signature stands behind its Issuer, as the schema has it."""
    reference = DS(
        "Reference",
        DS("Transforms", DS("Transform", Algorithm=ENVELOPED), DS("Transform", Algorithm=EXC.uri)),
        DS("DigestMethod", Algorithm=DIGEST),
        DS("DigestValue", spelled(sha256(canonical(element)).digest())),
        URI=f"#{element.get('ID')}",
    )
    information = DS(
        "SignedInfo",
        DS("CanonicalizationMethod", Algorithm=EXC.uri),
        DS("SignatureMethod", Algorithm=algorithm),
        reference,
    )
    sealed = DS("SignatureValue", spelled(sign_bytes(canonical(information), key, algorithm)))
    element.insert(AFTER_THE_ISSUER, DS("Signature", information, sealed, key_info(certificate)))
    return element


def key_info(certificate: x509.Certificate) -> Element:
    """Return a certificate as messages and metadata have it."""
    raw = certificate.public_bytes(Encoding.DER)
    return DS("KeyInfo", DS("X509Data", DS("X509Certificate", spelled(raw))))


def is_signed(element: Element) -> bool:
    """Tell whether an element has a signature of its own."""
    return element.find(DS.tag("Signature")) is not None


def verified(element: Element, certificates: Sequence[x509.Certificate]) -> Element:
    """Return a copy of an element, read anew from the very bytes that its owner has signed, or raise `Damaged`.

    The signature is the element's own child, and refers to this element by an ID that nothing else in the document has.
    What it says of its key is not read: keys come from metadata. Nothing leads from the copy to what was not signed.
    """
    signatures = element.findall(DS.tag("Signature"))
    if len(signatures) != 1:
        raise Damaged
    (signature,) = signatures
    information, sealed = _halves(signature)
    method, algorithm, reference = parts(information, DS, "CanonicalizationMethod", "SignatureMethod", "Reference")
    transforms, digest_method, digest = parts(reference, DS, "Transforms", "DigestMethod", "DigestValue")
    enveloped, exclusive = parts(transforms, DS, "Transform", "Transform")
    _refuse_other_reference(reference, element)
    plain = (enveloped.items() == [("Algorithm", ENVELOPED)], digest_method.items() == [("Algorithm", DIGEST)])
    if not all(plain) or any(len(one) for one in (enveloped, digest_method, algorithm)):
        raise Damaged
    name = str(algorithm.get("Algorithm"))
    verify_bytes(canonical(information, prefixes_of(method)), bytes_in(sealed), name, certificates)
    octets = _without(signature, element, prefixes_of(exclusive))
    if sha256(octets).digest() != bytes_in(digest):
        raise Damaged
    return parse(octets)


def _halves(signature: Element) -> tuple[Element, Element]:
    tags = [child.tag for child in signature]
    wanted = [DS.tag(name) for name in ("SignedInfo", "SignatureValue", "KeyInfo")]
    if tags not in (wanted, wanted[:2]):
        raise Damaged
    return signature[0], signature[1]


def _refuse_other_reference(reference: Element, element: Element) -> None:
    identity = element.get("ID")
    ids = [
        found
        for node in element.getroottree().iter()
        for name, found in node.items()
        if etree.QName(name).localname.lower() == "id"
    ]
    if (
        not identity
        or len(set(ids)) != len(ids)
        or identity not in ids
        or reference.items() != [("URI", f"#{identity}")]
    ):
        raise Damaged


def _without(signature: Element, element: Element, prefixes: Sequence[str]) -> bytes:
    """Return an element in canonical form but for its signature; the text behind that is signed, and stays."""
    before, tail = signature.getprevious(), signature.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        element.text = (element.text or "") + tail
    signature.tail = None
    element.remove(signature)
    return canonical(element, prefixes)
