"""Keys and certificates in files that settings name."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sk.errors import Invalid

KEY_BITS = 2048


def key_and_certificate(setting: str, files: str) -> tuple[RSAPrivateKey, x509.Certificate]:
    """Return what `CERT.pem,KEY.pem` names, or raise `Invalid`, which names the setting."""
    certificate_file, _, key_file = files.partition(",")
    certificate = certificate_in(setting, certificate_file)
    try:
        key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        raise Invalid(f"{setting}: {key_file or 'no file'} cannot be read as a key in PEM") from None
    if not isinstance(key, RSAPrivateKey) or key.public_key() != certificate.public_key():
        raise Invalid(f"{setting}: the key is not that of the certificate")
    return key, certificate


def certificate_in(setting: str, file: str) -> x509.Certificate:
    """Return the first certificate in a file; its key is RSA, which is what messages are signed with."""
    try:
        certificate = x509.load_pem_x509_certificate(Path(file).read_bytes())
    except (OSError, ValueError):
        raise Invalid(f"{setting}: {file or 'no file'} cannot be read as a certificate in PEM") from None
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS:
        raise Invalid(f"{setting}: {file} must be of an RSA key of {KEY_BITS} bits or more")
    return certificate
