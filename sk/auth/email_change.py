"""Another e-mail address, or a second one: it counts once its owner has read the mail that went there."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from sk.auth.account import Account
from sk.auth.addresses import mailable
from sk.auth.errands import Errand, begin_errand, code_refused, open_errand
from sk.auth.journal import What, entry
from sk.auth.mail_target import MailSettings, MailTarget, Which
from sk.auth.tell import letter_at
from sk.auth.throttle import count_try, of_account_mails, of_address
from sk.errors import Invalid, NotFound
from sk.mail.letter import Letter
from sk.services import Services
from sk.store.races import looking_again

ABOUT = "email"
LASTS = timedelta(hours=24)
CHANGED: dict[Which, What] = {"first": "email-changed", "second": "second-email-changed"}


class NewAddress(BaseModel):
    """Which account is to be written to where, and how it stood when that was asked for.

    Whoever asks for it in somebody else's session must not be able to take it up once the owner has thrown them out;
    and of several addresses that were asked for, one is taken.
    """

    account_id: str
    which: Which = "first"
    address: str
    before: str
    devices_since: int


async def ask_for_address(account: Account, email: str, services: Services, which: Which = "first") -> None:
    """Have a mail sent to a new address, unless too many were; until its page is used nothing changes.

    The mail does not show the phrase: nobody knows yet whose address it is.
    """
    mail, now = services.keys.lock_key("mail"), services.clock.now()
    settings = account.open_mail(mail)
    since = account.open_credentials(services.keys.lock_key("vault")).devices_since
    address = mailable(email.strip())
    if which == "second" and address == settings.address:
        raise Invalid("the second address is the first one", field="email", problem="address-twice")
    await count_try(of_account_mails(account.id, services), services)
    await count_try(of_address(address, services), services)
    content = NewAddress(
        account_id=account.id, which=which, address=address, before=settings.at(which), devices_since=since
    )
    errand = begin_errand(ABOUT, content, services, account_id=account.id, lasts=LASTS)
    link = f"{services.base_url}/konto/email?code={errand.token}"
    stored = errand.to_save(services)
    there = MailTarget(address=address, language=settings.language)
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
    settings = account.open_mail(services.keys.lock_key("mail"))
    stands = (settings.at(errand.content.which), credentials.devices_since)
    if stood != stands or not account.standing(services.keys.signers).may_log_in:
        raise code_refused()
    return errand, account


@looking_again
async def confirm_address(code: str, services: Services) -> Which:
    """Write to the new address from now on, tell the others, and return which one it is; a code is used once.

    Whoever has asked for the address that they have already has shown that it works, and nothing else changes.
    """
    errand, account = await open_address(code, services)
    mail, now, said = services.keys.lock_key("mail"), services.clock.now(), errand.content
    before = account.open_mail(mail)
    after = before.writing_to(said.address, said.which, now)
    if said.address != said.before:
        account.bear(entry(account.id, CHANGED[said.which], now, services))
        account.bear(*_tell_addresses(account, before, after, now, services))
    account.lock_mail(mail, after)
    await services.store.save(account, remove=[errand.stored])
    return said.which


@looking_again
async def remove_second_address(account_id: str, services: Services) -> None:
    """Write to the first address alone, and tell both."""
    mail, now = services.keys.lock_key("mail"), services.clock.now()
    account = await services.store.get(Account, account_id)
    before = account.open_mail(mail)
    if not before.second:
        return
    after = before.without_second()
    account.bear(entry(account.id, "second-email-removed", now, services))
    account.bear(*_tell_addresses(account, before, after, now, services))
    account.lock_mail(mail, after)
    await services.store.save(account)


def _tell_addresses(
    account: Account, before: MailSettings, after: MailSettings, now: datetime, services: Services
) -> list[Letter]:
    """Return letters to all addresses of before: that it is not written to any more, or that another one changed."""
    stay = {target.address for target in after.targets}
    gone = [
        letter_at(one, account, "address-changed", now, services) for one in before.targets if one.address not in stay
    ]
    kept = [
        letter_at(one, account, "addresses-changed", now, services) for one in before.targets if one.address in stay
    ]
    return gone + kept
