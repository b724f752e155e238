"""Cards: whoever logs in with an ID card is told in time that it expires, because the next one is a stranger to us."""

from sk.auth.account import Account
from sk.auth.cards import REMINDED
from sk.auth.journal import belongs_to
from sk.clock import local_day
from sk.errors import NotFound
from sk.events import CardExpires
from sk.mail.letter import Letter
from sk.services import Services


async def remind(event: CardExpires, services: Services) -> None:
    """Write to the owner of a card that will soon expire, unless they have one by now that lasts longer."""
    try:
        account = await services.store.get(Account, event.account_id)
    except NotFound:
        await services.store.save(done=event)
        return
    now, mail = services.clock.now(), services.keys.lock_key("mail")
    cards = account.open_credentials(services.keys.lock_key("vault")).cards
    last = max((card.expires_on for card in cards if card.expires_on), default=None)
    if last is None or not local_day(now) <= last <= local_day(now + REMINDED):
        await services.store.save(done=event)
        return
    day, belongs = f"{last:%d.%m.%Y}", belongs_to(account.id, services)
    account.bear(Letter.to(account.open_mail(mail), "card-expires", {"day": day}, now, mail, belongs=belongs))
    await services.store.save(account, done=event)
