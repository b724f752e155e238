"""Postbox handles: how an authority names an account. They are computed, never stored."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sk.auth.account import Account
from sk.errors import Damaged, NotFound
from sk.services import Services

EVERY_SECTOR = "*"
"""In a trial one handle is good for every authority; elsewhere each authority knows another one."""


class PostboxAddress(NamedTuple):
    """A handle as its owner hands it over: whose postbox it names, for whom, and where its owner decides about that."""

    handle: str
    citizen: str
    authority: str
    operator: str
    page: str
    made_at: datetime


def handle_towards(account: Account, sector: str, services: Services) -> str:
    """Return the handle of an account towards the sector of an authority."""
    return services.keys.handle.handle(account.id, sector)


async def account_behind(handle: str, sector: str, services: Services) -> Account:
    """Return the account that an authority's handle names, or raise `NotFound`."""
    sectors = (sector, EVERY_SECTOR) if services.settings.is_trial else (sector,)
    for tried in sectors:
        try:
            account_id = services.keys.handle.account_id(handle, tried)
        except Damaged:
            continue
        with suppress(NotFound):
            return await services.store.get(Account, account_id)
    raise NotFound("no postbox has this handle", field="handle")
