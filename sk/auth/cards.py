"""The ID card: the way from a browser to the card and back, whose card it is, and what follows from it.

The way is an errand of the browser that began it. The eID-Client, which has none of its cookies, finds it by a
reference. The way back is another secret, which stands in the token alone: the client gives it to the browser that
called it. What was read so comes to the browser that has begun and that has shown the card, with the session with which
it began, or to nobody: neither to whoever sends others a link to the token, nor to whoever is sent one.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel

from sk.auth.account import Account, AccountKey
from sk.auth.card_expiry import trust_of, watch_cards
from sk.auth.countries import country_of_icao
from sk.auth.credentials import Card, Credentials
from sk.auth.eid.card import CardData
from sk.auth.eid.server import CardUseOver, EidServer
from sk.auth.eid.tctoken import tctoken
from sk.auth.errands import Errand, begin_errand, find_errand, open_errand
from sk.auth.journal import entry
from sk.auth.known import Known, known_by
from sk.auth.own_key import own_lock
from sk.auth.profile import NAMES, FieldName, Profile
from sk.auth.sessions import LogIn, is_fresh
from sk.auth.spelling import as_people_write
from sk.auth.tell import letters_to
from sk.auth.trust import TrustLevel, higher, reaches
from sk.auth.ways import change_ways
from sk.clock import local_day
from sk.errors import Conflict, Damaged, Forbidden, NotFound
from sk.services import Services

ABOUT = "card"
LASTS = timedelta(minutes=20)
REFERENCE_BYTES = 24
Purpose = Literal["register", "log-in", "account"]


class CardRead(BaseModel):
    """What a card has said, in our own fields, and the card by which its owner will be known.

    A field that is not there is one of which nothing was said.
    """

    card: Card
    values: dict[FieldName, str]
    raw: dict[FieldName, str]


class CardUse(BaseModel):
    """A way to the card and back: what for, with which session, and how far it has come.

    `fresh` says that its owner had just logged in when it began, so that a card may be bound to the account. On a way
    to BundID, `asked` is the level that was asked for, and `came` what was answered, or `refused` why nothing was: it
    is `read` once the browser that asked has shown the way back.
    """

    purpose: Purpose
    reference: str
    way_back: str = ""
    back: str
    account_id: str = ""
    session_id: str = ""
    fresh: bool = False
    eid_session: str = ""
    counter: int = 0
    read: CardRead | None = None
    asked: TrustLevel | None = None
    came: CardRead | None = None
    refused: str = ""


async def begin_card_use(
    purpose: Purpose, back: str, log_in: LogIn | None, services: Services, *, asked: TrustLevel | None = None
) -> Errand[CardUse]:
    """Begin a way to the card, or to BundID at a level, for a browser that may have a session."""
    reference = secrets.token_urlsafe(REFERENCE_BYTES)
    use = CardUse(purpose=purpose, reference=reference, back=back, asked=asked)
    if log_in:
        use.session_id, use.fresh = log_in.session_id, is_fresh(log_in, services.clock.now())
        use.account_id = log_in.account_id if purpose == "account" else ""
    errand = begin_errand(ABOUT, use, services, account_id=use.account_id, reference=reference, lasts=LASTS)
    await services.store.save(errand.to_save(services))
    return errand


def token_address(use: CardUse, services: Services) -> str:
    """Return where the eID-Client fetches its token."""
    return f"{services.base_url}/ausweis/token/{use.reference}"


async def fetch_token(reference: str, server: EidServer, services: Services) -> bytes:
    """Have the eID-Server begin, and return the token for the eID-Client. It is given out once."""
    errand = await find_errand(ABOUT, CardUse, reference, services)
    use = errand.content
    if use.reference != reference:
        raise Damaged  # the index leads to somebody else's way
    if use.asked is not None:
        raise NotFound("this is a way to BundID")
    if use.eid_session:
        raise Conflict("this token was fetched before")
    started = await server.use_id()
    # Drawn only now: whoever puts an older row back has the way back of a token that they fetched before go nowhere.
    use.eid_session, use.way_back = started.session_id, secrets.token_urlsafe(REFERENCE_BYTES)
    await services.store.save(errand.to_save(services))
    back = f"{services.base_url}/ausweis/zurueck/{use.way_back}"
    return tctoken(started.server_address, started.session_identifier, back, back, started.psk)


async def own_card_use(token: str, log_in: LogIn | None, services: Services) -> Errand[CardUse]:
    """Return the way that this browser has begun, with the session that it still has, or raise `Forbidden`."""
    try:
        errand = await open_errand(ABOUT, CardUse, token, services)
    except NotFound:
        raise _foreign() from None
    if errand.content.session_id != (log_in.session_id if log_in else ""):
        raise _foreign()
    return errand


def refuse_other_way_back(use: CardUse, way_back: str) -> None:
    """Raise `Forbidden` unless this browser comes from the client that was given the token."""
    if not use.way_back or not hmac.compare_digest(use.way_back.encode(), way_back.encode(errors="replace")):
        raise _foreign()


def _foreign() -> Forbidden:
    return Forbidden("this browser, or this session, has not begun this", problem="card-foreign-session")


async def read_result(errand: Errand[CardUse], server: EidServer, services: Services) -> CardRead:
    """Return what was read from the card. It is told once by the eID-Server, and kept in the errand from then on."""
    use = errand.content
    if use.read:
        return use.read
    if not use.eid_session:
        raise CardUseOver
    use.counter += 1
    await services.store.save(errand.to_save(services))  # the counter is never used twice, whatever comes of it
    data = await server.get_result(use.eid_session, use.counter)
    use.read = _read(data, services)
    await services.store.save(errand.to_save(services))
    return use.read


def _read(data: CardData, services: Services) -> CardRead:
    today = local_day(services.clock.now())
    if data.expires_on and data.expires_on < today:
        raise Forbidden("this card has expired", problem="card-expired")
    raw: dict[FieldName, str] = {
        "given_names": data.given_names,
        "family_names": data.family_names,
        "birth_name": data.birth_name,
        "academic_title": data.academic_title,
        "place_of_birth": data.place_of_birth,
        "street": data.street or data.residence,
        "city": data.city,
    }
    values: dict[FieldName, str] = {name: as_people_write(value) for name, value in raw.items()}
    values |= {
        "date_of_birth": data.date_of_birth.known,
        "postal_code": data.postal_code,
        "country": country_of_icao(data.country) if data.country else "",
        "nationality": country_of_icao(data.nationality) if data.nationality else "",
    }
    card = Card(
        index=services.keys.index.blind("card", data.pseudonym),
        document_type=data.document_type,
        level=data.level,
        expires_on=data.expires_on,
        bound_at=services.clock.now(),
    )
    return CardRead(card=card, values=values, raw=raw)


async def holder_of(card: Card, services: Services) -> Known | None:
    """Return the account to which a card is bound, or None."""
    return await known_by("card", card.index, lambda held: [bound.index for bound in held.cards], services)


def taken_over(profile: Profile, read: CardRead) -> Mapping[FieldName, str]:
    """Return what takes the place of what is known: nothing, if that was verified more surely."""
    known = (datum.trust for name, datum in profile.data.items() if profile.is_verified(name))
    return read.values if all(reaches(read.card.level, trust) for trust in known) else {}


def differences(profile: Profile, read: CardRead) -> Mapping[FieldName, tuple[str, str]]:
    """Return what is known and will be otherwise, by field."""
    values = taken_over(profile, read)
    said = {name: values[name] for name in NAMES if name in values}
    return {name: (profile.value(name), value) for name, value in said.items() if value != profile.value(name)}


async def bind_card(account: Account, errand: Errand[CardUse], read: CardRead, services: Services) -> None:
    """Take over what a card says, and bind it to the account, at its level now, if it is not; the errand is over.

    An account that was verified before belongs to a person, so that only another card of that person is bound to it. A
    name may have changed: then the birth name or the former one shows who it is.
    """
    vault, now = services.keys.lock_key("vault"), services.clock.now()
    own = await own_lock(account.id, services)
    credentials, profile = account.open_credentials(vault), account.open_profile(own)
    if any(map(profile.is_verified, profile.data)) and not _is_same_person(profile, read.values):
        raise Forbidden("this card belongs to another person than this account", problem="card-of-another-person")
    if any(held.index == read.card.index and reaches(held.level, read.card.level) for held in credentials.cards):
        account.bear(entry(account.id, "profile-changed", now, services))
    else:
        await _add_card(account, credentials, read.card, services)
    values = taken_over(profile, read)
    account.lock_profile(own, profile.read(values, read.card.level, now, read.raw, source=read.card.means))
    try:
        await services.store.save(account, remove=[errand.stored])
    except Conflict:
        holder = await holder_of(read.card, services)
        if holder and holder.account.id != account.id:
            raise Forbidden("this card belongs to another account", problem="card-of-another-account") from None
        raise


async def _add_card(account: Account, credentials: Credentials, card: Card, services: Services) -> None:
    vault, now = services.keys.lock_key("vault"), services.clock.now()
    others = [held for held in credentials.cards if held.index != card.index]
    credentials.cards = [*others, card.model_copy(update={"bound_at": now})]
    account.card_indexes = [held.index for held in credentials.cards]
    account.lock_credentials(vault, credentials)
    standing = account.standing(services.keys.signers)
    trust = higher(standing.trust, card.level)
    account.change(standing.model_copy(update={"trust": trust}), services.keys.signer("sign-web"))
    what: Literal["card-bound", "bundid-bound"] = "bundid-bound" if card.means == "bundid" else "card-bound"
    account.bear(entry(account.id, what, now, services, level=card.level))
    account.bear(*letters_to(account, what, now, services))
    await watch_cards(account, services)


async def remove_card(log_in: LogIn, name: str, services: Services) -> None:
    """Take a card off an account. It then reaches what its valid cards reach; what was read stays known and verified.

    It takes the level of that card, unless it has expired: with a password alone nobody shuts what a card has opened.
    """
    today, vault = local_day(services.clock.now()), services.keys.lock_key("vault")
    held = (await services.store.get(Account, log_in.account_id)).open_credentials(vault).cards
    is_bundid = any(card.name == name and card.means == "bundid" for card in held)

    def change(account: Account, credentials: Credentials) -> None:
        found = [card for card in credentials.cards if card.name == name]
        if not found:
            raise NotFound("there is no such card")
        if not (reaches(log_in.level, found[0].level) or found[0].has_expired(today)):
            raise Forbidden("this card is taken off at its own trust level", problem="card-level-too-low")
        credentials.cards = [card for card in credentials.cards if card.name != name]
        account.card_indexes = [card.index for card in credentials.cards]
        standing, trust = account.standing(services.keys.signers), trust_of(credentials, today)
        account.change(standing.model_copy(update={"trust": trust}), services.keys.signer("sign-web"))

    what: Literal["card-removed", "bundid-removed"] = "bundid-removed" if is_bundid else "card-removed"
    await change_ways(log_in.account_id, what, change, services)


def _is_same_person(profile: Profile, values: Mapping[FieldName, str]) -> bool:
    known = {name: profile.value(name).casefold() if profile.is_verified(name) else "" for name in NAMES}
    said = {name: values.get(name, "").casefold() for name in NAMES}
    if any(known[name] != said[name] for name in ("given_names", "date_of_birth")):
        return False
    if "" not in (places := {known["place_of_birth"], said["place_of_birth"]}) and len(places) > 1:
        return False  # not everybody who vouches for a person knows where they were born
    before, after = ({of["family_names"], of["birth_name"]} for of in (known, said))
    return bool((before & after) - {""})


async def forget_unconfirmed(holder: Known, services: Services) -> None:
    """Let somebody who holds the card begin anew, whose registration was never confirmed: the address was wrong."""
    keys = await services.store.get_many(AccountKey, [holder.account.id])
    await services.store.save(remove=[holder.account, *keys.values()])
