"""Attacks on signed messages by whoever has no key: nothing can be changed, left out, moved aside or put in its place.

Every message here is refused in the same way, `Damaged`, so that nobody learns by trying how near they came.
"""

from datetime import timedelta

import pytest

from sk.auth.eid.wsse import sign, verify
from sk.errors import Damaged
from tests.auth.eid.parties import (
    AT,
    OURS,
    SECURITY,
    SIGNATURE,
    STRANGER,
    THEIRS,
    TIMESTAMP,
    certificate_of,
    changed,
    envelope,
    message,
    part,
    refuses,
    written,
)
from tests.auth.eid.wrappings import HEADER, WRAPPINGS, Change


def test_the_message_that_all_these_attacks_begin_with_is_read() -> None:
    assert verify(changed(message(), lambda _: None), THEIRS.certificate, AT) is not None


TAMPERED: dict[str, tuple[bytes, bytes]] = {
    "body": (b"genuine", b"forged!"),
    "blank more in the body": (b">genuine", b"> genuine"),
    "time of making": (b"09:00:00Z", b"09:00:01Z"),
    "expiry": (b"09:05:00Z", b"23:59:59Z"),
    "issuer": (b"CN=theirs", b"CN=others"),
    "serial number": (b"SerialNumber>", b"SerialNumber>1"),
    "signature": (b"SignatureValue>", b"SignatureValue>!"),
    "algorithm": (b"rsa-sha256", b"rsa-sha512"),
}


@pytest.mark.parametrize(("before", "after"), TAMPERED.values(), ids=TAMPERED)
def test_a_message_that_was_tampered_with_is_refused(before: bytes, after: bytes) -> None:
    assert before in message()
    assert refuses(message().replace(before, after))


@pytest.mark.parametrize("later", [timedelta(minutes=6, seconds=1), timedelta(days=1)])
def test_an_expired_message_is_refused(later: timedelta) -> None:
    assert refuses(message(), at=AT + later)


def test_a_message_from_the_future_is_refused() -> None:
    assert refuses(message(at=AT + timedelta(seconds=61)))


def test_a_message_signed_with_another_certificate_is_refused() -> None:
    assert refuses(sign(envelope(), *STRANGER, AT))
    assert refuses(sign(envelope(), *OURS, AT))


def test_a_message_that_names_their_certificate_and_was_signed_by_somebody_else_is_refused() -> None:
    assert refuses(sign(envelope(), STRANGER.key, THEIRS.certificate, AT))


def test_a_message_that_names_another_issuer_or_serial_number_is_refused_though_the_key_is_theirs() -> None:
    for other in (
        certificate_of(THEIRS.key, serial=THEIRS.certificate.serial_number + 1),
        certificate_of(THEIRS.key, *[(one.oid, "another") for one in THEIRS.certificate.issuer], serial=4711),
    ):
        assert refuses(sign(envelope(), THEIRS.key, other, AT))


@pytest.mark.parametrize("off", [timedelta(days=2), timedelta(days=-2)])
def test_a_certificate_that_is_not_good_yet_or_any_more_signs_nothing(off: timedelta) -> None:
    certificate = certificate_of(THEIRS.key)
    verify(sign(envelope(), THEIRS.key, certificate, AT), certificate, AT)

    with pytest.raises(Damaged):
        verify(sign(envelope(), THEIRS.key, certificate, AT + off), certificate, AT + off)


def test_an_unsigned_message_is_refused() -> None:
    assert refuses(written(envelope()))
    assert refuses(changed(message(), lambda root: root.remove(part(root, HEADER))))
    assert refuses(changed(message(), lambda root: part(root, SECURITY).remove(part(root, SIGNATURE))))
    assert refuses(changed(message(), lambda root: part(root, SECURITY).remove(part(root, TIMESTAMP))))


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
def test_signature_wrapping_is_refused(wrapping: Change) -> None:
    assert refuses(changed(message(), wrapping))
