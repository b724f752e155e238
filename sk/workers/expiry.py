"""Expiry: forgets what has had its time."""

from sk.auth.account import Account, AccountKey
from sk.auth.assertions import SpentAssertion
from sk.auth.sessions import Session
from sk.errors import Invalid, NotFound
from sk.events import ActivationEnded, AssertionExpired, Event, SessionEnded, Unreadable
from sk.services import Services
from sk.store.port import Aggregate


async def forget_session(event: SessionEnded, services: Services) -> None:
    """Forget a session that has reached its absolute end."""
    await _forget(event, services, Session, event.session_id)


async def forget_assertion(event: AssertionExpired, services: Services) -> None:
    """Forget a client assertion that nobody can use any more."""
    await _forget(event, services, SpentAssertion, event.assertion_id)


async def forget_unactivated(event: ActivationEnded, services: Services) -> None:
    """Forget an account that nobody has activated in time; its user name is free again."""
    try:
        account = await services.store.get(Account, event.account_id)
    except NotFound:
        account = None
    if account is None or not account.activation_index:
        await services.store.save(done=event)
        return
    key = await services.store.get(AccountKey, account.id)
    await services.store.save(done=event, remove=[account, key])


async def refuse_unreadable(event: Unreadable, _: Services) -> None:
    """Have an event tried again later, perhaps by a version that can read it, and in the end looked at by a person."""
    raise Invalid(f"this version cannot read the event {event.id}")


async def _forget(event: Event, services: Services, kind: type[Aggregate], id_: str) -> None:
    try:
        gone = [await services.store.get(kind, id_)]
    except NotFound:
        gone = []
    await services.store.save(done=event, remove=gone)
