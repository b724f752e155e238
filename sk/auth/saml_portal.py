"""Portals that speak SAML 2.0: their requests become what those of OpenID Connect are, and the answer an assertion.

In between there is one way for both: the log-in, the level, the consent.
"""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sk.auth.assertions import SpentAssertion
from sk.auth.authorization import TEXT_MAX, Asked
from sk.auth.bundid_names import HANDLE, LEVEL, MAIL, OIDS, PSEUDONYM
from sk.auth.claims import CLAIMS, Person, Wish
from sk.auth.portal import PortalCard
from sk.auth.portal_log_in import pairwise_sub
from sk.auth.sessions import LogIn
from sk.auth.trust import LEVELS, NAMES, TrustLevel, level_named, reaches
from sk.config import Settings
from sk.errors import Conflict, Damaged
from sk.events import AssertionExpired
from sk.pem import key_and_certificate
from sk.saml.bindings import Received, in_form
from sk.saml.encryption import encrypt
from sk.saml.messages import Request, Told, assertion, read_request, response
from sk.saml.names import STATUS
from sk.saml.signature import is_signed, sign, verified
from sk.services import Services
from sk.xml import Element

ENTITY: Final = "/saml/metadata"
SIGN_ON: Final = "/saml/anmelden"
FRESH: Final = timedelta(minutes=5)
"""How old a request may be, or ahead of our clock."""
STORK: Final = "STORK-QAA-Level-"
CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "access_denied": (f"{STATUS}Responder", f"{STATUS}RequestDenied"),
    "login_required": (f"{STATUS}Responder", f"{STATUS}NoPassive"),
    "consent_required": (f"{STATUS}Responder", f"{STATUS}NoPassive"),
    "unmet_authentication_requirements": (f"{STATUS}Responder", f"{STATUS}NoAuthnContext"),
}
"""What SAML says where OpenID Connect has an error."""


class Identity(NamedTuple):
    """By what portals know us."""

    key: RSAPrivateKey
    certificate: x509.Certificate


class Answer(NamedTuple):
    """Where an answer is sent, and the fields of the form that brings it there."""

    address: str
    fields: Mapping[str, str]


class Taken(NamedTuple):
    """A request that is a portal's own. `is_unmet` tells that no log-in here has a level as it demands one."""

    asked: Asked
    is_unmet: bool


def identity_of(settings: Settings) -> Identity | None:
    """Return by what portals know an installation, or None if it speaks no SAML; a wrong setting is `Invalid`."""
    return Identity(*key_and_certificate("SK_SAML", settings.saml)) if settings.saml else None


async def take(received: Received, portal: PortalCard, services: Services, *, is_form: bool) -> Taken:
    """Return what a portal asks for, once, or raise `Damaged` if it is not its word.

    What is read is what was signed: in a form the message itself, in an address its spelling.
    """
    if portal.saml is None or len(received.relay_state) > TEXT_MAX:
        raise Damaged
    certificates = portal.saml.certificates("signing")
    message = received.message
    if is_form:
        if not is_signed(message):
            raise Damaged
        message = verified(message, certificates)
    else:
        received.refuse_unsigned(certificates)
    wanted, now = read_request(message), services.clock.now()
    if wanted.destination != services.base_url + SIGN_ON or abs(now - wanted.issued_at) > FRESH:
        raise Damaged
    spent = SpentAssertion(id=sha256(f"saml {portal.portal} {wanted.id}".encode()).hexdigest())
    spent.emit(AssertionExpired(assertion_id=spent.id), due=now + 2 * FRESH)
    try:
        await services.store.save(spent)
    except Conflict:
        raise Damaged from None
    unknown = bool(wanted.levels) and not any(map(level_named, wanted.levels))
    is_unmet = unknown or wanted.comparison not in ("minimum", "exact")
    return Taken(_asked(wanted, received.relay_state, portal, services), is_unmet)


