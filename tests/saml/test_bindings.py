"""Messages in an address or in a field of a form: as they were sent, or not at all."""

import base64
import tracemalloc
import zlib
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.errors import Damaged
from sk.saml.bindings import Received, from_form, from_redirect, in_form
from sk.saml.messages import read_request
from sk.xml import MAX_BYTES
from sk.xmldsig import RSA_PSS_SHA256, RSA_SHA256, canonical, sign_bytes
from tests.saml.asking import asking, written
from tests.saml.parties import Party, party


def deflated(raw: bytes) -> str:
    """Return a message as addresses have it, before it is quoted."""
    packer = zlib.compressobj(wbits=-15)
    return base64.b64encode(packer.compress(raw) + packer.flush()).decode()


def query(relay_state: str = "x/y z", algorithm: str = RSA_SHA256, signer: Party | None = None) -> str:
    """Return a query with a request, signed."""
    said = {"SAMLRequest": deflated(written(asking())), "RelayState": relay_state, "SigAlg": algorithm}
    signed = urlencode(said)
    signature = sign_bytes(signed.encode(), (signer or party("service")).key, algorithm)
    return f"{signed}&Signature={quote(base64.b64encode(signature).decode(), safe='')}"


def taken(raw: str) -> Received:
    """Return what a query says, or raise `Damaged` unless the service has signed it."""
    received = from_redirect(raw)
    received.refuse_unsigned([party("service").certificate])
    return received


@pytest.mark.parametrize("algorithm", [RSA_SHA256, RSA_PSS_SHA256])
def test_what_was_signed_in_an_address_is_read(algorithm: str) -> None:
    received = taken(query(algorithm=algorithm))

    assert read_request(received.message) == read_request(asking())
    assert received.relay_state == "x/y z"


def test_the_order_in_an_address_is_free_for_the_order_of_what_is_signed_is_not() -> None:
    turned = "&".join(reversed(query().split("&")))

    assert read_request(taken(f"lang=de&{turned}").message) == read_request(asking())


def test_a_message_without_a_signature_is_read_and_signed_by_nobody() -> None:
    bare = query().partition("&SigAlg=")[0]

    assert read_request(from_redirect(bare).message) == read_request(asking())
    with pytest.raises(Damaged):
        taken(bare)


def test_what_a_stranger_has_signed_is_refused() -> None:
    with pytest.raises(Damaged):
        taken(query(signer=party("a stranger")))


def test_a_message_comes_back_from_a_form_as_it_was() -> None:
    assert canonical(from_form(in_form(asking()))) == canonical(asking())
    broken = "\r\n".join(in_form(asking())[at : at + 76] for at in range(0, 4096, 76))
    assert canonical(from_form(broken)) == canonical(asking())


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 40 * MAX_BYTES])
def test_no_more_is_unpacked_than_a_message_may_have(size: int) -> None:
    with pytest.raises(Damaged):
        from_redirect(urlencode({"SAMLRequest": deflated(b"<x>" + b" " * (size - 7) + b"</x>")}))


def test_what_is_too_large_takes_no_memory_before_it_is_refused() -> None:
    bomb = urlencode({"SAMLRequest": deflated(b"<x>" + b" " * 200 * MAX_BYTES + b"</x>")})
    tracemalloc.start()
    try:
        with pytest.raises(Damaged):
            from_redirect(bomb)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 8 * MAX_BYTES


def test_a_message_of_the_size_that_it_may_have_is_unpacked() -> None:
    raw = b"<x>" + b" " * (MAX_BYTES - 7) + b"</x>"

    assert from_redirect(urlencode({"SAMLRequest": deflated(raw)})).message.tag == "x"


@given(st.text(max_size=300))
def test_whatever_an_address_or_a_field_says_it_is_a_message_or_refused(text: str) -> None:
    for read in (from_redirect, from_form):
        with pytest.raises(Damaged):
            read(text)
        with pytest.raises(Damaged):
            read(f"SAMLRequest={text}")


@given(place=st.integers(0, 10_000), char=st.characters(max_codepoint=0x2FF))
def test_whatever_character_of_an_address_is_changed_it_says_the_same_or_nothing(place: int, char: str) -> None:
    right = query()
    at = place % len(right)
    try:
        received = taken(right[:at] + char + right[at + 1 :])
    except Damaged:
        return
    assert read_request(received.message) == read_request(asking())
    assert received.relay_state == "x/y z"
