"""How people are written to: what they have chosen, at which addresses, and what their mails say."""

import re
from email.message import EmailMessage

from sk.auth.account import Account
from sk.auth.email_change import ask_for_address, confirm_address
from sk.auth.mail_target import MailSettings, Which
from sk.auth.tell import told
from tests.world import Citizen, World, a_notice

HERE = "/konto/benachrichtigung"
FAILS = "kommen vielleicht nicht an."
"""The page of it all, and what pages say of an address to which a mail could not be delivered."""
LINK = re.compile(r"/konto/email\?code=\S+")
SECOND = "zweite@example.org"


async def settings_of(world: World, who: Citizen) -> MailSettings:
    """Return where and how somebody is written to."""
    account = await world.web.store.get(Account, who.account.id)
    return account.open_mail(world.web.keys.lock_key("mail"))


async def with_address(world: World, who: Citizen, address: str, which: Which = "first") -> None:
    """Have somebody take up an address that they have asked for and confirmed, and all mails about that be sent."""
    await ask_for_address(await world.web.store.get(Account, who.account.id), address, world.web, which)
    await world.settle()
    await confirm_address(newest_code(world), world.web)
    await world.settle()


async def with_second_address(world: World, who: Citizen) -> None:
    """Have somebody get copies at a second address."""
    await with_address(world, who, SECOND, "second")


async def told_of_something(world: World, who: Citizen) -> list[EmailMessage]:
    """Have somebody be told what happened to their account, and return the mails."""
    before = len(world.mails.sent)
    account = await world.web.store.get(Account, who.account.id)
    await world.web.store.save(*told(account, "password-changed", world.clock.now(), world.web))
    await world.settle()
    return world.mails.sent[before:]


async def posted(world: World, who: Citizen) -> str:
    """Have something be posted to somebody and told of; return its id."""
    authority = await world.authority()
    status, answer = await authority.post(a_notice(who.handle))
    assert status == 202, answer
    await world.settle()
    return str(answer["id"])


def text_of(mail: EmailMessage) -> str:
    """Return the text of a mail, as a mail program shows it."""
    return str(mail.get_content()).replace("\r\n", "\n")


def newest_link(world: World) -> str:
    """Return the page to which the newest mail to a new address leads, even if another came after it."""
    return next(found[0] for mail in reversed(world.mails.sent) if (found := LINK.search(mail.get_content())))


def newest_code(world: World) -> str:
    """Return the code in the newest mail to a new address."""
    return newest_link(world).partition("code=")[2]
