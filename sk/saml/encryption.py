"""Encrypted assertions (XML Encryption 1.1): AES-GCM under a key that RSA-OAEP carries.

AES-CBC and RSA 1.5, which go before them in the standard, tell an attacker who asks often enough what is inside.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512, HashAlgorithm

from sk.errors import Damaged
from sk.saml.names import SAML, XENC, XENC11
from sk.saml.signature import key_info
from sk.xml import Element, needed, parse
from sk.xmldsig import DS, bytes_in, canonical, spelled

NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
AES256_GCM: Final = f"{XENC11.uri}aes256-gcm"
OAEP_MGF1P: Final = f"{XENC.uri}rsa-oaep-mgf1p"
CIPHERS: Final[Mapping[str, int]] = {
    f"{XENC11.uri}aes128-gcm": 16,
    f"{XENC11.uri}aes192-gcm": 24,
    AES256_GCM: KEY_BYTES,
}
"""The ciphers that are taken, and how many bytes their keys have."""
SHA1_NAME: Final = f"{DS.uri}sha1"
HASHES: Final[Mapping[str, type[HashAlgorithm]]] = {
    SHA1_NAME: SHA1,
    f"{XENC.uri}sha256": SHA256,
    f"{XENC.uri}sha512": SHA512,
}
MASKS: Final[Mapping[str, type[HashAlgorithm]]] = {
    f"{XENC11.uri}mgf1sha1": SHA1,
    f"{XENC11.uri}mgf1sha256": SHA256,
    f"{XENC11.uri}mgf1sha512": SHA512,
}


def encrypt(assertion: Element, certificate: x509.Certificate) -> Element:
    """Return an assertion that the owner of a certificate alone can read."""
    public = certificate.public_key()
    if not isinstance(public, RSAPublicKey):
        raise Damaged
    key, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    mask = SHA1()  # noqa: S303 - the method is defined so, and OAEP does not rest on it
    wrapped = public.encrypt(key, OAEP(MGF1(mask), mask, None))
    sealed = nonce + AESGCM(key).encrypt(nonce, canonical(assertion), None)
    method = XENC("EncryptionMethod", DS("DigestMethod", Algorithm=SHA1_NAME), Algorithm=OAEP_MGF1P)
    carrier = XENC("EncryptedKey", method, key_info(certificate), _cipher_data(wrapped))
    data = XENC(
        "EncryptedData",
        XENC("EncryptionMethod", Algorithm=AES256_GCM),
        DS("KeyInfo", carrier),
        _cipher_data(sealed),
        Type=f"{XENC.uri}Element",
    )
    return SAML("EncryptedAssertion", data)


def decrypt(encrypted: Element, keys: Sequence[RSAPrivateKey]) -> Element:
    """Return the element that an EncryptedAssertion holds, as a document of its own, or raise `Damaged`."""
    data = needed(encrypted, "EncryptedData")
    size = CIPHERS.get(str(needed(data, "EncryptionMethod").get("Algorithm")))
    inside = data.findall(f"{DS.tag('KeyInfo')}/{XENC.tag('EncryptedKey')}")
    carriers = [*inside, *encrypted.findall(XENC.tag("EncryptedKey"))]
    if size is None or len(carriers) != 1:
        raise Damaged
    padding = _padding(needed(carriers[0], "EncryptionMethod"))
    wrapped, sealed = (bytes_in(needed(needed(one, "CipherData"), "CipherValue")) for one in (carriers[0], data))
    for key in keys:
        try:
            secret = key.decrypt(wrapped, padding)
            if len(secret) == size:
                return _standing(encrypted, AESGCM(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None))
        except (ValueError, InvalidTag):
            continue
    raise Damaged


def _cipher_data(raw: bytes) -> Element:
    return XENC("CipherData", XENC("CipherValue", spelled(raw)))


def _padding(method: Element) -> OAEP:
    """Return how a key is carried: by `rsa-oaep-mgf1p` its mask is SHA-1, whatever its digest; else both are named."""
    digest, mask = method.find(DS.tag("DigestMethod")), method.find(XENC11.tag("MGF"))
    hashed = HASHES.get(SHA1_NAME if digest is None else str(digest.get("Algorithm")))
    masked: type[HashAlgorithm] | None = None
    if method.get("Algorithm") == OAEP_MGF1P:
        masked = SHA1
    elif method.get("Algorithm") == f"{XENC11.uri}rsa-oaep":
        masked = SHA1 if mask is None else MASKS.get(str(mask.get("Algorithm")))
    if hashed is None or masked is None or method.find(XENC.tag("OAEPparams")) is not None:
        raise Damaged
    return OAEP(MGF1(masked()), hashed(), None)


def _standing(where: Element, plain: bytes) -> Element:
    """Read what was encrypted where it stood: some leave out the namespaces that were declared around it."""
    if any(char in uri for uri in where.nsmap.values() for char in '"<&'):
        raise Damaged
    declared = "".join(f' xmlns{f":{prefix}" if prefix else ""}="{uri}"' for prefix, uri in where.nsmap.items())
    box = parse(f"<box{declared}>".encode() + plain + b"</box>")
    if len(box) != 1 or (box.text or "").strip() or (box[0].tail or "").strip():
        raise Damaged
    return parse(canonical(box[0]))
