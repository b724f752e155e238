"""XML signatures as far as they are needed: exclusive canonical XML, SHA-256, RSA. Everything else is refused.

Who signs what, and where that stands, is the matter of those who use this: WS-Security and SAML.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from sk.errors import Damaged
from sk.xml import Element, Namespace, value

DS = Namespace("ds", "http://www.w3.org/2000/09/xmldsig#")
EXC = Namespace("ec", "http://www.w3.org/2001/10/xml-exc-c14n#")
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_PSS_SHA256: Final = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
DIGEST: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
PADDINGS: Final[Mapping[str, AsymmetricPadding]] = {
    RSA_SHA256: PKCS1v15(),
    RSA_PSS_SHA256: PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH),
}
"""The algorithms that are taken, by name, and how each pads. BundID signs with the second one."""
PREFIXES_MAX: Final = 32


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


def prefixes_of(method: Element) -> Sequence[str]:
    """Return the prefixes that exclusive canonical XML was told to declare always; another way to do it is refused."""
    if method.items() != [("Algorithm", EXC.uri)]:
        raise Damaged
    if not len(method):
        return ()
    (inclusive,) = parts(method, EXC, "InclusiveNamespaces")
    prefixes = str(inclusive.get("PrefixList", "")).split()
    if len(prefixes) > PREFIXES_MAX or "#default" in prefixes:
        raise Damaged
    return prefixes


def parts(parent: Element, namespace: Namespace, *names: str) -> Sequence[Element]:
    """Return the children, which must be these and no others, in this order."""
    if [child.tag for child in parent] != [namespace.tag(name) for name in names]:
        raise Damaged
    return list(parent)


def sign_bytes(data: bytes, key: RSAPrivateKey, algorithm: str = RSA_SHA256) -> bytes:
    """Sign bytes with one of the algorithms."""
    return key.sign(data, PADDINGS[algorithm], SHA256())


def verify_bytes(data: bytes, signature: bytes, algorithm: str, certificates: Iterable[x509.Certificate]) -> None:
    """Raise `Damaged` unless the owner of one of these certificates has signed the bytes."""
    padding = PADDINGS.get(algorithm)
    for certificate in certificates:
        key = certificate.public_key()
        if padding is None or not isinstance(key, RSAPublicKey):
            continue
        try:
            return key.verify(signature, data, padding, SHA256())
        except InvalidSignature:
            continue
    raise Damaged


def spelled(raw: bytes) -> str:
    """Return bytes as XML spells them."""
    return base64.b64encode(raw).decode()


def bytes_in(element: Element) -> bytes:
    """Return the bytes that an element spells; some break the lines."""
    return bytes_of(value(element))


def bytes_of(text: str) -> bytes:
    """Return the bytes that a text spells, or raise `Damaged`."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise Damaged from None
