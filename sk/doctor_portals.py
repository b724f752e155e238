"""Portals, looked at by `sk doctor`: whether people can log in to each, and for how long its certificates hold."""

from collections.abc import AsyncIterator
from datetime import timedelta

from sk.auth.authorities import posting
from sk.auth.portal import Portal, PortalCard
from sk.errors import Damaged, NotFound, Unavailable
from sk.finding import Finding, pages
from sk.services import Services

SOON = timedelta(days=30)


async def examine_portals(services: Services) -> AsyncIterator[Finding]:
    """Yield what is wrong with portals. Those that are disabled are left alone."""
    async for found in pages(services, Portal):
        for id_, stored in found.items():
            try:
                if stored is None:
                    raise Damaged  # noqa: TRY301 - one sentence for whatever is wrong with it
                card = stored.details(services.keys.signers)
            except Damaged:
                yield Finding(f"the portal {id_} is not what an operator has registered; nobody can log in to it")
                continue
            if not card.disabled:
                async for sentence in _troubles(card, services):
                    yield Finding(f"the portal {id_} ({card.name}): {sentence}")


async def _troubles(card: PortalCard, services: Services) -> AsyncIterator[str]:
    try:
        await posting(card.authority, services)
    except NotFound:
        yield f"its authority {card.authority} is disabled or gone; nobody can log in to it"
    if card.jwks_uri:
        try:
            await services.jwks.keys(card.jwks_uri, None)
        except Unavailable as error:
            yield f"{error}: {card.jwks_uri}"
    for certificate in card.saml.certificates("signing") if card.saml else ():
        if certificate.not_valid_after_utc < services.clock.now() + SOON:
            day = certificate.not_valid_after_utc.date()
            yield f"a certificate of its signatures ends on {day}; ask for new metadata (sk portal metadata)"
