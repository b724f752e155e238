"""A signature in a message covers all of it, and by one way alone: nothing can be changed, moved or put beside it."""

import hmac
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA512
from hypothesis import given
from hypothesis import strategies as st

from sk.errors import Damaged
from sk.saml.messages import read_request
from sk.saml.signature import is_signed, sign, verified
from sk.xml import Element, parse
from sk.xmldsig import DS, RSA_PSS_SHA256, canonical, spelled
from tests.saml.asking import (
    INFORMATION,
    ISSUER,
    KEY_INFO,
    METHOD,
    SIGNATURE,
    VALUE,
    Change,
    asking,
    changed,
    forged,
    part,
    read,
    refuses,
    signed,
    written,
)
from tests.saml.forgeries import FORGERIES, MORE, attribute
from tests.saml.parties import curve_certificate, party
from tests.saml.wrappings import WRAPPINGS

SIGNED = signed()


def test_the_request_that_all_these_attacks_begin_with_is_read() -> None:
    wanted = read_request(asking())

    assert read(SIGNED) == wanted
    assert read(changed(SIGNED, lambda _: None)) == wanted
    assert read(forged(SIGNED, lambda _: None, party("service"))) == wanted


def test_bundids_way_to_sign_is_taken_too() -> None:
    assert read(written(sign(asking(), *party("service"), RSA_PSS_SHA256))) == read(SIGNED)


def test_what_a_signature_says_of_its_key_is_not_read() -> None:
    def another_certificate(root: Element) -> None:
        (certificate,) = part(root, KEY_INFO).iter(DS.tag("X509Certificate"))
        certificate.text = party("a stranger").certificate_text

    def no_key(root: Element) -> None:
        part(root, SIGNATURE).remove(part(root, KEY_INFO))

    assert read(changed(SIGNED, another_certificate)) == read(changed(SIGNED, no_key)) == read(SIGNED)


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
def test_signature_wrapping_is_refused(wrapping: Change) -> None:
    assert refuses(changed(SIGNED, wrapping))


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_request_that_is_signed_in_another_way_is_refused(forgery: Change) -> None:
    try:
        raw = forged(SIGNED, forgery, party("service"))
    except Damaged:  # it has no canonical form that could be signed
        raw = changed(SIGNED, forgery)

    assert refuses(raw)


@pytest.mark.parametrize("used", [SHA1(), SHA512()], ids=["SHA-1", "SHA-512"])  # noqa: S303 - made to be refused
def test_a_signature_with_another_hash_is_refused(used: SHA1 | SHA512) -> None:
    assert refuses(forged(SIGNED, lambda _: None, party("service"), used))


def test_an_hmac_with_the_portals_certificate_for_a_secret_is_refused() -> None:
    for secret in (party("service").certificate_pem, party("service").certificate_text.encode()):
        root = parse(changed(SIGNED, attribute(METHOD, "Algorithm", f"{MORE}hmac-sha256")))
        mac = hmac.digest(secret, canonical(part(root, INFORMATION)), sha256)
        part(root, VALUE).text = spelled(mac)

        assert refuses(written(root))


def test_a_request_that_a_stranger_has_signed_is_refused_whatever_certificate_it_names() -> None:
    named = sign(asking(), party("a stranger").key, party("service").certificate)

    assert refuses(signed("a stranger"))
    assert refuses(written(named))


def test_a_request_that_nobody_has_signed_is_refused() -> None:
    assert not is_signed(asking())
    assert refuses(written(asking()))
    assert refuses(changed(SIGNED, lambda root: root.remove(part(root, SIGNATURE))))


def test_nobody_has_signed_for_a_service_without_a_certificate_or_with_one_of_another_kind() -> None:
    for certificates in ([], [curve_certificate()]):
        with pytest.raises(Damaged):
            verified(parse(SIGNED), certificates)


def test_what_was_signed_comes_back_alone() -> None:
    root = parse(SIGNED)

    copy = verified(root, [party("service").certificate])

    assert copy is not root
    assert next(copy.iter(ISSUER)) is not next(root.iter(ISSUER))
    assert canonical(copy) == canonical(asking())


@given(place=st.integers(0, len(SIGNED) - 1), byte=st.integers(0, 255))
def test_whatever_byte_is_changed_the_request_is_the_same_or_nothing_is_read(place: int, byte: int) -> None:
    raw = SIGNED[:place] + bytes([byte]) + SIGNED[place + 1 :]
    try:
        found = read(raw)
    except Damaged:
        return
    assert found == read_request(asking())
