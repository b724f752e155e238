"""What becomes of a Vollmacht, each step with its statement, its lines in the journals, and a mail to the other side.

Granting needs a person who has just shown who they are: it lets somebody else in. Ending it needs a session only.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sk.auth.account import Account, account_digest
from sk.auth.authorities import posting
from sk.auth.characters import permitted
from sk.auth.errands import code_refused
from sk.auth.journal import belongs_to, entry
from sk.auth.own_key import own_lock
from sk.auth.sessions import LogIn
from sk.auth.tell import letters_to
from sk.auth.vollmacht import HELD_MAX, Ended, Opened, Terms, Vollmacht, own_vollmacht, row_id, vollmachten_of
from sk.clock import local_day, moment_to_sign
from sk.errors import Invalid
from sk.evidence.opening import Opening
from sk.evidence.statement import LockedOpening, Place, make_statement
from sk.ids import new_id
from sk.mail.letter import News, Told
from sk.postbox.explanation import date_words
from sk.services import Services
from sk.store.port import Aggregate
from sk.store.races import looking_again

NAME_MAX = 200
LONGEST = timedelta(days=3 * 366)


class End(NamedTuple):
    """How an end is stated, by whom it comes, and what the other side is told."""

    step: str
    by: Literal["principal", "representative"]
    told: News


ENDED_AS: Mapping[Ended, End] = {
    "rejected": End("vollmacht-rejected", "representative", "vollmacht-rejected"),
    "laid-down": End("vollmacht-revoked", "representative", "vollmacht-laid-down"),
    "revoked": End("vollmacht-revoked", "principal", "vollmacht-revoked"),
}


class Wish(NamedTuple):
    """What a principal asks for: who is to act for them, for which authority ("" for every one), and until when."""

    name: str
    authority: str
    replies: bool
    begins_on: date
    ends_on: date


async def grant(wish: Wish, log_in: LogIn, services: Services) -> str:
    """Offer a Vollmacht and return its id; its page shows the code by which the other person accepts it."""
    now = await moment_to_sign(services.clock)
    account = await services.store.get(Account, log_in.account_id)
    principal_name = await name_in(account, services)
    name = _checked(wish, now)
    authority = (await posting(wish.authority, services)).name if wish.authority else ""
    await _refuse_many(account.id, services)
    document = _document(wish._replace(name=name), principal_name, authority, services.settings.operator)
    opened = {"account": Opening.of(account_digest(account.id)), "document": Opening.of_text(document)}
    id_, code, vault = new_id(), new_id(), services.keys.lock_key("vault")
    terms = Terms(
        id=id_,
        principal=account.id,
        principal_name=principal_name,
        representative_name=name,
        authority=wish.authority,
        replies=wish.replies,
        begins_on=wish.begins_on,
        ends_on=wish.ends_on,
        level=log_in.level,
        document=document,
        document_salt=opened["document"].salt,
        granted_at=now,
        code=code,
    )
    stored = Vollmacht(
        id=row_id(id_, services),
        locked=b"",
        belongs=[belongs_to(account.id, services)],
        code_index=_code_index(code, services),
    )
    stored.change(terms, vault)
    facts = {
        **_session(log_in),
        "replies": wish.replies,
        "begins_on": str(wish.begins_on),
        "ends_on": str(wish.ends_on),
    }
    stored.bear(*_stated(Opened(terms, stored), "vollmacht-granted", now, facts, services, opened))
    stored.bear(*_news(account, "vollmacht-granted", now, services, name))
    await services.store.save(stored)
    return id_


async def offered(code: str, log_in: LogIn, services: Services) -> Opened:
    """Return what a code offers to whoever is logged in; one that cannot be used is `Invalid`."""
    index = _code_index("".join(code.split()).lower(), services)
    found = await services.store.find(Vollmacht, "code", index, limit=1)
    if not found:
        raise code_refused()
    one = Opened(found[0].open(services.keys.lock_key("vault")), found[0])
    if one.terms.phase(services.clock.now()) != "offered":
        raise code_refused()
    if one.terms.principal == log_in.account_id:
        raise Invalid("nobody needs a Vollmacht of their own", field="code", problem="vollmacht-own")
    return one


@looking_again
async def accept(code: str, log_in: LogIn, services: Services) -> str:
    """Accept what a code offers; return the id of the Vollmacht, which holds from now on or from its first day."""
    one, now = await offered(code, log_in, services), await moment_to_sign(services.clock)
    account = await services.store.get(Account, log_in.account_id)
    name = await name_in(account, services)
    await _refuse_many(account.id, services)
    opened = {"account": Opening.of(account_digest(account.id)), "name": Opening.of_text(name)}
    at = max(now, one.terms.last_at + timedelta(microseconds=1))
    taken = {"representative": account.id, "accepted_at": at, "accepted_name": name, "code": ""}
    _become(one, {**taken, "name_salt": opened["name"].salt}, services)
    one.stored.belongs.append(belongs_to(account.id, services))
    one.stored.code_index = ""
    one.stored.bear(*_stated(one, "vollmacht-accepted", at, _session(log_in), services, opened))
    one.stored.bear(entry(account.id, "vollmacht-taken", now, services, name=one.terms.principal_name))
    principal = await services.store.get(Account, one.terms.principal)
    one.stored.bear(*_news(principal, "vollmacht-accepted", now, services, name))
    mail = services.keys.lock_key("mail")
    principal.lock_mail(mail, principal.open_mail(mail).model_copy(update={"represented": True}))
    await services.store.save(one.stored, principal)
    return one.id


@looking_again
async def reject(code: str, log_in: LogIn, services: Services) -> None:
    """Refuse what a code offers."""
    one, now = await offered(code, log_in, services), await moment_to_sign(services.clock)
    await _end(one, "rejected", now, services)


async def end(vollmacht_id: str, log_in: LogIn, services: Services) -> None:
    """End a Vollmacht: its principal revokes it, its representative lays it down. What has ended stays as it is."""
    await _end_of(vollmacht_id, log_in.account_id, services)


async def name_in(account: Account, services: Services) -> str:
    """Return the name that somebody has given or the card has said; without one there is no document to sign."""
    profile = account.open_profile(await own_lock(account.id, services))
    name = f"{profile.value('given_names')} {profile.value('family_names')}".strip()
    if not name:
        raise Invalid("the account has no name", problem="name-missing")
    return name


async def end_all_of(account_id: str, services: Services) -> None:
    """End what an account that is to be gone has granted and accepted, each once, and tell the other side."""
    for one in await vollmachten_of(account_id, services):
        if not one.terms.ended and one.terms.phase(services.clock.now()) != "over":
            await _end_of(one.id, account_id, services)


@looking_again
async def _end_of(vollmacht_id: str, account_id: str, services: Services) -> None:
    one, now = await own_vollmacht(vollmacht_id, account_id, services), await moment_to_sign(services.clock)
    if not one.terms.ended:
        await _end(one, "revoked" if one.terms.principal == account_id else "laid-down", now, services)


async def _refuse_many(account_id: str, services: Services) -> None:
    now = services.clock.now()
    phases = [one.terms.phase(now) for one in await vollmachten_of(account_id, services)]
    if sum(phase in ("offered", "before", "in-force") for phase in phases) >= HELD_MAX:
        raise Invalid(f"an account has at most {HELD_MAX} of them at a time", problem="vollmachten-many")


async def _end(one: Opened, how: Ended, now: datetime, services: Services) -> None:
    terms = one.terms
    principal = (terms.principal, terms.principal_name)
    representative = (terms.representative, terms.accepted_name or terms.representative_name)
    actor, other = (principal, representative) if how == "revoked" else (representative, principal)
    if actor[0]:
        one.stored.bear(entry(actor[0], "vollmacht-ended", now, services, name=other[1]))
    if other[0]:
        one.stored.bear(*await _news_to(other[0], ENDED_AS[how].told, now, services, actor[1]))
    at = max(now, terms.last_at + timedelta(microseconds=1))
    _become(one, {"ended": how, "ended_at": at, "code": ""}, services)
    one.stored.code_index = ""
    one.stored.bear(*_stated(one, ENDED_AS[how].step, at, {"by": ENDED_AS[how].by}, services))
    await services.store.save(one.stored)


def _become(one: Opened, changes: Mapping[str, Any], services: Services) -> None:
    one.stored.change(one.terms.model_copy(update=changes), services.keys.lock_key("vault"))


async def _news_to(account_id: str, what: Told | News, now: datetime, services: Services, name: str) -> list[Aggregate]:
    """Return what tells the other side, if it is still there."""
    found = await services.store.get_many(Account, [account_id])
    return [one for account in found.values() for one in _news(account, what, now, services, name)]


def _news(account: Account, what: Told | News, now: datetime, services: Services, name: str) -> list[Aggregate]:
    """Return a line in the journal, which names the other person, and mails, which do not."""
    letters = letters_to(account, what, now, services, at=now.isoformat())
    return [entry(account.id, what, now, services, name=name), *letters]


def _stated(
    one: Opened,
    step: str,
    at: datetime,
    facts: Mapping[str, object],
    services: Services,
    opened: Mapping[str, Opening] | None = None,
) -> list[Aggregate]:
    """Return the statement about a step, and what opens it to us."""
    says: dict[str, object] = {"vollmacht": one.id, **facts}
    if opened:
        says["commitments"] = {name: opening.commitment() for name, opening in opened.items()}
    statement = make_statement(services.keys.signer("sign-web"), step, at, says, Place(one.terms.authority))
    return [statement, *([LockedOpening.of(statement, opened, services.keys.lock_key("records"))] if opened else [])]


def _checked(wish: Wish, now: datetime) -> str:
    """Return the name of who is to act, if all of a wish can be."""
    today, name = local_day(now), permitted(wish.name, "A", "name")
    if not name:
        raise Invalid("a Vollmacht names who may act", field="name", problem="field-missing")
    if len(name) > NAME_MAX:
        raise Invalid(f"a name has at most {NAME_MAX} characters", field="name", problem="field-too-long")
    if wish.begins_on < today:
        raise Invalid("a Vollmacht begins today or later", field="begins_on", problem="day-past")
    if not wish.begins_on <= wish.ends_on <= wish.begins_on + LONGEST:
        raise Invalid("a Vollmacht ends after it begins, three years later at most", field="ends_on", problem="day-end")
    return name


def _document(wish: Wish, principal: str, authority: str, operator: str) -> str:
    """Return the words of the Vollmacht, which count; they are German, as the language of authorities is."""
    whose = f"Nachrichten von „{authority}“" if authority else "Nachrichten aller Behörden"
    what = "abzurufen und darauf zu antworten" if wish.replies else "abzurufen"
    begins_on, ends_on = date_words(wish.begins_on).de, date_words(wish.ends_on).de
    return (
        f"Vollmacht: {principal} bevollmächtigt {wish.name}, im Postfach von {principal} ({operator}) {whose} {what}. "
        f"Die Vollmacht gilt vom {begins_on} bis zum {ends_on}. Sie kann jederzeit widerrufen werden."
    )


def _session(log_in: LogIn) -> dict[str, object]:
    return {"means": log_in.means, "level": log_in.level}


def _code_index(code: str, services: Services) -> str:
    return services.keys.index.blind("vollmacht", code)
