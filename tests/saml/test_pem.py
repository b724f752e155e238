"""The setting that says by what portals know us: a certificate and its key, or one sentence that says what is wrong."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_curve_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from sk.auth.saml_portal import Identity, identity_of
from sk.config import load_settings
from sk.errors import Invalid
from sk.pem import certificate_in
from tests.saml.parties import certificate_of, curve_certificate, party


def identity(folder: Path, files: str) -> Identity | None:
    """Return by what portals know an installation with this setting."""
    return identity_of(load_settings({"data": folder / "data", "saml": files}))


def test_a_certificate_and_its_key_are_by_what_portals_know_us(tmp_path: Path) -> None:
    found = identity(tmp_path, party("provider").files(tmp_path))

    assert found
    assert found.certificate == party("provider").certificate
    assert found.key.private_numbers() == party("provider").key.private_numbers()


def test_an_installation_that_names_none_speaks_no_saml(tmp_path: Path) -> None:
    assert identity(tmp_path, "") is None


def test_of_several_certificates_in_a_file_the_first_one_counts(tmp_path: Path) -> None:
    both = party("provider").certificate_pem + party("a stranger").certificate_pem
    (tmp_path / "both.pem").write_bytes(both)

    assert certificate_in("SK_X", str(tmp_path / "both.pem")) == party("provider").certificate


def test_what_cannot_be_read_is_named_together_with_the_setting(tmp_path: Path) -> None:
    certificate, key = party("provider").files(tmp_path).split(",")
    locked = party("provider").key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"a password")
    )
    (tmp_path / "locked.pem").write_bytes(locked)
    (tmp_path / "text.pem").write_text("no PEM")

    for files, named in {
        f"{certificate},{tmp_path / 'none.pem'}": "none.pem",
        f"{tmp_path / 'none.pem'},{key}": "none.pem",
        f"{certificate},{certificate}": "cert.pem",
        f"{key},{key}": "key.pem",
        f"{tmp_path / 'text.pem'},{key}": "text.pem",
        f"{certificate},{tmp_path / 'locked.pem'}": "locked.pem",
        f"{tmp_path},{key}": str(tmp_path),
        certificate: "no file",
        ",": "no file",
    }.items():
        with pytest.raises(Invalid, match=r"^SK_SAML: .*cannot be read as a (key|certificate) in PEM$") as refused:
            identity(tmp_path, files)
        assert named in str(refused.value)


def test_a_key_that_is_not_the_certificates_is_refused(tmp_path: Path) -> None:
    certificate, _ = party("provider").files(tmp_path / "one").split(",")
    _, key = party("a stranger").files(tmp_path / "two").split(",")

    with pytest.raises(Invalid, match="the key is not that of the certificate"):
        identity(tmp_path, f"{certificate},{key}")


def test_a_certificate_of_a_curve_or_of_a_short_key_is_refused(tmp_path: Path) -> None:
    short = generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - made to be refused
    for certificate, key in (
        (curve_certificate(), new_curve_key(SECP256R1())),
        (certificate_of(short, "short"), short),
    ):
        (tmp_path / "c.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (tmp_path / "k.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

        with pytest.raises(Invalid, match="must be of an RSA key of 2048 bits or more"):
            identity(tmp_path, f"{tmp_path / 'c.pem'},{tmp_path / 'k.pem'}")
