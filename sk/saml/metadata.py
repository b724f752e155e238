"""Metadata: what one side tells the other about itself, once, in a file that operators hand over."""

import base64
from collections.abc import Sequence
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree
from pydantic import BaseModel, ConfigDict

from sk.errors import Damaged, Invalid
from sk.pem import KEY_BITS
from sk.saml.names import MD, PERSISTENT, POST, REDIRECT, SAMLP, TRANSIENT
from sk.saml.signature import key_info
from sk.xml import Element, value
from sk.xmldsig import DS

MAX_BYTES = 1024 * 1024
PARSER = etree.XMLParser(
    resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
)
"""An operator gives the file, and those of others have comments. It is no message: nobody has signed it for us."""


class Service(BaseModel):
    """What the metadata of a service says. Certificates are base64 of DER.

    `consumers` are where it takes answers by POST, each with its index, the default first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity: str
    signing: tuple[str, ...]
    encryption: tuple[str, ...]
    consumers: tuple[tuple[str, str], ...] = ()

    def certificates(self, use: Literal["signing", "encryption"]) -> list[x509.Certificate]:
        """Return the certificates of a use."""
        return [x509.load_der_x509_certificate(base64.b64decode(one)) for one in getattr(self, use)]


class Provider(BaseModel):
    """What the metadata of an identity provider says. `sign_on` is where it takes requests in an address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity: str
    signing: tuple[str, ...]
    sign_on: str

    def certificates(self) -> list[x509.Certificate]:
        """Return the certificates of its signatures."""
        return [x509.load_der_x509_certificate(base64.b64decode(one)) for one in self.signing]


def read_metadata(raw: bytes) -> Service:
    """Read the metadata of a service, or raise `Invalid`."""
    entity, found, signing = _role(raw, "SPSSODescriptor", "service provider")
    consumers = _consumers(found)
    if not consumers:
        raise Invalid("this service provider names no address that takes answers by POST")
    encryption = _certificates(found, "encryption")
    return Service(entity=entity, signing=signing, encryption=encryption, consumers=consumers)


def read_provider(raw: bytes) -> Provider:
    """Read the metadata of an identity provider, or raise `Invalid`."""
    entity, found, signing = _role(raw, "IDPSSODescriptor", "identity provider")
    doors = [one for one in found.findall(MD.tag("SingleSignOnService")) if one.get("Binding") == REDIRECT]
    if not doors:
        raise Invalid("this identity provider names no address that takes requests by redirect")
    return Provider(entity=entity, signing=signing, sign_on=str(doors[0].get("Location", "")))


def service_metadata(entity: str, consumer: str, certificates: Sequence[x509.Certificate]) -> bytes:
    """Return our metadata as a service. It has neither an ID nor an end: BundID asks for that."""
    role = MD(
        "SPSSODescriptor",
        *(_key(one, use) for use in ("signing", "encryption") for one in certificates),
        MD("NameIDFormat", TRANSIENT),
        MD("AssertionConsumerService", Binding=POST, Location=consumer, index="0", isDefault="true"),
        protocolSupportEnumeration=SAMLP.uri,
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
    )
    return _written(MD("EntityDescriptor", role, entityID=entity))


def provider_metadata(entity: str, sign_on: str, signing: Sequence[x509.Certificate]) -> bytes:
    """Return our metadata as an identity provider."""
    role = MD(
        "IDPSSODescriptor",
        *(_key(one, "signing") for one in signing),
        MD("NameIDFormat", PERSISTENT),
        MD("SingleSignOnService", Binding=REDIRECT, Location=sign_on),
        MD("SingleSignOnService", Binding=POST, Location=sign_on),
        protocolSupportEnumeration=SAMLP.uri,
        WantAuthnRequestsSigned="true",
    )
    return _written(MD("EntityDescriptor", role, entityID=entity))


def _role(raw: bytes, name: str, called: str) -> tuple[str, Element, tuple[str, ...]]:
    """Return the name of a party, what its metadata say of it in a role, and the certificates of its signatures."""
    try:
        root = _root(raw)
    except (etree.XMLSyntaxError, Damaged):
        raise Invalid("this is no SAML metadata") from None
    described = root.findall(MD.tag(name))
    if root.tag != MD.tag("EntityDescriptor") or len(described) != 1 or not root.get("entityID"):
        raise Invalid(f"this is no metadata of one {called}")
    (found,) = described
    if SAMLP.uri not in str(found.get("protocolSupportEnumeration", "")).split():
        raise Invalid(f"this {called} does not speak SAML 2.0")
    signing = _certificates(found, "signing")
    if not signing:
        raise Invalid(f"this {called} names no certificate for its signatures")
    return str(root.get("entityID")), found, signing


def _root(raw: bytes) -> Element:
    if len(raw) > MAX_BYTES or b"<!DOCTYPE" in raw:
        raise Damaged
    return etree.fromstring(raw, PARSER)


def _certificates(role: Element, use: str) -> tuple[str, ...]:
    """Return the certificates of a use; a key without one is for both."""
    found: list[str] = []
    for key in role.findall(MD.tag("KeyDescriptor")):
        if key.get("use") in (None, use):
            found.extend(map(_checked, key.iter(DS.tag("X509Certificate"))))
    return tuple(found)


def _checked(certificate: Element) -> str:
    try:
        raw = "".join(value(certificate).split())
        key = x509.load_der_x509_certificate(base64.b64decode(raw, validate=True)).public_key()
    except (ValueError, Damaged, UnsupportedAlgorithm):
        raise Invalid("a certificate in this metadata cannot be read") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS:
        raise Invalid(f"a certificate in this metadata is not of an RSA key of {KEY_BITS} bits or more")
    return raw


def _consumers(role: Element) -> tuple[tuple[str, str], ...]:
    found = [one for one in role.findall(MD.tag("AssertionConsumerService")) if one.get("Binding") == POST]
    found.sort(key=lambda one: one.get("isDefault") not in ("true", "1"))
    return tuple((str(one.get("index", "")), str(one.get("Location", ""))) for one in found)


def _key(certificate: x509.Certificate, use: str) -> Element:
    return MD("KeyDescriptor", key_info(certificate), use=use)


def _written(root: Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
