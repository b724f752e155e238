"""Vollmachten, as the tests grant, accept and end them."""

import re
from typing import Any

from sk.auth.account import Account
from sk.auth.own_key import own_lock
from sk.auth.trust import TrustLevel
from sk.auth.vollmacht import Terms, Vollmacht
from sk.store.port import all_of
from tests.security.tab import Answer, Tab, open_tab
from tests.world import Citizen, Delivered, World

HERE = "/konto/vollmachten"
CODE = re.compile(r'class="secret">([a-z2-7 ]+)<')
FIRST, LAST = "2026-11-23", "2027-11-23"
"""The day on which tests begin, and the day until which a Vollmacht is good if nothing else is said."""


async def named(world: World, who: Citizen, given: str, family: str) -> Citizen:
    """Have somebody tell their name; return them."""
    account = await world.web.store.get(Account, who.account.id)
    own = await own_lock(account.id, world.web)
    names = {"given_names": given, "family_names": family}
    profile = account.open_profile(own).declared(names, world.clock.now())  # type: ignore[arg-type]
    account.lock_profile(own, profile)
    await world.web.store.save(account)
    return who


async def max_beispiel(world: World) -> Citizen:
    """Return somebody who is to act for others."""
    return await named(world, await world.citizen("max"), "Max", "Beispiel")


async def offer(tab: Tab, **changes: str) -> Answer:
    """Send the form for a Vollmacht."""
    form = {"name": "Max Beispiel", "authority": "alle", "replies": "off", "begins_on": FIRST, "ends_on": LAST}
    return await tab.ask("POST", f"{HERE}/neu", data={"csrf": tab.csrf, **form, **changes})


async def offered_by(world: World, who: Citizen, level: TrustLevel = "high", **changes: str) -> str:
    """Have somebody grant a Vollmacht, and return the code that its page shows."""
    tab = await open_tab(world, who, level=level)
    answer = await offer(tab, **changes)
    assert answer.status == 303, answer.text
    found = CODE.search((await tab.get(answer.headers["Location"])).text)
    assert found
    return found[1]


async def taken(world: World, who: Citizen, code: str, choice: str = "accept") -> Answer:
    """Have somebody answer to a code."""
    return await answered(await open_tab(world, who), code, choice)


async def answered(tab: Tab, code: str, choice: str = "") -> Answer:
    """Send a code, and what is to become of what it offers."""
    return await tab.ask("POST", f"{HERE}/annehmen", data={"csrf": tab.csrf, "code": code, "choice": choice})


async def granted(world: World, of: Citizen, to: Citizen, level: TrustLevel = "high", **changes: str) -> str:
    """Have somebody grant a Vollmacht that the other one accepts; return its id."""
    code = await offered_by(world, of, level, **changes)
    world.clock.advance(seconds=1)
    answer = await taken(world, to, code)
    assert answer.status == 303, answer.text
    return answer.headers["Location"].partition("?")[0].removeprefix(f"{HERE}/")


async def represented(
    world: World, level: TrustLevel = "high", vollmacht: dict[str, str] | None = None, **notice: Any
) -> tuple[Delivered, Citizen, str]:
    """Return a notice, somebody who may act for its citizen, and the id of the Vollmacht for that."""
    delivered = await world.delivered(**notice)
    await named(world, delivered.citizen, "Erika", "Mustermann")
    other = await max_beispiel(world)
    return delivered, other, await granted(world, delivered.citizen, other, level, **vollmacht or {})


async def terms_in(world: World) -> list[Terms]:
    """Return what all Vollmachten say, the oldest first."""
    vault = world.web.keys.lock_key("vault")
    found = [one.open(vault) async for one in all_of(world.web.store, Vollmacht)]
    return sorted(found, key=lambda terms: terms.granted_at)


async def end(world: World, who: Citizen, vollmacht_id: str) -> Answer:
    """Have somebody end a Vollmacht."""
    return await (await open_tab(world, who)).post(f"{HERE}/{vollmacht_id}/beenden")
