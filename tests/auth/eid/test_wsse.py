"""Messages are signed over their Body and their time; xmlsec1, which nobody here wrote, agrees in both directions."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import NameOID, ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from sk.auth.eid.messages import get_result_request, use_id_request
from sk.auth.eid.wsse import SOAP, WSU, sign, verify
from sk.errors import Damaged
from sk.xml import Element, parse
from sk.xmldsig import canonical
from tests.auth.eid.parties import (
    AT,
    BODY,
    CONTENT,
    INFORMATION,
    OURS,
    SECURITY,
    SIGNATURE,
    THEIRS,
    TIMESTAMP,
    certificate_of,
    envelope,
    message,
    part,
)
from tests.keeper import tool

IDS = ("--id-attr:Id", BODY[1:].replace("}", ":"), "--id-attr:Id", WSU.tag("Timestamp")[1:].replace("}", ":"))
TEMPLATE = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:test">
  <soap:Header>
    <wsse:Security soap:mustUnderstand="1"
        xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
        xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
      <ds:Signature Id="SIG-1" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
        <ds:SignedInfo>
          <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">
            <ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="soap t"/>
          </ds:CanonicalizationMethod>
          <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
          <ds:Reference URI="#body-1">
            <ds:Transforms>
              <ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">
                <ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="t"/>
              </ds:Transform>
            </ds:Transforms>
            <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
            <ds:DigestValue/>
          </ds:Reference>
          <ds:Reference URI="#time-1">
            <ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>
            <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
            <ds:DigestValue/>
          </ds:Reference>
        </ds:SignedInfo>
        <ds:SignatureValue/>
        <ds:KeyInfo Id="KI-1">
          <wsse:SecurityTokenReference wsu:Id="STR-1">
            <ds:X509Data>
              <ds:X509IssuerSerial>
                <ds:X509IssuerName>{issuer}</ds:X509IssuerName>
                <ds:X509SerialNumber>{serial}</ds:X509SerialNumber>
              </ds:X509IssuerSerial>
            </ds:X509Data>
          </wsse:SecurityTokenReference>
        </ds:KeyInfo>
      </ds:Signature>
      <wsu:Timestamp wsu:Id="time-1">
        <wsu:Created>2026-11-23T09:59:30.123+01:00</wsu:Created>
        <wsu:Expires>2026-11-23T09:04:30.123Z</wsu:Expires>
      </wsu:Timestamp>
    </wsse:Security>
  </soap:Header>
  <soap:Body wsu:Id="body-1"
      xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
    <t:word>KÖLN &amp; HEIDESTRAẞE</t:word>
  </soap:Body>
</soap:Envelope>
"""


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Return a folder with their key and certificate, as xmlsec1 reads them."""
    pem = THEIRS.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "cert.pem").write_bytes(THEIRS.certificate.public_bytes(Encoding.PEM))
    return tmp_path


def xmlsec(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run xmlsec1 in a folder."""
    command = [tool("xmlsec1", "Debian's package xmlsec1"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_xmlsec1_verifies_what_we_sign(keys: Path) -> None:
    for name, content in (("beginning", use_id_request()), ("result", get_result_request("7f" * 16, 1))):
        (keys / f"{name}.xml").write_bytes(sign(content, *THEIRS, AT))
        checked = xmlsec(keys, "--verify", "--pubkey-cert-pem", "cert.pem", *IDS, f"{name}.xml")

        assert checked.returncode == 0, checked.stderr
        assert "SignedInfo References (ok/all): 2/2" in checked.stderr


def test_xmlsec1_refuses_what_somebody_has_changed_in_it(keys: Path) -> None:
    for before, after in ((b"genuine", b"changed"), (b"09:05:00Z", b"19:05:00Z")):
        (keys / "changed.xml").write_bytes(message().replace(before, after))
        assert xmlsec(keys, "--verify", "--pubkey-cert-pem", "cert.pem", *IDS, "changed.xml").returncode != 0


def test_we_verify_what_xmlsec1_signs(keys: Path) -> None:
    issuer, serial = THEIRS.certificate.issuer.rfc4514_string(), THEIRS.certificate.serial_number
    (keys / "template.xml").write_text(TEMPLATE.format(issuer=issuer, serial=serial))
    made = xmlsec(keys, "--sign", "--privkey-pem", "key.pem", *IDS, "--output", "signed.xml", "template.xml")
    assert made.returncode == 0, made.stderr
    signed = (keys / "signed.xml").read_bytes()

    body = verify(signed, THEIRS.certificate, AT)

    assert part(body, CONTENT.tag("word")).text == "KÖLN & HEIDESTRAẞE"
    with pytest.raises(Damaged):
        verify(signed.replace(b"LN &amp;", b"NN &amp;"), THEIRS.certificate, AT)


def test_a_namespace_that_is_named_relatively_has_no_canonical_form_and_is_refused() -> None:
    relative = message().replace(b"<soapenv:Body ", b'<soapenv:Body xmlns:v="1" v:x="" ', 1)
    assert b'xmlns:v="1"' in relative

    with pytest.raises(Damaged):
        verify(relative, THEIRS.certificate, AT)


def test_a_message_is_built_as_the_guideline_says() -> None:
    root = parse(sign(use_id_request(), *OURS, AT))

    assert [one.tag for one in root] == [SOAP.tag("Header"), SOAP.tag("Body")]
    assert part(root, SECURITY).get(SOAP.tag("mustUnderstand")) == "1"
    assert [one.text for one in part(root, TIMESTAMP)] == ["2026-11-23T09:00:00Z", "2026-11-23T09:05:00Z"]
    assert [one.tag.rpartition("}")[2] for one in part(root, SIGNATURE)] == ["SignedInfo", "SignatureValue", "KeyInfo"]
    assert [one.get("Algorithm") for one in list(part(root, INFORMATION))[:2]] == [
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ]


def test_what_was_signed_comes_back_alone() -> None:
    body = verify(message(), THEIRS.certificate, AT)

    assert part(body, CONTENT.tag("word")).text == "genuine"
    assert body.getparent() is None


def test_signing_leaves_the_envelope_as_it_was_and_no_two_messages_are_the_same() -> None:
    unsigned = envelope()
    before = canonical(unsigned)

    assert sign(unsigned, *THEIRS, AT) != sign(unsigned, *THEIRS, AT)
    assert canonical(unsigned) == before


@pytest.mark.parametrize("off", [timedelta(0), timedelta(seconds=-59), timedelta(minutes=5, seconds=59)])
def test_clocks_may_be_a_minute_apart(off: timedelta) -> None:
    verify(message(), THEIRS.certificate, AT + off)


@pytest.mark.parametrize(
    "named",
    [
        (
            (NameOID.COUNTRY_NAME, "DE"),
            (NameOID.ORGANIZATION_NAME, "Bund, Länder & Co."),
            (NameOID.COMMON_NAME, "CA 1"),
        ),
        ((NameOID.DOMAIN_COMPONENT, "example"), (NameOID.COMMON_NAME, '#1 + \\ "2" <3>;=')),
        ((NameOID.COMMON_NAME, "CA"), (NameOID.EMAIL_ADDRESS, "ca@example.org"), (NameOID.SERIAL_NUMBER, "7")),
    ],
)
def test_a_certificate_is_known_by_whatever_its_issuer_is_called(
    named: tuple[tuple[ObjectIdentifier, str], ...],
) -> None:
    certificate = certificate_of(THEIRS.key, *named)

    verify(sign(envelope(), THEIRS.key, certificate, AT), certificate, AT)


@pytest.mark.parametrize(
    "spelling", ["CN=CA\\, 1,O=Bund,C=DE", "CN=CA\\, 1, O=Bund, C=DE", "CN=CA\\2C 1,\n  O=Bund,\n  C=DE"]
)
def test_an_issuer_may_be_spelled_with_blanks_behind_its_commas(spelling: str) -> None:
    parts = ((NameOID.COUNTRY_NAME, "DE"), (NameOID.ORGANIZATION_NAME, "Bund"), (NameOID.COMMON_NAME, "CA, 1"))
    certificate = certificate_of(THEIRS.key, *parts)
    signed = sign(envelope(), THEIRS.key, certificate, AT)
    ours = certificate.issuer.rfc4514_string().encode()
    assert ours in signed

    verify(signed.replace(ours, spelling.encode()), certificate, AT)


def words(body: Element) -> bytes:
    """Return what a Body says, whatever its id."""
    return canonical(part(body, CONTENT.tag("word")))


MESSAGE = message()


@given(place=st.integers(0, len(MESSAGE) - 1), byte=st.integers(0, 255))
def test_whatever_byte_is_changed_the_words_are_the_same_or_nothing_is_read(place: int, byte: int) -> None:
    raw = MESSAGE[:place] + bytes([byte]) + MESSAGE[place + 1 :]
    try:
        body = verify(raw, THEIRS.certificate, AT)
    except Damaged:
        return
    assert words(body) == words(parse(MESSAGE)[1])
