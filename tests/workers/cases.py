"""Notices and accounts for the tests of workers."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sk.auth.account import Account
from sk.auth.sessions import LogIn
from sk.crypto.sign import decode, strict_json
from sk.events import Event
from sk.evidence.statement import Statement
from sk.mail.port import Receipt, Refused
from sk.postbox.notice import Notice
from sk.store.port import Store
from sk.workers.handle import receiver
from tests.world import Citizen, World, a_notice

MESSAGE = {"kind": "message", "law": None, "rechtsbehelf": None, "belehrung": None}
"""What makes a notice one without a law, so that nothing of it is due on a later day."""
REFUSED = Refused(Receipt("mx.example.org", 550, "5.1.1", "4711"))
"""What the mail server of somebody says who is not there."""


async def accepted(world: World, **changes: Any) -> tuple[str, Citizen]:
    """Return a notice that was accepted and not yet delivered, and to whom."""
    authority, erika = await world.authority(laws=(changes.get("law") or "ozg-9",)), await world.citizen()
    status, answer = await authority.post(a_notice(erika.handle, **changes))
    assert status == 202, answer
    return answer["id"], erika


async def bereitgestellt(world: World, **changes: Any) -> tuple[str, Citizen]:
    """Return a notice that was delivered and of which nobody was told yet."""
    notice_id, erika = await accepted(world, **changes)
    for event in await due(world):
        await receiver(world.workers)(event.id)
    world.clock.advance(seconds=1)
    return notice_id, erika


async def due(world: World) -> list[Event]:
    """Return what is due about notices, and leave it for others as well."""
    found = await world.web.store.take_due("test", world.clock.now(), limit=100, lease=timedelta(minutes=1))
    await world.web.store.release("test")
    return [event for event in found if hasattr(event, "notice_id")]


async def due_event(world: World, kind: type[Event], at: datetime) -> Event:
    """Return the one event of a kind that is due at a moment, and leave it for others as well."""
    found = await world.web.store.take_due("test", at, limit=100, lease=timedelta(minutes=1))
    await world.web.store.release("test")
    [event] = [one for one in found if isinstance(one, kind)]
    return event


async def stands(world: World, who: Citizen, **changes: Any) -> None:
    """Let an account stand otherwise from now on."""
    account = await world.web.store.get(Account, who.account.id)
    standing = account.standing(world.web.keys.signers).model_copy(update=changes)
    account.change(standing, world.web.keys.signer("sign-web"))
    await world.web.store.save(account)


async def notice_of(world: World, notice_id: str) -> Notice:
    """Return a notice as it is now."""
    return await world.web.store.get(Notice, notice_id)


async def said_of(world: World, notice_id: str) -> list[dict[str, Any]]:
    """Return what was stated about a notice, in order."""
    return [strict_json(decode(one.jws.split(".", 2)[1])) for one in await statements_of(world, notice_id)]


async def steps_of(world: World, notice_id: str) -> list[str]:
    """Return the steps that were stated about a notice, in order."""
    return [said["step"] for said in await said_of(world, notice_id)]


async def statements_of(world: World, notice_id: str) -> list[Statement]:
    """Return the statements about a notice, in order."""
    ids = (await notice_of(world, notice_id)).statement_ids
    found = await world.web.store.get_many(Statement, ids)
    return [found[id_] for id_ in ids]


async def fetch(world: World, who: Citizen, subject: str = "Bescheid über Ihren Antrag") -> None:
    """Have a citizen open a notice by its button."""
    async with world.browser(who) as browser:
        await browser.send((await browser.open("/postfach")).form(subject))


async def take_back(world: World, notice_id: str) -> None:
    """Withdraw a notice, past the authority's client."""
    notice = await notice_of(world, notice_id)
    notice.withdraw(world.clock.now(), world.web.keys.signer("sign-web"))
    await world.web.store.save(notice)


def logged_in(who: Citizen) -> LogIn:
    """Return somebody's session, as a handler of a request knows it."""
    account_id, at = who.account.id, who.account.created_at
    return LogIn(session_id="", account_id=account_id, level="high", means="password", since=at, csrf="")


async def days_said(world: World, notice_id: str) -> dict[str, tuple[str | None, str | None]]:
    """Return the day of Bekanntgabe and the end of the Frist as each step has stated them."""
    said = await said_of(world, notice_id)
    return {step["step"]: (step["bekanntgabe_on"], step["frist_ends_on"]) for step in said if "days" in step}


class Raced:
    """`Store` in which somebody else is quicker with the first save."""

    def __init__(self, store: Store, before: Callable[[], Awaitable[object]]) -> None:
        """Let something happen just before the first save."""
        self._store, self._before, self.lost = store, before, 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has there
        """Hand everything on."""
        return getattr(self._store, name)

    async def save(self, *aggregates: Any, **more: Any) -> None:
        """See `Store.save`."""
        if not self.lost:
            self.lost += 1
            await self._before()
        await self._store.save(*aggregates, **more)
