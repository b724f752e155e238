"""A request for a log-in, as somebody with the key signs it, and as somebody without one changes it afterwards."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from lxml import etree

from sk.errors import Damaged
from sk.saml.messages import Request, read_request
from sk.saml.names import PERSISTENT, SAML, SAMLP
from sk.saml.signature import sign, verified
from sk.xml import Element, parse
from sk.xmldsig import DS, canonical, spelled
from tests.saml.parties import CONSUMER, ENTITY, Party, party

HERE = "https://konto.example/saml/anmelden"
ID = "_d2c1a7"
SIGNATURE = DS.tag("Signature")
INFORMATION = f"{SIGNATURE}/{DS.tag('SignedInfo')}"
METHOD = f"{INFORMATION}/{DS.tag('SignatureMethod')}"
CANONICALIZATION = f"{INFORMATION}/{DS.tag('CanonicalizationMethod')}"
REFERENCE = f"{INFORMATION}/{DS.tag('Reference')}"
TRANSFORMS = f"{REFERENCE}/{DS.tag('Transforms')}"
DIGEST_METHOD = f"{REFERENCE}/{DS.tag('DigestMethod')}"
DIGEST_VALUE = f"{REFERENCE}/{DS.tag('DigestValue')}"
VALUE = f"{SIGNATURE}/{DS.tag('SignatureValue')}"
KEY_INFO = f"{SIGNATURE}/{DS.tag('KeyInfo')}"
ISSUER = SAML.tag("Issuer")
Change = Callable[[Element], Element | None]


def asking(*inside: Element, **said: str) -> Element:
    """Return a request that nobody has signed yet, right but for what is said otherwise."""
    right = {
        "ID": ID,
        "Version": "2.0",
        "IssueInstant": "2026-11-23T09:00:00Z",
        "Destination": HERE,
        "AssertionConsumerServiceURL": CONSUMER,
        **said,
    }
    policy = SAMLP("NameIDPolicy", Format=PERSISTENT)
    return SAMLP("AuthnRequest", SAML("Issuer", ENTITY), *inside, policy, **right)


def signed(signer: str = "service") -> bytes:
    """Return a request as its service has signed it, or somebody else."""
    return written(sign(asking(), *party(signer)))


def written(root: Element) -> bytes:
    """Return a document as bytes."""
    return etree.tostring(root)


def part(root: Element, path: str) -> Element:
    """Return the one element at a path."""
    (found,) = root.findall(path)
    return found


def changed(raw: bytes, change: Change) -> bytes:
    """Return a request that somebody without the key has changed; what `change` returns is the new root."""
    root = parse(raw)
    new_root = change(root)
    return written(root if new_root is None else new_root)


def forged(
    raw: bytes, change: Change, signer: Party, algorithm: HashAlgorithm | None = None, digest: str = "sha256"
) -> bytes:
    """Return a request whose digests and signature are right after a change: only the change itself is wrong."""
    root = parse(changed(raw, change))
    for reference in root.iter(DS.tag("Reference")):
        referred = _referred(root, str(reference.get("URI", "")))
        if referred is not None and digest == "sha256":
            part(reference, DS.tag("DigestValue")).text = spelled(sha256(canonical(_unsigned(referred))).digest())
    information = part(root, INFORMATION)
    sealed = signer.key.sign(canonical(information), PKCS1v15(), algorithm or SHA256())
    part(root, VALUE).text = spelled(sealed)
    return written(root)


def read(raw: bytes) -> Request:
    """Return what a request of the service says, or raise `Damaged`."""
    return read_request(verified(parse(raw), [party("service").certificate]))


def refuses(raw: bytes) -> bool:
    """Tell whether nothing is read from a request that is said to be the service's."""
    try:
        read(raw)
    except Damaged:
        return True
    return False


def _referred(root: Element, uri: str) -> Element | None:
    if not uri:
        return root
    found = [one for one in root.iter() for value in one.attrib.values() if str(value) == uri[1:]]
    return found[0] if found else None


def _unsigned(element: Element) -> Element:
    copy = deepcopy(element)
    for signature in copy.findall(SIGNATURE):
        copy.remove(signature)
    return copy


def named(*changes: Change) -> Mapping[str, Change]:
    """Return changes by their names."""
    return {change.__name__.replace("_", " "): change for change in changes}
