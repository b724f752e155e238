"""The ways into an account: each change of them is told to its owner, and none leaves the account without any."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.errands import StoredErrand
from sk.auth.sessions import Begun, LogIn, new_session, stored_sessions
from sk.auth.tell import told
from sk.errors import Invalid
from sk.mail.letter import Told
from sk.services import Services
from sk.store.races import looking_again

if TYPE_CHECKING:
    from sk.store.port import Aggregate

T = TypeVar("T")


def ways(credentials: Credentials) -> int:
    """Return in how many ways somebody can get into an account."""
    return bool(credentials.password_hash) + len(credentials.passkeys) + len(credentials.cards)


@looking_again
async def change_ways(
    account_id: str,
    what: Told,
    change: Callable[[Account, Credentials], T],
    services: Services,
    *,
    errand: StoredErrand | None = None,
    ends_sessions: bool = False,
    begun: Begun | None = None,
) -> T:
    """Make a change and tell of it, in one write, and return what the change returns; a lost race is made anew.

    With `ends_sessions` every session ends and every device is unknown; `begun` is the one that goes on.
    """
    vault = services.keys.lock_key("vault")
    account = await services.store.get(Account, account_id)
    credentials, now = account.open_credentials(vault), services.clock.now()
    made = change(account, credentials)
    if not ways(credentials):
        raise Invalid("an account without any way in would be lost", problem="last-way-in")
    gone: list[Aggregate] = [await services.store.get(StoredErrand, errand.id)] if errand else []
    if ends_sessions:
        credentials.devices_since += 1
        gone += await stored_sessions(account_id, services, sid=begun.sid if begun else "")
    account.lock_credentials(vault, credentials)
    new = [begun.session] if begun else []
    await services.store.save(account, *new, *told(account, what, now, services), remove=gone)
    return made


def session_in_place_of(log_in: LogIn, services: Services) -> Begun:
    """Return a session that is worth what one was that is about to end."""
    return new_session(
        log_in.account_id, log_in.level, log_in.means, services, log_in.label, since=log_in.since, sid=log_in.sid
    )
