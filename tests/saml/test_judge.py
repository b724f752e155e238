"""Answers of an identity provider that nobody here wrote: what holds is read, and everything else is refused."""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sk.errors import Damaged
from sk.saml.bindings import in_redirect
from sk.saml.judge import OLD, SKEW, Attribute, Expected, NotLoggedInError, Said, answered, judge
from sk.saml.messages import request, response
from sk.saml.metadata import read_provider, service_metadata
from sk.saml.names import MD, REDIRECT, SAML, SAMLP, STATUS
from sk.saml.signature import key_info
from sk.xml import Element, parse
from sk.xmldsig import DS, RSA_SHA256
from tests.saml.judges import fault
from tests.saml.parties import party
from tests.saml.provider import (
    BPK2,
    CONSUMER,
    ENTITY,
    ERIKA,
    SERVICE,
    SIGN_ON,
    Change,
    answer,
    encrypted,
    provider,
    signed,
    taken,
)

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ASKED = "_asked"
LASTS = timedelta(minutes=5)


def judged(raw: bytes, request_id: str = ASKED, at: datetime = AT, reader: str = "konto") -> Said:
    """Return what an answer says to us."""
    return judge(parse(raw), request_id, Expected(provider(), SERVICE, CONSUMER, [party(reader).key]), at)


def replaced(before: str, after: str) -> Change:
    """Have something else stand there, which has to be there."""

    def change(text: str) -> str:
        assert re.search(before, text), text
        return re.sub(before, after, text)

    return change


# What is taken


@pytest.mark.parametrize(
    "otherwise",
    [{}, {"is_signed_outside": False}, {"algorithm": RSA_SHA256}, {"around": replaced(' Destination="[^"]+"', "")}],
    ids=["as BundID does", "the assertion alone is signed", "as before 2024", "to no address"],
)
def test_what_an_answer_says_is_read(otherwise: dict[str, Any]) -> None:
    raw = answer(ASKED, AT, **otherwise)

    assert answered(parse(raw)) == ASKED
    assert judged(raw) == Said("STORK-QAA-Level-4", {oid: Attribute(value, "HOCH") for oid, value in ERIKA.items()})


def test_one_of_several_keys_opens_it() -> None:
    raw, keys = answer(ASKED, AT), [party("next").key, party("konto").key]

    assert judge(parse(raw), ASKED, Expected(provider(), SERVICE, CONSUMER, keys), AT).level == "STORK-QAA-Level-4"


@pytest.mark.parametrize("later", [-SKEW, timedelta(), LASTS + SKEW - timedelta(seconds=1)])
def test_clocks_may_differ_a_little(later: timedelta) -> None:
    assert judged(answer(ASKED, AT), at=AT + later).level == "STORK-QAA-Level-4"


def test_blanks_in_a_name_were_never_meant_and_two_values_say_nothing() -> None:
    twice = replaced("(<saml:AttributeValue[^>]*>ERIKA</saml:AttributeValue>)", r"\1\1")
    raw = answer(ASKED, AT, attributes={f" {BPK2} ": "k2", "urn:oid:2.5.4.42": "ERIKA"}, said=twice)

    assert judged(raw).attributes == {BPK2: Attribute("k2", "HOCH"), "urn:oid:2.5.4.42": Attribute("", "HOCH")}


def test_our_request_is_understood_by_somebody_else() -> None:
    asked = request("_asked", SERVICE, CONSUMER, SIGN_ON, "STORK-QAA-Level-3", SAML("Advice"), AT)

    found = taken(in_redirect(SIGN_ON, asked, party("konto").key))

    assert found.request.id == asked.get("ID")
    assert fault(etree.tostring(asked)) == ""


def test_our_metadata_are_valid() -> None:
    both = [party("konto").certificate, party("next").certificate]

    assert fault(service_metadata(SERVICE, CONSUMER, both)) == ""


def test_the_metadata_of_a_provider_are_read() -> None:
    role = MD(
        "IDPSSODescriptor",
        MD("KeyDescriptor", key_info(party("bundid").certificate), use="signing"),
        MD("SingleSignOnService", Binding=REDIRECT, Location=SIGN_ON),
        protocolSupportEnumeration=SAMLP.uri,
    )

    assert read_provider(etree.tostring(MD("EntityDescriptor", role, entityID=ENTITY))) == provider()


# What is refused

