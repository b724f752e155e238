"""Encrypted assertions (XML Encryption 1.1): AES-GCM under a key that RSA-OAEP carries, as today's services read."""

import os
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1

from sk.errors import Damaged
from sk.saml.names import SAML, XENC, XENC11
from sk.saml.signature import key_info
from sk.xml import Element
from sk.xmldsig import DS, canonical, spelled

NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
AES256_GCM: Final = f"{XENC11.uri}aes256-gcm"
OAEP_MGF1P: Final = f"{XENC.uri}rsa-oaep-mgf1p"
SHA1_NAME: Final = f"{DS.uri}sha1"


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


def _cipher_data(raw: bytes) -> Element:
    return XENC("CipherData", XENC("CipherValue", spelled(raw)))
