"""BundID, the account of the Federation: we are a service to it (SAML 2.0), and its users log in here as with a card.

A way there is the errand of the browser that began it (`sk/auth/cards.py`). The answer comes in a form that BundID's
page sends, and browsers show none of our cookies with that. So what it says is kept, and a way back is drawn, which the
answer to that form alone tells: the data go to the browser that has been there and has begun, or to nobody.
"""

import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sk.auth.bundid_names import LEVEL, OIDS, PSEUDONYM
from sk.auth.cards import ABOUT, REFERENCE_BYTES, CardRead, CardUse
from sk.auth.countries import country_of_icao
from sk.auth.credentials import Card
from sk.auth.errands import Errand, find_errand
from sk.auth.profile import FieldName, read_form
from sk.auth.spelling import as_people_write
from sk.auth.trust import NAMES, TrustLevel, level_named, lower, reaches
from sk.clock import local_day
from sk.config import Settings
from sk.errors import Conflict, Damaged, Forbidden, Invalid, NotFound
from sk.pem import key_and_certificate
from sk.postbox.explanation import Language
from sk.saml.bindings import in_redirect
from sk.saml.judge import Attribute, Expected, NotLoggedInError, Said, answered, judge
from sk.saml.messages import request
from sk.saml.metadata import Provider, read_provider, service_metadata
from sk.services import Services
from sk.xml import Element, Namespace

ENTITY: Final = "/bundid/metadata"
CONSUMER: Final = "/bundid/antwort"
AKDB: Final = Namespace("akdb", "https://www.akdb.de/request/2018/09")
CLASSIC_UI: Final = Namespace("classic-ui", "https://www.akdb.de/request/2018/09/classic-ui/v1")
NAME_MAX: Final = 50
"""How much of our name it shows."""
WISHES: Final[tuple[FieldName, ...]] = (
    *("given_names", "family_names", "birth_name", "academic_title", "date_of_birth", "place_of_birth"),
    *("nationality", "street", "postal_code", "city", "country"),
)
"""What is asked for when an account is to be made or bound. For a log-in it is the pseudonym alone."""
NEEDED: Final[tuple[FieldName, ...]] = ("given_names", "family_names", "date_of_birth")
"""What must be known by then, so that it is somebody."""
NAMED: Final[tuple[FieldName, ...]] = (*NEEDED[:2], "birth_name", "academic_title", "place_of_birth", "street", "city")
COUNTRIES: Final[tuple[FieldName, ...]] = ("nationality", "country")
TRUST: Final[Mapping[str, TrustLevel]] = {"HOCH": "high", "SUBSTANTIELL": "substantial", "NORMAL": "low"}
"""What it calls how sure a datum is. A fourth word, UNTERGEORDNET, is for what anybody may have typed in."""
log = logging.getLogger(__name__)


class BundId(NamedTuple):
    """How we know it, and it us. `other` is a second key of ours, on the way in or out; `service` what it calls us."""

    provider: Provider
    key: RSAPrivateKey
    certificate: x509.Certificate
    other: tuple[RSAPrivateKey, x509.Certificate] | None
    service: str

    def metadata(self, services: Services) -> bytes:
        """Return what it has to know of us."""
        certificates = [self.certificate, *([self.other[1]] if self.other else [])]
        return service_metadata(services.base_url + ENTITY, services.base_url + CONSUMER, certificates)


def bundid_of(settings: Settings) -> BundId | None:
    """Return how an installation knows BundID, or None if it does not; a wrong setting is `Invalid`, by its name."""
    if not settings.bundid:
        return None
    try:
        provider = read_provider(Path(settings.bundid).read_bytes())
    except OSError as error:
        raise Invalid(f"SK_BUNDID: {settings.bundid} cannot be read: {error.strerror}") from None
    except Invalid as refused:
        raise Invalid(f"SK_BUNDID: {refused}") from None
    other = settings.bundid_other_key
    return BundId(
        provider,
        *key_and_certificate("SK_BUNDID_KEY", settings.bundid_key),
        other=key_and_certificate("SK_BUNDID_OTHER_KEY", other) if other else None,
        service=settings.bundid_service,
    )


def request_address(use: CardUse, language: Language, bundid: BundId, services: Services) -> str:
    """Return the address at BundID that begins a way there. It is used once, and its spelling must stay as it is."""
    entity, consumer = services.base_url + ENTITY, services.base_url + CONSUMER
    destination, level = bundid.provider.sign_on, NAMES[use.asked or "low"].stork[0]
    wishes = _wishes(use, language, bundid, services.settings.operator)
    asked = request(_id(use), entity, consumer, destination, level, wishes, services.clock.now())
    return in_redirect(destination, asked, bundid.key)


