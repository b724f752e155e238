"""Metadata: what a service says of itself is read, or refused in one sentence that says what is missing."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sk.errors import Invalid
from sk.saml.metadata import Service, provider_metadata, read_metadata
from sk.saml.names import MD, POST
from sk.xml import Element
from sk.xmldsig import DS
from tests.saml.parties import CONSUMER, ENTITY, curve_certificate, metadata_of, party

ROLE = MD.tag("SPSSODescriptor")
OTHER = "https://portal.example/saml/zwei"


def test_what_a_service_says_of_itself_is_read() -> None:
    reader = party("reader")
    described = metadata_of(consumers=[CONSUMER, OTHER], encryption=[reader.certificate])

    found = read_metadata(described)

    assert found == Service(
        entity=ENTITY,
        signing=(party("service").certificate_text,),
        encryption=(reader.certificate_text,),
        consumers=(("0", CONSUMER), ("1", OTHER)),
    )
    assert found.certificates("signing") == [party("service").certificate]
    assert found.certificates("encryption") == [reader.certificate]


def test_the_address_that_is_named_as_the_default_comes_first() -> None:
    for said in ("true", "1"):
        described = metadata_of(consumers=[CONSUMER, OTHER]).replace(
            b'index="1"', b'index="1" isDefault="%s"' % said.encode()
        )

        assert read_metadata(described).consumers == (("1", OTHER), ("0", CONSUMER))


def test_a_key_without_a_use_is_for_both() -> None:
    found = read_metadata(metadata_of().replace(b' use="signing"', b""))

    assert found.signing == found.encryption == (party("service").certificate_text,)


def test_certificates_may_be_broken_into_lines_and_several_may_sign() -> None:
    text = party("service").certificate_text
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    described = metadata_of(signing=[party("service").certificate, party("the next key").certificate])

    found = read_metadata(described.replace(text.encode(), f"\n{lines}\n".encode()))

    assert found.signing == (text, party("the next key").certificate_text)


def test_comments_and_what_stands_around_are_passed_over() -> None:
    described = metadata_of().replace(b"<md:SPSSO", b"<!-- ours -->\n<?x y?>  <md:Extensions/><md:SPSSO")

    assert read_metadata(b'<?xml version="1.0"?>\n<!-- by hand -->' + described) == read_metadata(metadata_of())


def test_ours_names_every_certificate_with_which_we_sign() -> None:
    both = [party("provider").certificate, party("the next key").certificate]

    root = etree.fromstring(provider_metadata("https://konto.example/saml", "https://konto.example/saml/sso", both))

    assert [one.text for one in root.iter(DS.tag("X509Certificate"))] == [
        party("provider").certificate_text,
        party("the next key").certificate_text,
    ]


def of_role(change: Callable[[Element], object]) -> bytes:
    """Return metadata after a change of its role."""
    root = etree.fromstring(metadata_of())
    (role,) = root.findall(ROLE)
    change(role)
    return etree.tostring(root)


def said_twice(role: Element) -> None:
    """Have two roles of one kind."""
    (parent,) = role.iterancestors()
    parent.append(etree.fromstring(etree.tostring(role)))


def without(name: str) -> Callable[[Element], object]:
    """Leave out what is called so."""

    def change(role: Element) -> None:
        for one in role.findall(MD.tag(name)):
            role.remove(one)

    return change


def certificate(text: str) -> Callable[[Element], object]:
    """Have another certificate."""

    def change(role: Element) -> None:
        next(role.iter(DS.tag("X509Certificate"))).text = text

    return change


BAD: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "this is no SAML metadata"),
    "no XML": (b"SAML", "this is no SAML metadata"),
    "bytes": (b"\xff\xfe\x00", "this is no SAML metadata"),
    "half of it": (metadata_of()[:-20], "this is no SAML metadata"),
    "a document type": (b"<!DOCTYPE x>" + metadata_of(), "this is no SAML metadata"),
    "more than anybody has to say": (metadata_of() + b" " * 1024 * 1024, "this is no SAML metadata"),
    "another document": (b"<x/>", "this is no metadata of one service provider"),
    "several services": (
        b'<md:EntitiesDescriptor xmlns:md="%s">%s</md:EntitiesDescriptor>' % (MD.uri.encode(), metadata_of()),
        "this is no metadata of one service provider",
    ),
    "no name": (metadata_of(""), "this is no metadata of one service provider"),
    "an identity provider": (
        of_role(lambda role: setattr(role, "tag", MD.tag("IDPSSODescriptor"))),
        "this is no metadata of one service provider",
    ),
    "two roles": (of_role(said_twice), "this is no metadata of one service provider"),
    "an older SAML": (
        of_role(lambda role: role.set("protocolSupportEnumeration", "urn:oasis:names:tc:SAML:1.1:protocol")),
        "this service provider does not speak SAML 2.0",
    ),
    "no key": (of_role(without("KeyDescriptor")), "this service provider names no certificate for its signatures"),
    "a key for encryption alone": (
        of_role(lambda role: role[0].set("use", "encryption")),
        "this service provider names no certificate for its signatures",
    ),
    "a certificate that is none": (of_role(certificate("AAAA")), "a certificate in this metadata cannot be read"),
    "a certificate in no base64": (of_role(certificate("ä?")), "a certificate in this metadata cannot be read"),
    "a certificate with something in it": (
        of_role(lambda role: etree.SubElement(next(role.iter(DS.tag("X509Certificate"))), "x")),
        "a certificate in this metadata cannot be read",
    ),
    "a certificate of a curve": (
        metadata_of(encryption=[curve_certificate()]),
        "a certificate in this metadata is not of an RSA key of 2048 bits or more",
    ),
    "no address": (
        of_role(without("AssertionConsumerService")),
        "this service provider names no address that takes answers by POST",
    ),
    "an address for another binding": (
        of_role(lambda role: role[-1].set("Binding", POST.replace("POST", "Artifact"))),
        "this service provider names no address that takes answers by POST",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_metadata_that_says_too_little_is_refused_with_what_is_missing(bad: str) -> None:
    described, sentence = BAD[bad]

    with pytest.raises(Invalid) as refused:
        read_metadata(described)
    assert str(refused.value) == sentence


DESCRIBED = metadata_of(encryption=[party("reader").certificate])


@given(place=st.integers(0, len(DESCRIBED) - 1), byte=st.integers(0, 255))
def test_whatever_byte_is_changed_it_is_metadata_or_is_refused(place: int, byte: int) -> None:
    try:
        found = read_metadata(DESCRIBED[:place] + bytes([byte]) + DESCRIBED[place + 1 :])
    except Invalid:
        return
    assert found.entity
    assert found.signing
    assert found.consumers