CONFIRMATION = '<saml:SubjectConfirmation Method="[^"]+">'
REFUSED: dict[str, dict[str, Any]] = {
    "nobody has signed": {"is_signed": False, "is_signed_outside": False},
    "the assertion is not signed": {"is_signed": False},
    "a stranger has signed": {"signer": "stranger"},
    "everybody can read it": {"is_encrypted": False},
    "it is for somebody else to read": {"reader": "stranger"},
    "another address": {"around": replaced('Destination=.[^"]+', 'Destination="https://evil.example/')},
    "another issuer around it": {"around": replaced(f"<saml:Issuer>{ENTITY}", "<saml:Issuer>https://evil.example")},
    "another request around it": {"around": replaced(ASKED, "_other")},
    "an assertion beside it": {"around": replaced("</samlp:Status>", "</samlp:Status><saml:Assertion/>")},
    "an assertion within it": {
        "said": replaced("</saml:Conditions>", "</saml:Conditions><saml:Advice><saml:Assertion/></saml:Advice>")
    },
    "another version": {"around": replaced('Version="2.0"', 'Version="1.1"')},
    "something beside it": {"around": replaced("</samlp:Status>", "</samlp:Status><samlp:Extensions/>")},
    "another issuer": {"said": replaced(f"<saml:Issuer>{ENTITY}", "<saml:Issuer>https://evil.example")},
    "another request": {"said": replaced(ASKED, "_other")},
    "no request": {"said": replaced(f' InResponseTo="{ASKED}"', "")},
    "another recipient": {"said": replaced('Recipient=.[^"]+', 'Recipient="https://evil.example/')},
    "no recipient": {"said": replaced(' Recipient="[^"]+"', "")},
    "another audience": {"said": replaced("<saml:Audience>[^<]+", "<saml:Audience>https://evil.example")},
    "no audience": {"said": replaced("<saml:AudienceRestriction>.*</saml:AudienceRestriction>", "")},
    "no conditions": {"said": replaced("<saml:Conditions.*</saml:Conditions>", "")},
    "a condition that nobody knows": {"said": replaced("</saml:Conditions>", "<saml:Condition/></saml:Conditions>")},
    "two conditions": {"said": replaced("(<saml:Conditions.*</saml:Conditions>)", r"\1\1")},
    "whoever holds a key": {"said": replaced("cm:bearer", "cm:holder-of-key")},
    "two subjects": {"said": replaced("(<saml:Subject>.*</saml:Subject>)", r"\1\1")},
    "not yet confirmed": {
        "said": replaced(
            "<saml:SubjectConfirmationData ", '<saml:SubjectConfirmationData NotBefore="2026-11-23T09:00:00Z" '
        )
    },
    "no log-in": {"said": replaced("<saml:AuthnStatement.*</saml:AuthnStatement>", "")},
    "an old log-in": {"said": replaced('AuthnInstant="[^"]+"', 'AuthnInstant="2026-11-23T08:44:59Z"')},
    "a log-in of tomorrow": {"said": replaced('AuthnInstant="[^"]+"', 'AuthnInstant="2026-11-24T09:00:00Z"')},
    "a log-in at no moment": {"said": replaced('AuthnInstant="[^"]+"', 'AuthnInstant="2026-11-23T09:00:00"')},
    "one thing said twice": {"said": replaced("(<saml:Attribute .*?</saml:Attribute>)", r"\1\1")},
    "an element in a value": {"said": replaced("ERIKA", "<x/>ERIKA")},
}


@pytest.mark.parametrize("otherwise", REFUSED.values(), ids=REFUSED)
def test_an_answer_that_is_not_for_us_and_now_is_refused(otherwise: dict[str, Any]) -> None:
    raw = answer(ASKED, AT, **otherwise)

    with pytest.raises(Damaged):
        judged(raw)


@pytest.mark.parametrize("later", [-SKEW - timedelta(seconds=1), LASTS + SKEW, timedelta(hours=1)])
def test_an_answer_of_another_time_is_refused(later: timedelta) -> None:
    assert timedelta(minutes=15) == OLD
    with pytest.raises(Damaged):
        judged(answer(ASKED, AT), at=AT + later)


def test_an_answer_to_another_request_is_refused() -> None:
    with pytest.raises(Damaged):
        judged(answer(ASKED, AT), "_another")


@pytest.mark.parametrize("reader", ["konto", "stranger"])
def test_whoever_has_the_key_of_the_reader_can_encrypt_and_has_said_nothing(reader: str) -> None:
    mine = answer(ASKED, AT, signer="stranger", is_encrypted=False, is_signed_outside=False).decode()
    found = re.search("<saml:Assertion.*</saml:Assertion>", mine, re.DOTALL)
    assert found

    with pytest.raises(Damaged):
        judged(mine.replace(found[0], encrypted(found[0], reader)).encode())


