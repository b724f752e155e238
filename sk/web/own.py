"""What belongs to whoever is logged in: their account, and what is locked in it."""

from aiohttp import web

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.mail_target import MailSettings
from sk.web.keys import LOG_IN, SERVICES


async def own_account(request: web.Request) -> Account:
    """Return the account of whoever asks."""
    return await request.app[SERVICES].store.get(Account, request[LOG_IN].account_id)


async def own_credentials(request: web.Request) -> Credentials:
    """Return by what whoever asks can get into their account."""
    return (await own_account(request)).open_credentials(request.app[SERVICES].keys.lock_key("vault"))


async def own_mail(request: web.Request) -> MailSettings:
    """Return where and how whoever asks is written to."""
    return (await own_account(request)).open_mail(request.app[SERVICES].keys.lock_key("mail"))