async def take_answer(message: Element, bundid: BundId, services: Services) -> str:
    """Keep what BundID has answered, once, and return the way back; raise `Damaged` if it is not its word for us."""
    try:
        errand = await find_errand(ABOUT, CardUse, answered(message).removeprefix("_"), services)
    except NotFound:
        raise Damaged from None
    use = errand.content
    if use.asked is None or use.way_back:
        raise Damaged
    keys = [bundid.key, *([bundid.other[0]] if bundid.other else [])]
    expected = Expected(bundid.provider, services.base_url + ENTITY, services.base_url + CONSUMER, keys)
    try:
        said = judge(message, _id(use), expected, services.clock.now())
        use.came = _read(said, use, use.asked, services)
    except NotLoggedInError as refusal:
        log.info("bundid-has-let-nobody-in", extra={"said": str(refusal)})
        use.refused = "bundid-not-logged-in"
    except Forbidden as refused:
        use.refused = refused.problem
    use.way_back = secrets.token_urlsafe(REFERENCE_BYTES)
    try:
        await services.store.save(errand.to_save(services))
    except Conflict:
        raise Damaged from None
    return use.way_back


async def read_answer(errand: Errand[CardUse], services: Services) -> CardRead:
    """Return what came, for the browser that has shown the way back, or raise `Forbidden` if nothing did."""
    use = errand.content
    if use.came is None:
        raise Forbidden("BundID has said nothing that is taken", problem=use.refused or "card-foreign-session")
    use.read = use.came
    await services.store.save(errand.to_save(services))
    return use.read


def _id(use: CardUse) -> str:
    return f"_{use.reference}"  # an ID in XML does not begin with a digit


def _wishes(use: CardUse, language: Language, bundid: BundId, operator: str) -> Element:
    names = {PSEUDONYM[0]: True, LEVEL[0]: False}
    if use.purpose != "log-in":
        names |= {OIDS[field][0]: field in NEEDED for field in WISHES}
    wanted = [
        AKDB("RequestedAttribute", Name=oid, RequiredAttribute=str(is_needed).lower())
        for oid, is_needed in names.items()
    ]
    shown = CLASSIC_UI(
        "Version",
        CLASSIC_UI("OrganizationDisplayName", operator[:NAME_MAX]),
        CLASSIC_UI("Lang", language),
        *([CLASSIC_UI("OnlineServiceId", bundid.service)] if bundid.service else []),
    )
    return AKDB(
        "AuthenticationRequest",
        AKDB("RequestedAttributes", *wanted),
        AKDB("DisplayInformation", shown),
        Version="2",
    )


def _read(said: Said, use: CardUse, asked: TrustLevel, services: Services) -> CardRead:
    pseudonym, level = said.attributes.get(PSEUDONYM[0], Attribute("")).value, _level(said)
    if not pseudonym:
        raise Forbidden("BundID does not say who this is", problem="bundid-too-little")
    if not reaches(level, asked):
        raise Forbidden(f"this log-in at BundID is {level}", problem="bundid-level-too-low")
    card = Card(
        index=services.keys.index.blind("card", f"bundid {pseudonym}"),
        document_type="BundID",
        means="bundid",
        level=level,
        expires_on=None,
        bound_at=services.clock.now(),
    )
    if use.purpose == "log-in":
        return CardRead(card=card, values={}, raw={})  # whatever else it says was not asked for
    found = {field: said.attributes[OIDS[field][0]] for field in WISHES if OIDS[field][0] in said.attributes}
    raw = {field: one.value for field, one in found.items() if _is_sure(one, level)}
    values = _values(raw, local_day(services.clock.now()))
    if not all(map(values.get, NEEDED)):
        raise Forbidden("BundID says too little of this person", problem="bundid-too-little")
    return CardRead(card=card, values=values, raw=raw)


def _level(said: Said) -> TrustLevel:
    """Return the level of a log-in: the lower one, if both of its places name one, and low if neither does."""
    named = (level_named(said.level), level_named(said.attributes.get(LEVEL[0], Attribute("")).value))
    known = [level for level in named if level]
    return lower(known[0], known[-1]) if known else "low"


def _is_sure(one: Attribute, level: TrustLevel) -> bool:
    """Tell whether a datum is as sure as the log-in: what its user has typed in there is for nobody to verify here."""
    return one.trust in TRUST and reaches(TRUST[one.trust], level)


def _values(raw: Mapping[FieldName, str], today: date) -> dict[FieldName, str]:
    """Return what was said as registers write it; what they would not take is not taken here."""
    said: dict[str, str] = {field: as_people_write(value) if field in NAMED else value for field, value in raw.items()}
    said |= {field: country_of_icao(raw[field]) for field in COUNTRIES if field in raw}
    values = read_form(said, [field for field in raw if raw[field] and field != "date_of_birth"], today).values
    with suppress(ValueError):
        values["date_of_birth"] = date.fromisoformat(raw.get("date_of_birth", "")).isoformat()
    return values
