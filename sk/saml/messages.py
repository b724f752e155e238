"""The messages: a request for a log-in, and what answers it. Read and made by pure functions."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from sk.errors import Damaged
from sk.ids import new_id
from sk.saml.names import BEARER, PERSISTENT, POST, SAML, SAMLP, SUCCESS, URI
from sk.xml import Element, value

LASTS: Final = timedelta(minutes=5)


class Request(NamedTuple):
    """What a request for a log-in asks for: `levels` in whatever spelling it names, and where the answer goes.

    `comparison` says how a level must compare to them.
    """

    id: str
    issuer: str
    destination: str
    consumer: str
    consumer_index: str
    levels: tuple[str, ...]
    comparison: str
    is_forced: bool
    is_passive: bool
    issued_at: datetime


class Told(NamedTuple):
    """What is told of somebody who has logged in. `attributes` are friendly names and values, by their names."""

    name: str
    level: str
    since: datetime
    attributes: Mapping[str, tuple[str, str]]


def request(
    id_: str, entity: str, consumer: str, destination: str, level: str, extension: Element, at: datetime
) -> Element:
    """Return a request for a fresh log-in at a level or a higher one, with what the other side wants to know beside."""
    context = SAML("AuthnContextClassRef", level)
    return SAMLP(
        "AuthnRequest",
        SAML("Issuer", entity),
        SAMLP("Extensions", extension),
        SAMLP("RequestedAuthnContext", context, Comparison="minimum"),
        ID=id_,
        Version="2.0",
        IssueInstant=_written(at),
        Destination=destination,
        ForceAuthn="true",
        AssertionConsumerServiceURL=consumer,
        ProtocolBinding=POST,
    )


def read_request(message: Element) -> Request:
    """Read a request for a log-in, whose signature is the caller's to check, or raise `Damaged`."""
    if message.tag != SAMLP.tag("AuthnRequest") or message.get("Version") != "2.0" or not message.get("ID"):
        raise Damaged
    issuers = message.findall(SAML.tag("Issuer"))
    if len(issuers) != 1:
        raise Damaged
    if message.find(SAML.tag("Subject")) is not None:
        raise Damaged  # it wants somebody certain, by whose name nobody is known here
    context = message.find(SAMLP.tag("RequestedAuthnContext"))
    named = context.findall(SAML.tag("AuthnContextClassRef")) if context is not None else []
    return Request(
        id=str(message.get("ID")),
        issuer=value(issuers[0]),
        destination=str(message.get("Destination", "")),
        consumer=str(message.get("AssertionConsumerServiceURL", "")),
        consumer_index=str(message.get("AssertionConsumerServiceIndex", "")),
        levels=tuple(value(one) for one in named),
        comparison=str(context.get("Comparison", "exact")) if context is not None else "minimum",
        is_forced=message.get("ForceAuthn") in ("true", "1"),
        is_passive=message.get("IsPassive") in ("true", "1"),
        issued_at=read_time(message.get("IssueInstant")),
    )


def assertion(issuer: str, audience: str, consumer: str, request_id: str, told: Told, at: datetime) -> Element:
    """Return what is said of somebody who has logged in, to one service and for five minutes."""
    until = _written(at + LASTS)
    data = SAML("SubjectConfirmationData", InResponseTo=request_id, NotOnOrAfter=until, Recipient=consumer)
    name = SAML("NameID", told.name, Format=PERSISTENT, SPNameQualifier=audience)
    restriction = SAML("AudienceRestriction", SAML("Audience", audience))
    context = SAML("AuthnContext", SAML("AuthnContextClassRef", told.level))
    stated = [
        SAML("Attribute", SAML("AttributeValue", said), Name=oid, NameFormat=URI, FriendlyName=friendly)
        for oid, (friendly, said) in told.attributes.items()
    ]
    return SAML(
        "Assertion",
        SAML("Issuer", issuer),
        SAML("Subject", name, SAML("SubjectConfirmation", data, Method=BEARER)),
        SAML("Conditions", restriction, NotBefore=_written(at), NotOnOrAfter=until),
        SAML("AuthnStatement", context, AuthnInstant=_written(told.since), SessionIndex=new_message_id()),
        *([SAML("AttributeStatement", *stated)] if stated else []),
        ID=new_message_id(),
        Version="2.0",
        IssueInstant=_written(at),
    )


def response(issuer: str, consumer: str, request_id: str, at: datetime, inside: Element | None, *codes: str) -> Element:
    """Return the answer to a request: an assertion, or by which codes it is refused, the outermost first."""
    status = [SAMLP("StatusCode", Value=code) for code in codes or (SUCCESS,)]
    for outer, inner in pairwise(status):
        outer.append(inner)
    return SAMLP(
        "Response",
        SAML("Issuer", issuer),
        SAMLP("Status", status[0]),
        *([inside] if inside is not None else []),
        ID=new_message_id(),
        Version="2.0",
        IssueInstant=_written(at),
        Destination=consumer,
        InResponseTo=request_id,
    )


def new_message_id() -> str:
    """Return an id for a message, which must not begin with a digit."""
    return f"_{new_id()}"


def read_time(text: str | None) -> datetime:
    """Read a moment, which must say its zone, or raise `Damaged`."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        raise Damaged from None
    if at.tzinfo is None:
        raise Damaged
    return at


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