# Wrapped signatures, within the encryption: anybody can encrypt to us

SIGNATURE = DS.tag("Signature")


def _evil(genuine: Element) -> Element:
    evil = deepcopy(genuine)
    evil.set("ID", "_evil")
    evil.remove(evil.find(SIGNATURE))  # type: ignore[arg-type]
    for value in evil.iter(SAML.tag("AttributeValue")):
        value.text = "MALLORY"
    return evil


def beside(genuine: Element, evil: Element) -> str:
    """XSW3 and XSW4: one of them in the place of the other, both there."""
    evil.append(genuine)
    return etree.tostring(evil).decode()


def in_the_signature(genuine: Element, evil: Element) -> str:
    """XSW8: in an Object of the signature that the other one has."""
    signature = genuine.find(SIGNATURE)
    assert signature is not None
    moved = deepcopy(signature)
    genuine.remove(signature)
    moved.append(DS("Object", genuine))
    evil.insert(1, moved)
    return etree.tostring(evil).decode()


def under_the_signature(genuine: Element, evil: Element) -> str:
    """XSW5 and XSW6: the signature with the other one, the genuine one below it."""
    signature = genuine.find(SIGNATURE)
    assert signature is not None
    evil.insert(1, deepcopy(signature))
    genuine.remove(signature)
    evil.append(SAML("Advice", genuine))
    return etree.tostring(evil).decode()


def with_the_same_id(genuine: Element, evil: Element) -> str:
    """Have two elements of one name, so that it matters which is looked for."""
    evil.set("ID", str(genuine.get("ID")))
    return in_the_signature(genuine, evil)


def the_genuine_one_around(genuine: Element, evil: Element) -> str:
    """XSW7: the other one in what anybody may fill."""
    genuine.append(SAML("Advice", evil))
    return etree.tostring(genuine).decode()


WRAPPED = [beside, in_the_signature, under_the_signature, with_the_same_id, the_genuine_one_around]


@pytest.mark.parametrize("wrapped", WRAPPED)
def test_what_somebody_puts_around_a_genuine_assertion_is_refused(wrapped: Callable[[Element, Element], str]) -> None:
    plain = answer(ASKED, AT, is_encrypted=False, is_signed_outside=False).decode()
    found = re.search("<saml:Assertion.*</saml:Assertion>", plain, re.DOTALL)
    assert found
    namespaces = f'<saml:Assertion xmlns:saml="{SAML.uri}"'
    genuine = (
        found[0] if "xmlns:saml=" in found[0].split(">")[0] else found[0].replace("<saml:Assertion", namespaces, 1)
    )
    assert judged(plain.replace(found[0], encrypted(genuine, "konto")).encode()).attributes[BPK2].value == ERIKA[BPK2]

    put = wrapped(parse(genuine.encode()), _evil(parse(genuine.encode())))

    assert "MALLORY" in put
    with pytest.raises(Damaged):
        judged(plain.replace(found[0], encrypted(put, "konto")).encode())


def test_two_answers_in_one_are_refused() -> None:
    raw = answer(ASKED, AT, is_signed_outside=False).decode()
    found = re.search("<saml:EncryptedAssertion.*</saml:EncryptedAssertion>", raw, re.DOTALL)
    assert found

    with pytest.raises(Damaged):
        judged(raw.replace(found[0], found[0] * 2).encode())


# Refusals, and whatever else


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_refusal_says_why(is_signed: bool) -> None:  # noqa: FBT001 - a case of a test
    codes = (f"{STATUS}Responder", f"{STATUS}AuthnFailed")
    raw = etree.tostring(response(ENTITY, CONSUMER, ASKED, AT, None, *codes)).decode()

    with pytest.raises(NotLoggedInError, match=r"^Responder AuthnFailed$"):
        judged((signed(raw, "bundid") if is_signed else raw).encode())
    with pytest.raises(Damaged):
        judged(signed(raw, "stranger").encode())


@cache
def _genuine() -> bytes:
    return answer(ASKED, AT)


@given(place=st.integers(0, 20_000), byte=st.integers(0, 255))
def test_whatever_byte_is_changed_it_says_the_same_or_is_refused(place: int, byte: int) -> None:
    raw = _genuine()
    changed = raw[: place % len(raw)] + bytes([byte]) + raw[place % len(raw) + 1 :]

    try:
        found = judged(changed)
    except Damaged:
        return
    assert found == judged(raw)