def answer(
    asked: Asked, portal: PortalCard, log_in: LogIn, person: Person, identity: Identity, services: Services
) -> Answer:
    """Return the answer about somebody who has logged in: signed, and encrypted to a portal that has a key for that."""
    service, now = portal.saml, services.clock.now()
    if service is None:
        raise Damaged
    name = pairwise_sub(log_in.account_id, portal, services)
    told = Told(name, _level_name(asked, log_in.level), log_in.since, _attributes(asked, name, log_in.level, person))
    said = assertion(services.base_url + ENTITY, service.entity, asked.redirect_uri, asked.saml, told, now)
    sign(said, *identity)
    keys = service.certificates("encryption")
    inside = encrypt(said, keys[0]) if keys else said
    return _sent(asked, inside, identity, services)


def refusal(asked: Asked, error: str, identity: Identity, services: Services) -> Answer:
    """Return the answer that nobody has logged in."""
    return _sent(asked, None, identity, services, *CODES.get(error, (f"{STATUS}Responder",)))


def _sent(asked: Asked, inside: Element | None, identity: Identity, services: Services, *codes: str) -> Answer:
    issuer = services.base_url + ENTITY
    message = response(issuer, asked.redirect_uri, asked.saml, services.clock.now(), inside, *codes)
    fields = {"SAMLResponse": in_form(sign(message, *identity))}
    return Answer(asked.redirect_uri, {**fields, **({"RelayState": asked.state} if asked.state else {})})


def _level_name(asked: Asked, level: TrustLevel) -> str:
    """Return a level in the words in which was asked for one: if a portal takes some and no others, the highest."""
    taken = max((one for one in asked.exactly if reaches(level, one)), key=LEVELS.index, default=level)
    return NAMES[taken].stork[0] if asked.says_stork else NAMES[taken].eidas


def _asked(wanted: Request, relay_state: str, portal: PortalCard, services: Services) -> Asked:
    if portal.saml is None:
        raise Damaged
    levels = [level for name in wanted.levels if (level := level_named(name))]
    names = tuple(name for name in portal.claims if name != "documents")
    return Asked(
        portal=portal.portal,
        redirect_uri=_consumer(wanted, portal),
        state=relay_state,
        challenge="",
        scope="",
        wish=Wish(userinfo=names),
        demanded=min(levels, key=LEVELS.index, default="low"),
        prompts=(*(("none",) if wanted.is_passive else ()), *(("login",) if wanted.is_forced else ())),
        saml=wanted.id,
        exactly=tuple(levels) if wanted.comparison == "exact" else (),
        says_stork=any(name.startswith(STORK) for name in wanted.levels),
        at=services.clock.now(),
    )


def _consumer(wanted: Request, portal: PortalCard) -> str:
    """Return where the answer goes: an address that is registered, and no other, whoever has signed."""
    consumers = portal.saml.consumers if portal.saml else ()
    if wanted.consumer:
        found = [address for _, address in consumers if address == wanted.consumer]
    elif wanted.consumer_index:
        found = [address for index, address in consumers if index == wanted.consumer_index]
    else:
        found = [address for _, address in consumers]
    if not found:
        raise Damaged
    return found[0]


def _attributes(asked: Asked, name: str, level: TrustLevel, person: Person) -> Mapping[str, tuple[str, str]]:
    """Return what is told by the names of BundID, as far as there is something to tell."""
    fields = {field for claim in asked.wish.names if claim in CLAIMS for field in CLAIMS[claim].made_of}
    said = {OIDS[field]: person.profile.value(field) for field in OIDS if field in fields}
    said |= {MAIL: person.email} if "email" in asked.wish.names else {}
    said |= {HANDLE: person.postbox_handle} if "postbox_handle" in asked.wish.names else {}
    said |= {PSEUDONYM: name, LEVEL: NAMES[level].stork[0]}
    return {oid: (friendly, value) for (oid, friendly), value in said.items() if value}
