"""Portals and BundID, looked at by `sk doctor`: whether people can log in, and for how long certificates hold."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

from cryptography import x509

from sk.auth.authorities import posting
from sk.auth.bundid import bundid_of
from sk.auth.portal import Portal, PortalCard
from sk.errors import Damaged, Invalid, NotFound, Unavailable
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


async def examine_bundid(services: Services) -> AsyncIterator[Finding]:
    """Yield what is wrong with how this installation knows BundID, and BundID it."""
    try:
        bundid = bundid_of(services.settings)
    except Invalid as refused:
        yield Finding(str(refused))
        return
    if bundid is None:
        return
    for certificate in bundid.provider.certificates():
        if day := _ends_soon(certificate, services):
            yield Finding(f"a certificate of BundID ends on {day}; ask for new metadata (SK_BUNDID)")
    if day := _ends_soon(bundid.certificate, services):
        yield Finding(f"the certificate for BundID ends on {day}; put another in its place (SK_BUNDID_OTHER_KEY)")


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
        if day := _ends_soon(certificate, services):
            yield f"a certificate of its signatures ends on {day}; ask for new metadata (sk portal metadata)"


def _ends_soon(certificate: x509.Certificate, services: Services) -> date | None:
    ends = certificate.not_valid_after_utc
    return ends.date() if ends < services.clock.now() + SOON else None
