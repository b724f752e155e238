"""Telling the owner of an account what happened to it: by letters, and by a line in its journal."""

from datetime import datetime

from sk.auth.account import Account
from sk.auth.journal import belongs_to, entry
from sk.auth.mail_target import MailTarget
from sk.mail.letter import About, Letter, Told
from sk.services import Services
from sk.store.port import Aggregate


def letter_to(account: Account, about: About, now: datetime, services: Services, **facts: str) -> Letter:
    """Return a letter to the first address right now, to be saved with whatever it tells of: one whose link acts."""
    target = account.open_mail(services.keys.lock_key("mail")).first_target
    return letter_at(target, account, about, now, services, **facts)


def letters_to(account: Account, about: About, now: datetime, services: Services, **facts: str) -> list[Letter]:
    """Return a letter to every address right now: who reads one of them in secret cannot keep it from the other."""
    targets = account.open_mail(services.keys.lock_key("mail")).targets
    return [letter_at(target, account, about, now, services, **facts) for target in targets]


def letter_at(
    target: MailTarget, account: Account, about: About, now: datetime, services: Services, **facts: str
) -> Letter:
    """Return a letter about an account to one address."""
    mail, belongs = services.keys.lock_key("mail"), belongs_to(account.id, services)
    return Letter.to(target, about, facts, now, mail, belongs=belongs)


def told(account: Account, what: Told, now: datetime, services: Services, **facts: str) -> list[Aggregate]:
    """Return both, to be saved in the write of the step itself."""
    letters = letters_to(account, what, now, services, **facts, at=now.isoformat())
    return [entry(account.id, what, now, services, **facts), *letters]
