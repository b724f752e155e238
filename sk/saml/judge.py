"""Judging an answer to a request of ours: what it says, if all was signed, encrypted, and meant for us and now."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sk.errors import Damaged
from sk.saml.encryption import decrypt
from sk.saml.messages import read_time
from sk.saml.metadata import Provider
from sk.saml.names import BEARER, SAML, SAMLP, SUCCESS
from sk.saml.signature import is_signed, verified
from sk.xml import Element, Namespace, value
from sk.xmldsig import DS

SKEW: Final = timedelta(seconds=60)
"""How much the clock of the other side may differ."""
OLD: Final = timedelta(minutes=15)
"""How long ago somebody may have logged in there: we ask for a fresh log-in."""
CONDITIONS: Final = tuple(SAML.tag(name) for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction"))
HELD: Final = (SAML.tag("Assertion"), SAML.tag("EncryptedAssertion"))
ALLOWED: Final = (SAML.tag("Issuer"), DS.tag("Signature"), SAMLP.tag("Status"), *HELD)


class Attribute(NamedTuple):
    """One thing that an assertion says of a person, and in its issuer's word how sure that is."""

    value: str
    trust: str = ""


class Said(NamedTuple):
    """What an assertion says that holds: how surely somebody has logged in, and what of them, by name."""

    level: str
    attributes: Mapping[str, Attribute]


class Expected(NamedTuple):
    """What an answer has to be for us: from whom, to whom, for which address, and with which key it is opened."""

    provider: Provider
    entity: str
    consumer: str
    keys: Sequence[RSAPrivateKey]


class NotLoggedInError(Exception):
    """The other side says that nobody has logged in, and why, in its own words."""


def answered(message: Element) -> str:
    """Return to which request an answer says it is, of which nothing is true yet; nothing if it does not say."""
    return str(message.get("InResponseTo", ""))


def judge(message: Element, request_id: str, expected: Expected, at: datetime) -> Said:
    """Return what an answer to a request of ours says, all of it signed and encrypted to us, or raise `Damaged`.

    `NotLoggedInError` says that it is a refusal; nobody has to have signed that.
    """
    signing = expected.provider.certificates()
    if message.tag != SAMLP.tag("Response") or message.get("Version") != "2.0":
        raise Damaged
    if is_signed(message):
        message = verified(message, signing)  # and from here on nothing is read but what was signed
    if message.get("Destination", expected.consumer) != expected.consumer or message.get("InResponseTo") != request_id:
        raise Damaged
    status = _only(_only(message, SAMLP, "Status"), SAMLP, "StatusCode")
    if status.get("Value") != SUCCESS:
        raise NotLoggedInError(_codes(status))
    if any(child.tag not in ALLOWED for child in message) or len(_all(message, *HELD)) != 1:
        raise Damaged
    opened = decrypt(_only(message, SAML, "EncryptedAssertion"), expected.keys)
    if opened.tag != SAML.tag("Assertion") or opened.get("Version") != "2.0" or len(_all(opened, *HELD)) != 1:
        raise Damaged
    said = verified(opened, signing)
    _refuse_foreign(message, said, expected)
    _refuse_other_subject(said, request_id, expected, at)
    _refuse_conditions(said, expected, at)
    return _said(said, at)


def _refuse_foreign(message: Element, said: Element, expected: Expected) -> None:
    issuers = [value(one) for one in (*message.findall(SAML.tag("Issuer")), _only(said, SAML, "Issuer"))]
    if set(issuers) != {expected.provider.entity}:
        raise Damaged


def _refuse_other_subject(said: Element, request_id: str, expected: Expected, at: datetime) -> None:
    confirmation = _only(_only(said, SAML, "Subject"), SAML, "SubjectConfirmation")
    data = _only(confirmation, SAML, "SubjectConfirmationData")
    if confirmation.get("Method") != BEARER or data.get("Recipient") != expected.consumer or data.get("NotBefore"):
        raise Damaged
    if data.get("InResponseTo") != request_id or read_time(data.get("NotOnOrAfter")) <= at - SKEW:
        raise Damaged


def _refuse_conditions(said: Element, expected: Expected, at: datetime) -> None:
    conditions = _only(said, SAML, "Conditions")
    if any(child.tag not in CONDITIONS for child in conditions):
        raise Damaged
    if conditions.get("NotBefore") and read_time(conditions.get("NotBefore")) > at + SKEW:
        raise Damaged
    if read_time(conditions.get("NotOnOrAfter")) <= at - SKEW:
        raise Damaged
    restrictions = conditions.findall(SAML.tag("AudienceRestriction"))
    if not restrictions or any(expected.entity not in [value(one) for one in each] for each in restrictions):
        raise Damaged


def _said(said: Element, at: datetime) -> Said:
    statement = _only(said, SAML, "AuthnStatement")
    since = read_time(statement.get("AuthnInstant"))
    if not at - OLD <= since <= at + SKEW:
        raise Damaged
    attributes: dict[str, Attribute] = {}
    for one in said.findall(f"{SAML.tag('AttributeStatement')}/{SAML.tag('Attribute')}"):
        name = "".join(str(one.get("Name", "")).split())  # some carry blanks that were never meant
        if name in attributes:
            raise Damaged
        values = [value(each) for each in one]
        trust = next((str(found) for key, found in one.items() if str(key).endswith("}TrustLevel")), "")
        attributes[name] = Attribute(values[0] if len(values) == 1 else "", trust)  # two values would be a guess
    level = _only(_only(statement, SAML, "AuthnContext"), SAML, "AuthnContextClassRef")
    return Said(value(level), attributes)


def _codes(status: Element) -> str:
    return " ".join(str(one.get("Value", "")).rpartition(":")[2] for one in status.iter(SAMLP.tag("StatusCode")))


def _only(parent: Element, namespace: Namespace, name: str) -> Element:
    found = parent.findall(namespace.tag(name))
    if len(found) != 1:
        raise Damaged
    return found[0]


def _all(root: Element, *tags: str) -> list[Element]:
    return [one for one in root.iter() if one.tag in tags]
