"""What somebody chooses about our mails: their language, whether we remind, and a phrase by which they know them.

A stranger who writes in our name does not know the phrase. So it stands in every mail to an address that was confirmed,
and on no page but that of its owner.
"""

import re
from datetime import datetime

from sk.auth.account import Account
from sk.auth.characters import permitted
from sk.auth.journal import entry
from sk.auth.mail_target import MailSettings
from sk.auth.tell import told
from sk.errors import Invalid, NotFound
from sk.mail.letter import LANGUAGES
from sk.services import Services
from sk.store.races import looking_again

PHRASE_MAX = 60
LEADS_SOMEWHERE = re.compile(r"://|@|\bwww|\w\.\w", re.IGNORECASE)
"""What mail programs make a link of, even where nobody has written one."""


@looking_again
async def choose(account_id: str, language: str, *, reminders: bool, services: Services) -> None:
    """Write in this language from now on, and remind of what is unread or not."""
    account, mail = await services.store.get(Account, account_id), services.keys.lock_key("mail")
    before = account.open_mail(mail)
    chosen = {"language": language if language in LANGUAGES else before.language, "reminders": reminders}
    after = before.model_copy(update=chosen)
    if after == before:
        return
    account.lock_mail(mail, after)
    account.bear(entry(account.id, "mail-settings-changed", services.clock.now(), services))
    await services.store.save(account)


@looking_again
async def change_phrase(account_id: str, text: str, services: Services) -> None:
    """Have mails carry this phrase from now on, or none; those that tell of it still carry the one before."""
    phrase = read_phrase(text)
    mail, now = services.keys.lock_key("mail"), services.clock.now()
    account = await services.store.get(Account, account_id)
    before = account.open_mail(mail)
    if phrase == before.phrase:
        return
    account.bear(*told(account, "phrase-changed", now, services))
    account.lock_mail(mail, before.model_copy(update={"phrase": phrase}))
    await services.store.save(account)


async def settings_of(account_id: str, services: Services) -> MailSettings | None:
    """Return where and how the owner of an account is written to, or None if it is gone or being erased."""
    try:
        account = await services.store.get(Account, account_id)
    except NotFound:
        return None
    is_open = account.standing(services.keys.signers).is_open
    return account.open_mail(services.keys.lock_key("mail")) if is_open else None


async def with_failure(account_id: str, services: Services, *, sent_at: datetime, address: str = "") -> list[Account]:
    """Return the account, to be saved, in which it stands that a mail to an address of it failed; by default the first.

    There is none to save if it is gone or knows that already, if nobody uses the address any more, or if it was
    confirmed since the mail went out.
    """
    try:
        account, mail = await services.store.get(Account, account_id), services.keys.lock_key("mail")
    except NotFound:
        return []
    before = account.open_mail(mail)
    address = address or before.address
    after = before.failing_at(address)
    if after == before or (address == before.address and before.since and before.since > sent_at):
        return []
    account.lock_mail(mail, after)
    return [account]


def read_phrase(text: str) -> str:
    """Return a phrase as it is kept, or raise `Invalid`: one short line, in the characters of DIN 91379, no link."""
    try:
        phrase = permitted(text, "B", "phrase")
    except Invalid as refused:
        raise Invalid(str(refused), field="phrase", problem="phrase-character", more=refused.more) from None
    if len(phrase) > PHRASE_MAX:
        raise Invalid(f"a phrase has at most {PHRASE_MAX} characters", field="phrase", problem="field-too-long")
    if LEADS_SOMEWHERE.search(phrase):
        raise Invalid("a phrase leads nowhere", field="phrase", problem="phrase-leads-somewhere")
    return phrase
