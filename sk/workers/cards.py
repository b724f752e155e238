"""Cards: whoever logs in with an ID card is told in time that it expires, because the next one is a stranger to us."""

from datetime import datetime, timedelta

from sk.auth.account import Account
from sk.auth.card_expiry import look_at_cards_again, trust_of
from sk.auth.credentials import Credentials
from sk.auth.tell import letters_to
from sk.auth.trust import reaches
from sk.clock import local_day
from sk.errors import NotFound
from sk.events import CardExpires
from sk.services import Services

REMINDED = timedelta(days=90)


async def look_at_cards(event: CardExpires, services: Services) -> None:
    """Tell the owner of cards that the last of them will soon expire, and have the account reach no more than they do.

    An account that has no card left that will expire is not looked at again until another one is bound.
    """
    try:
        account = await services.store.get(Account, event.account_id)
    except NotFound:
        await services.store.save(done=event)
        return
    credentials, now = account.open_credentials(services.keys.lock_key("vault")), services.clock.now()
    today, standing = local_day(now), account.standing(services.keys.signers)
    _remind(account, credentials, now, services)
    trust = trust_of(credentials, today)
    if not reaches(trust, standing.trust):
        account.change(standing.model_copy(update={"trust": trust}), services.keys.signer("sign-web"))
    if any(card.expires_on and not card.has_expired(today) for card in credentials.cards):
        look_at_cards_again(account, now)
    await services.store.save(account, done=event)


def _remind(account: Account, credentials: Credentials, now: datetime, services: Services) -> None:
    """Write once to the owner of a card that will soon expire, unless they have one that lasts longer."""
    today = local_day(now)
    ends = {card.expires_on: card for card in credentials.cards if card.expires_on}
    last_on = max(ends, default=None)
    if last_on is None or ends[last_on].reminded_on or not today <= last_on <= today + REMINDED:
        return
    ends[last_on].reminded_on = today
    account.lock_credentials(services.keys.lock_key("vault"), credentials)
    account.bear(*letters_to(account, "card-expires", now, services, day=str(last_on)))
