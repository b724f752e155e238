"""The authorities that are registered here, and how a citizen finds one among some two hundred by its name."""

import logging
import unicodedata

from sk.auth.authority import Authority, AuthorityCard
from sk.errors import Damaged, NotFound
from sk.finding import pages
from sk.services import Services

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
log = logging.getLogger(__name__)


async def registered(authority_id: str, services: Services) -> AuthorityCard:
    """Return what is registered about an authority, or raise `NotFound`."""
    return (await services.store.get(Authority, authority_id)).details(services.keys.signers)


async def posting(authority_id: str, services: Services) -> AuthorityCard:
    """Return an authority that may post here, or raise `NotFound`."""
    card = await registered(authority_id, services)
    if card.disabled:
        raise NotFound("this authority posts here no more")
    return card


async def all_registered(services: Services) -> dict[str, AuthorityCard]:
    """Return all authorities by their ids, in the order of their names.

    One that nobody vouches for can post nothing, and is left out: what it is must not hide all the others.
    """
    cards = list[AuthorityCard]()
    async for found in pages(services, Authority):
        for id_, authority in found.items():
            try:
                if authority is None:
                    raise Damaged  # noqa: TRY301 - one alarm for whatever is wrong with it
                cards.append(authority.details(services.keys.signers))
            except Damaged:
                log.critical("authority-damaged", extra={"authority_id": id_})
    return {card.authority: card for card in sorted(cards, key=lambda card: without_marks(card.name))}


def is_asked_for(name: str, asked: str) -> bool:
    """Tell whether a name holds all words that somebody looks for: Köln is found as köln, koeln and koln."""
    return all(
        _spelled_out(word) in _spelled_out(name) or without_marks(word) in without_marks(name) for word in asked.split()
    )


def _spelled_out(text: str) -> str:
    return without_marks(unicodedata.normalize("NFC", text).casefold().translate(UMLAUTS))


def without_marks(text: str) -> str:
    """Return a text in small letters, without what stands above and below them."""
    text = text.casefold()
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
