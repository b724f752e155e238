"""The evidence about a share: a bundle for `sk verify`, verified with our own key before anybody gets it."""

import logging

from sk.errors import Damaged
from sk.evidence.bundle import ShareBundle
from sk.evidence.spelling import hash_of
from sk.evidence.statement import Place, Statement
from sk.evidence.verdict import NotValid
from sk.evidence.verify import verify_any
from sk.installation import log_vkey
from sk.postbox.in_log import as_of, in_log
from sk.postbox.proven import authorities_of
from sk.safe.share import Opened
from sk.services import Services
from sk.store.port import all_under

log = logging.getLogger(__name__)


async def share_evidence(one: Opened, services: Services) -> str:
    """Return what was stated about a share, as a bundle; until all of it is in the log, `Unavailable`."""
    since = services.clock.now()
    statements = [found async for found in all_under(services.store, Statement, "share", one.id)]
    found, last = await in_log(statements, services), statements[-1]
    place = Place(one.stored.authority_id, number=last.number, previous=hash_of(last.jws), share_id=one.id)
    bundle = ShareBundle(
        v="sk-share-bundle/1",
        vkey=found.vkey,
        checkpoint=found.checkpoint,
        keys=found.keys,
        statements=found.of(statements),
        opening=one.terms.opening,
        stamps=found.stamps,
        as_of=as_of(place, last.at, found.facts, services, since),
    ).text()
    try:
        verify_any(bundle.encode(), [await log_vkey(services)], authorities_of(services))
    except NotValid as error:
        log.critical("share-damaged", extra={"share_id": one.id})
        raise Damaged from error
    return bundle
