"""Telling the owner of an account what happened to it: by a letter, and by a line in its journal."""

from datetime import datetime

from sk.auth.account import Account
from sk.auth.journal import belongs_to, entry
from sk.mail.letter import About, Letter, Told
from sk.services import Services
from sk.store.port import Aggregate


def letter_to(account: Account, about: About, now: datetime, services: Services, **facts: str) -> Letter:
    """Return a letter to where the account is written to right now, to be saved with whatever it tells of."""
    mail, belongs = services.keys.lock_key("mail"), belongs_to(account.id, services)
    return Letter.to(account.open_mail(mail), about, facts, now, mail, belongs=belongs)


def told(account: Account, what: Told, now: datetime, services: Services, **facts: str) -> list[Aggregate]:
    """Return both, to be saved in the write of the step itself."""
    letter = letter_to(account, what, now, services, **facts, at=now.isoformat())
    return [entry(account.id, what, now, services, **facts), letter]
