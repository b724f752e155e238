"""Logging out of portals: what ends at the account ends there as well (OpenID Connect Back-Channel Logout 1.0).

From the first write on its tokens are worth nothing. The portal is told afterwards, as often as it takes, so that no
portal that does not answer keeps anybody logged in here.
"""

import logging
from http import HTTPStatus

from sk.ask import ask
from sk.auth.consent import find_consent
from sk.auth.journal import entry
from sk.auth.portal import portal_name, registered_portal
from sk.auth.portal_log_in import PortalLogIn
from sk.auth.portal_tokens import logout_token
from sk.clock import SKEW
from sk.errors import Damaged, NotFound
from sk.events import LoggedOut, PortalLogInEnded
from sk.services import Services, sockets_to_strangers
from sk.store.port import all_under
from sk.store.races import looking_again

SECONDS = 10
MAX_BYTES = 64 * 1024
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Cache-Control": "no-store"}
log = logging.getLogger(__name__)


async def log_out_everywhere(event: LoggedOut, services: Services) -> None:
    """End all log-ins that one session has led to."""
    ended = [_ended(one, services) async for one in all_under(services.store, PortalLogIn, "sid", event.sid)]
    await services.store.save(*ended, done=event)


async def end_portal_log_in(event: PortalLogInEnded, services: Services) -> None:
    """Tell a portal that a log-in is over, and forget it. A portal that wants to hear nothing is not told."""
    found = (await services.store.get_many(PortalLogIn, [event.log_in_id])).get(event.log_in_id)
    if found is None:
        await services.store.save(done=event)
        return
    held = found.open(services.keys.lock_key("vault"))
    if not found.ended and held.ends_at > services.clock.now() + SKEW:
        log.critical("event-before-its-day", extra={"log_in_id": found.id})
        await services.store.retry(event, at=held.ends_at, error="it came before its day")
        return
    try:
        portal = await registered_portal(held.portal, services)
    except (NotFound, Damaged):
        portal = None
    if portal and portal.backchannel_logout_uri and not portal.disabled:
        await ask(
            f"the portal {portal.portal}",
            portal.backchannel_logout_uri,
            f"logout_token={logout_token(found, held.account_id, portal, services)}".encode(),
            FORM,
            seconds=SECONDS,
            max_bytes=MAX_BYTES,
            statuses=(HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.BAD_REQUEST),
            sockets=sockets_to_strangers(services.settings),
        )
    await services.store.save(done=event, remove=[found])


async def forget_untold(event: PortalLogInEnded, services: Services) -> None:
    """Forget a log-in whose portal could not be told until the last try."""
    found = await services.store.get_many(PortalLogIn, [event.log_in_id])
    await services.store.save(remove=[*found.values()])


@looking_again
async def withdraw_consent(account_id: str, portal_id: str, services: Services) -> None:
    """Tell a portal nothing more, from this write on, and end all log-ins to it. `NotFound`: nobody has agreed."""
    consent = await find_consent(account_id, portal_id, services)
    if consent is None:
        raise NotFound("there is no such consent")
    ended = [_ended(one, services) async for one in all_under(services.store, PortalLogIn, "consent", consent.id)]
    name, now = await portal_name(portal_id, services), services.clock.now()
    written = entry(account_id, "portal-consent-withdrawn", now, services, portal=name)
    await services.store.save(written, *ended, remove=[consent])


def _ended(log_in: PortalLogIn, services: Services) -> PortalLogIn:
    """Return a log-in that ends now, to be saved."""
    if not log_in.ended:
        log_in.ended = True
        log_in.emit(PortalLogInEnded(log_in_id=log_in.id), due=services.clock.now())
    return log_in
