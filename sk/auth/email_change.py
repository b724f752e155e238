"""Another e-mail address: it counts once its owner has read the mail that went there."""

from datetime import timedelta

from pydantic import BaseModel

from sk.auth.account import Account
from sk.auth.addresses import mailable
from sk.auth.errands import Errand, begin_errand, code_refused, open_errand
from sk.auth.journal import entry
from sk.auth.tell import letter_to
from sk.auth.throttle import count_try, of_account_mails, of_address
from sk.errors import NotFound
from sk.mail.letter import Letter
from sk.services import Services

ABOUT = "email"
LASTS = timedelta(hours=24)


class NewAddress(BaseModel):
    """Which account is to be written to where, and how it stood when that was asked for.

    Whoever asks for it in somebody else's session must not be able to take it up once the owner has thrown them out;
    and of several addresses that were asked for, one is taken.
    """

    account_id: str
    address: str
    before: str
    devices_since: int


async def ask_for_address(account: Account, email: str, services: Services) -> None:
    """Have a mail sent to a new address, unless too many were; until its page is used nothing changes."""
    mail, now = services.keys.lock_key("mail"), services.clock.now()
    target = account.open_mail(mail)
    since = account.open_credentials(services.keys.lock_key("vault")).devices_since
    address = mailable(email.strip())
    await count_try(of_account_mails(account.id, services), services)
    await count_try(of_address(address, services), services)
    content = NewAddress(account_id=account.id, address=address, before=target.address, devices_since=since)
    errand = begin_errand(ABOUT, content, services, account_id=account.id, lasts=LASTS)
    link = f"{services.base_url}/konto/email?code={errand.token}"
    stored = errand.to_save(services)
    there = target.model_copy(update={"address": address})
    stored.bear(Letter.to(there, "confirm-address", {"link": link}, now, mail, belongs=errand.stored.belongs))
    await services.store.save(stored)


async def open_address(code: str, services: Services) -> tuple[Errand[NewAddress], Account]:
    """Return what a mailed code stands for, and whose it is, or raise `Invalid`."""
    try:
        errand = await open_errand(ABOUT, NewAddress, code, services)
        account = await services.store.get(Account, errand.content.account_id)
    except NotFound:
        raise code_refused() from None
    stood = (errand.content.before, errand.content.devices_since)
    credentials = account.open_credentials(services.keys.lock_key("vault"))
    stands = (account.open_mail(services.keys.lock_key("mail")).address, credentials.devices_since)
    if stood != stands or not account.standing(services.keys.signers).may_log_in:
        raise code_refused()
    return errand, account


async def confirm_address(code: str, services: Services) -> None:
    """Write to the new address from now on, and tell the old one; a code is used once."""
    errand, account = await open_address(code, services)
    mail, now = services.keys.lock_key("mail"), services.clock.now()
    account.bear(letter_to(account, "address-changed", now, services))
    account.bear(entry(account.id, "email-changed", now, services))
    account.lock_mail(mail, account.open_mail(mail).model_copy(update={"address": errand.content.address}))
    await services.store.save(account, remove=[errand.stored])
