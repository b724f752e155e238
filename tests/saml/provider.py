"""An identity provider as BundID is one, played by pygamlastan: it takes our requests, and we judge its answers.

It signs assertion and response by RSASSA-PSS, and encrypts by AES-256-GCM and RSA-OAEP with SHA-256. Signing and
encrypting are its own; the templates that it fills say what is to be signed how.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding
from pygamlastan import bindings, core, crypto, metadata, profiles, xml

from sk.saml.metadata import Provider, service_metadata
from sk.saml.names import URI, XENC, XENC11
from sk.xmldsig import DIGEST, DS, EXC, RSA_PSS_SHA256
from tests.saml.parties import party

ENTITY = "https://bundid.example/idp"
SIGN_ON = "https://bundid.example/idp/profile/SAML2/Redirect/SSO"
SERVICE = "https://konto.example/bundid/metadata"
CONSUMER = "https://konto.example/bundid/antwort"
AKDB = "https://www.akdb.de/request/2018/09"
BPK2 = "urn:oid:1.3.6.1.4.1.25484.494450.3"
ERIKA: Mapping[str, str] = {
    BPK2: "k2jBT0cykDVqiKWia1VMzqmntTu-EwGskIYlcCIGt_8",
    "urn:oid:2.5.4.42": "ERIKA",
    "urn:oid:2.5.4.4": "MUSTERMANN",
    "urn:oid:2.5.4.7": "KÖLN",
}
ISSUER_END = "</saml:Issuer>"
Change = Callable[[str], str]
"""What is made of an assertion or a response before it is signed."""


def provider() -> Provider:
    """Return what its metadata say."""
    return Provider(entity=ENTITY, signing=(party("bundid").certificate_text,), sign_on=SIGN_ON)


def ours() -> bytes:
    """Return our metadata, as this other side has them."""
    return service_metadata(SERVICE, CONSUMER, [party("konto").certificate])


class Taken(NamedTuple):
    """A request as this other side has understood it, and as it was written."""

    request: core.AuthnRequest
    text: bytes


def taken(address: str, described: bytes | None = None) -> Taken:
    """Return the request that an address brings, if it is signed by the service that metadata describe."""
    there, _, query = address.partition("?")
    decoded = bindings.redirect_decode(query, there)
    service = metadata.parse_entity((described or ours()).decode())
    verifier = crypto.SamlVerifier.from_certs(service.signing_certificates("sp"))
    assert decoded.signature_input
    assert decoded.signature
    assert decoded.sig_alg
    assert verifier.verify_redirect_query(decoded.signature_input.encode(), decoded.signature, decoded.sig_alg)
    request = xml.parse_authn_request(decoded.saml_text)
    assert request.destination == there
    processed = profiles.process_authn_request(request, service, request_signature_verified=True)
    assert processed.sp_entity_id == service.entity_id
    assert processed.acs_url == request.assertion_consumer_service_url
    return Taken(request, decoded.saml_text.encode())


def answer(
    request_id: str,
    at: datetime,
    *,
    level: str = "STORK-QAA-Level-4",
    attributes: Mapping[str, str] = ERIKA,
    trust: str = "HOCH",
    trusts: Mapping[str, str] = MappingProxyType({}),
    service: str = SERVICE,
    consumer: str = CONSUMER,
    said: Change = str,
    around: Change = str,
    signer: str = "bundid",
    reader: str = "konto",
    algorithm: str = RSA_PSS_SHA256,
    is_signed: bool = True,
    is_encrypted: bool = True,
    is_signed_outside: bool = True,
) -> bytes:
    """Return an answer about somebody, right but for what is said otherwise.

    `trust` says how sure all attributes are but those of `trusts`, by their names.
    """
    options = profiles.ResponseOptions(
        ENTITY,
        service,
        consumer,
        in_response_to=request_id,
        authn_context_class_ref=level,
        attributes=[core.Attribute(name, [value], URI, "") for name, value in attributes.items()],
    )
    name = core.NameId("_transient", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
    response = profiles.create_response(options, name)
    text = _moved(response.to_xml(), at)
    found = re.search(r"<saml:Assertion.*</saml:Assertion>", text, re.DOTALL)
    assert found
    inside = found[0].replace("<saml:Assertion", f'<saml:Assertion xmlns:akdb="{AKDB}"', 1)
    for oid in attributes:
        sure = f'<saml:Attribute akdb:TrustLevel="{trusts.get(oid, trust)}" Name="{oid}"'
        inside = inside.replace(f'<saml:Attribute Name="{oid}"', sure)
    inside = said(inside)
    if is_signed:
        inside = signed(inside, signer, algorithm)
    if is_encrypted:
        inside = encrypted(inside, reader)
    text = around(text.replace(found[0], inside))
    return (signed(text, signer, algorithm) if is_signed_outside else text).encode()


def signed(text: str, signer: str, algorithm: str = RSA_PSS_SHA256) -> str:
    """Sign an element behind its Issuer."""
    identity = re.search(r'ID="([^"]+)"', text)
    assert identity
    at = text.index(ISSUER_END) + len(ISSUER_END)
    done = crypto.SamlSigner.from_pem(party(signer).key_pem).sign_enveloped(
        text[:at] + _template(identity[1], signer, algorithm) + text[at:]
    )
    return _bare(done)


def encrypted(inside: str, reader: str) -> str:
    """Encrypt an assertion to somebody."""
    encryptor = crypto.SamlEncryptor.for_certificate(party(reader).certificate.public_bytes(Encoding.DER))
    return f"<saml:EncryptedAssertion>{_bare(encryptor.encrypt(ENCRYPTED, inside.encode()))}</saml:EncryptedAssertion>"


def _moved(text: str, at: datetime) -> str:
    """Have it be said at a moment: the other side looks at the clock of this machine."""
    moments = re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", text)
    first = min(map(datetime.fromisoformat, moments))
    for moment in {*moments}:
        moved = at + (datetime.fromisoformat(moment) - first)
        text = text.replace(moment, moved.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return text


def _bare(text: str) -> str:
    return re.sub(r"^<\?xml[^>]*\?>\s*", "", text)


def _template(identity: str, signer: str, algorithm: str) -> str:
    return (
        f'<ds:Signature xmlns:ds="{DS.uri}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXC.uri}"/>'
        f'<ds:SignatureMethod Algorithm="{algorithm}"/><ds:Reference URI="#{identity}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{DS.uri}enveloped-signature"/><ds:Transform Algorithm="{EXC.uri}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{DIGEST}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>'
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{party(signer).certificate_text}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></ds:Signature>"
    )


ENCRYPTED = (
    f'<xenc:EncryptedData xmlns:xenc="{XENC.uri}" Type="{XENC.uri}Element">'
    f'<xenc:EncryptionMethod Algorithm="{XENC11.uri}aes256-gcm"/><ds:KeyInfo xmlns:ds="{DS.uri}"><xenc:EncryptedKey>'
    f'<xenc:EncryptionMethod Algorithm="{XENC11.uri}rsa-oaep"><ds:DigestMethod Algorithm="{DIGEST}"/>'
    f'<xenc11:MGF xmlns:xenc11="{XENC11.uri}" Algorithm="{XENC11.uri}mgf1sha256"/></xenc:EncryptionMethod>'
    "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
    "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"
)
