"""When cards expire: that somebody looks in time, and what an account reaches with those that are valid.

The store says nothing about it in the clear: an account that has cards is looked at each week, whichever they are.
"""

from datetime import date, datetime, timedelta
from functools import reduce

from sk.auth.account import Account
from sk.auth.credentials import Credentials
from sk.auth.trust import TrustLevel, higher
from sk.events import CardExpires
from sk.services import Services

LOOKED_AT = timedelta(days=7)


async def watch_cards(account: Account, services: Services) -> None:
    """Have the cards of an account be looked at, unless they are already. It is to be saved by the caller."""
    if await services.store.due(CardExpires.of(account.id).id) is None:
        look_at_cards_again(account, services.clock.now())


def look_at_cards_again(account: Account, now: datetime) -> None:
    """Have the cards of an account be looked at in a week."""
    account.emit(CardExpires.of(account.id), due=now + LOOKED_AT)


def trust_of(credentials: Credentials, today: date) -> TrustLevel:
    """Return how surely an account belongs to its person, by the cards that have not expired."""
    valid = (card.level for card in credentials.cards if not card.has_expired(today))
    return reduce(higher, valid, credentials.trust)
