"""Telling the owner of an account what happened to it: a line in its journal and a letter."""

from datetime import datetime

from sk.auth.account import Account
from sk.auth.journal import belongs_to, entry
from sk.mail.letter import Letter, Told
from sk.services import Services
from sk.store.port import Aggregate


def told(account: Account, what: Told, at: datetime, services: Services, **facts: str) -> list[Aggregate]:
    """Return both, to be saved in the write of the step itself."""
    mail = services.keys.lock_key("mail")
    belongs = belongs_to(account.id, services)
    letter = Letter.to(account.open_mail(mail), what, {**facts, "at": at.isoformat()}, at, mail, belongs=belongs)
    return [entry(account.id, what, at, services, **facts), letter]
