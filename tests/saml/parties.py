"""Who signs messages in these tests, and how a service describes itself."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_curve_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import NameOID
from lxml import etree

from sk.saml.names import MD, POST, SAMLP
from sk.saml.signature import key_info
from sk.xmldsig import spelled

BITS = 3072
CONSUMER = "https://portal.example/saml/acs"
ENTITY = "https://portal.example/saml"
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Party(NamedTuple):
    """Somebody with a key, and a certificate that it has signed itself."""

    key: RSAPrivateKey
    certificate: x509.Certificate

    @property
    def key_pem(self) -> bytes:
        """Return the key as a file has it."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def certificate_pem(self) -> bytes:
        """Return the certificate as a file has it."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def certificate_text(self) -> str:
        """Return the certificate as XML spells it."""
        return spelled(self.certificate.public_bytes(Encoding.DER))

    def files(self, folder: Path) -> str:
        """Write both into a folder, and return what the setting says then."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cert.pem").write_bytes(self.certificate_pem)
        (folder / "key.pem").write_bytes(self.key_pem)
        return f"{folder / 'cert.pem'},{folder / 'key.pem'}"


@cache
def party(name: str) -> Party:
    """Return somebody by name: the same one as long as this process lives, as keys take a while."""
    key = generate_private_key(public_exponent=65537, key_size=BITS)
    return Party(key, certificate_of(key, name))


def certificate_of(key: RSAPrivateKey | EllipticCurvePrivateKey, name: str) -> x509.Certificate:
    """Return a certificate of a key, signed by itself."""
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    days = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC))
    builder = x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number(), *days)
    return builder.sign(key, SHA256())


def curve_certificate() -> x509.Certificate:
    """Return a certificate of a key that is none of RSA."""
    return certificate_of(new_curve_key(SECP256R1()), "a curve")


def metadata_of(
    entity: str = ENTITY,
    consumers: Sequence[str] = (CONSUMER,),
    *,
    signing: Sequence[x509.Certificate] | None = None,
    encryption: Sequence[x509.Certificate] = (),
) -> bytes:
    """Return the metadata of a service, the first of whose addresses is the one that it takes by default."""
    keys = (
        *(("signing", one) for one in ([party("service").certificate] if signing is None else signing)),
        *(("encryption", one) for one in encryption),
    )
    role = MD(
        "SPSSODescriptor",
        *(MD("KeyDescriptor", key_info(certificate), use=use) for use, certificate in keys),
        *(
            MD("AssertionConsumerService", Binding=POST, Location=address, index=str(index))
            for index, address in enumerate(consumers)
        ),
        protocolSupportEnumeration=SAMLP.uri,
        AuthnRequestsSigned="true",
        WantAssertionsSigned="true",
    )
    return etree.tostring(MD("EntityDescriptor", role, entityID=entity))
