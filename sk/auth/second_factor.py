"""The second factor: whoever has shown the right password shows a code from their app, or a recovery code."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.enter import Entered, Visit, enter, is_known
from sk.auth.errands import Errand, begin_errand, open_errand
from sk.auth.known import Known
from sk.auth.recovery_codes import spend_recovery_code
from sk.auth.tell import told
from sk.auth.throttle import count_try, of_codes, of_device, trying_from
from sk.auth.totp import is_code, spend_code
from sk.errors import NotFound
from sk.services import Services
from sk.store.port import Aggregate

if TYPE_CHECKING:
    from sk.auth.trust import Means

ABOUT = "second-factor"
LASTS = timedelta(minutes=10)


class HalfWay(BaseModel):
    """Somebody who has shown the right password, and where they want to go."""

    account_id: str
    password_hash: str
    back: str


async def begin_second_factor(known: Known, back: str, services: Services) -> Errand[HalfWay]:
    """Have a browser come back with a code."""
    content = HalfWay(account_id=known.account.id, password_hash=known.credentials.password_hash, back=back)
    errand = begin_errand(ABOUT, content, services, account_id=known.account.id, lasts=LASTS)
    await services.store.save(errand.to_save(services))
    return errand


async def half_way(token: str, services: Services) -> Errand[HalfWay]:
    """Return how far a browser has come, or raise `NotFound`."""
    return await open_errand(ABOUT, HalfWay, token, services)


async def try_code(errand: Errand[HalfWay], said: str, visit: Visit, services: Services) -> Entered:
    """Let somebody in whose code is right. `NotFound` says that they have to begin with the password again."""
    content, vault = errand.content, services.keys.lock_key("vault")
    account = await services.store.get(Account, content.account_id)
    credentials = account.open_credentials(vault)
    known = is_known(visit.device, account.id, credentials, services)
    counter = of_device(account.id, visit.device.id, services) if known else of_codes(account.id, services)

    def spend(account: Account, credentials: Credentials, now: datetime) -> Sequence[Aggregate]:
        if credentials.password_hash != content.password_hash or credentials.totp is None:
            raise NotFound  # something else holds since
        if is_code(said):
            credentials.totp.last_step = spend_code(credentials.totp.secret, credentials.totp.last_step, said, now)
            return ()
        spend_recovery_code(account.id, credentials, said, services)
        return told(account, "recovery-code-used", now, services, left=str(len(credentials.recovery_codes)))

    means: Means = "password-totp" if is_code(said) else "password-recovery-code"
    async with trying_from(visit.source, services, waits=not known):
        await count_try(counter, services)
        return await enter(account.id, means, visit, services, spend=spend, errand=errand.stored)
