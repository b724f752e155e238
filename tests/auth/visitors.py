"""People who come to log in, past the pages: from anywhere, with any device, and what is left of it."""

from collections.abc import Callable
from typing import TypeVar, cast

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.devices import Device
from sk.auth.enter import Entered, Visit, enter
from sk.auth.journal import read_journal
from sk.auth.log_in import check_log_in, password_stands
from sk.auth.passwords import Passwords
from sk.auth.second_factor import begin_second_factor, try_code
from sk.auth.sessions import LogIn, current_log_in, new_session
from sk.auth.trust import Means, TrustLevel
from sk.errors import Invalid
from sk.services import Services
from tests.world import Citizen, World

WRONG = "not the password of anybody"
HOME, ELSEWHERE = "198.51.100.1", "203.0.113.9"
T = TypeVar("T")


class CountingPasswords(Passwords):
    """A pool that counts how often Argon2 has run."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.runs = 0

    async def _run(self, work: Callable[[], T]) -> T:
        self.runs += 1
        return await super()._run(work)


class InstantPasswords(Passwords):
    """A pool for names that do not exist, whose passwords cost nothing."""

    async def _run(self, work: Callable[[], T]) -> T:
        del work
        return cast("T", "")


def visit(source: str = HOME, device: str = "", session_token: str = "") -> Visit:
    """Return how somebody comes."""
    return Visit(source, Device.of(device), "Firefox, Linux", session_token)


async def log_in(
    world: World, username: str, password: str, comes: Visit | None = None, passwords: Passwords | None = None
) -> Entered:
    """Log in with a password alone."""
    comes = comes or visit()
    known = await check_log_in(username, password, comes, passwords or Passwords(), world.web)
    return await enter(known.account.id, "password", comes, world.web, spend=password_stands(known))


async def log_in_with_code(world: World, who: Citizen, code: str, comes: Visit | None = None) -> Entered:
    """Log in with a password and a code."""
    comes = comes or visit()
    known = await check_log_in(who.username, who.password, comes, Passwords(), world.web)
    return await try_code(await begin_second_factor(known, "", world.web), code, comes, world.web)


async def refused(
    world: World,
    username: str,
    comes: Visit | None = None,
    password: str = WRONG,
    passwords: Passwords | None = None,
) -> Invalid:
    """Try a password that is refused, and return how."""
    try:
        await log_in(world, username, password, comes, passwords)
    except Invalid as said:
        return said
    raise AssertionError(username)


async def session_of(world: World, who: Citizen) -> LogIn:
    """Return a session that has just begun."""
    entered = await log_in(world, who.username, who.password)
    found = await current_log_in(entered.token, world.web)
    assert found
    return found


async def credentials_of(world: World, who: Citizen) -> Credentials:
    """Return what an account is known by."""
    account = await world.web.store.get(Account, who.account.id)
    return account.open_credentials(world.web.keys.lock_key("vault"))


async def journal(world: World, who: Citizen) -> list[str]:
    """Return what happened to an account, the newest first."""
    vault = world.web.keys.lock_key("vault")
    return [stored.open(vault).what for stored in await read_journal(who.account.id, world.web)]


async def letters(world: World) -> list[str]:
    """Return the subjects of the mails that were sent, once everything has been."""
    await world.settle()
    return [str(mail["Subject"]) for mail in world.mails.sent]


async def begin_session(account: Account, level: TrustLevel, means: Means, services: Services) -> str:
    """Begin a session for somebody who has shown nothing; return the token for the cookie."""
    begun = new_session(account.id, level, means, services)
    await services.store.save(begun.session)
    return begun.token
