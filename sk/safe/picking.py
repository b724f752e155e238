"""Documents that a portal asks for: who logs in to it picks them from the safe, and its authority gets a share."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from sk.auth.portal import PortalCard
from sk.auth.sessions import LogIn
from sk.auth.trust import reaches
from sk.clock import local_day
from sk.postbox.search import plain
from sk.safe.safe import open_safe
from sk.safe.share_steps import Wish, grant, recipients
from sk.services import Services

LASTS = timedelta(days=30)
FETCHES = 3
OFFERED_MAX = 100


class Picked(BaseModel):
    """A document that somebody has picked: the kind that it stands for, the share, and its number in that."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    share: str
    number: int


async def offered(
    kinds: Sequence[str], portal: PortalCard, log_in: LogIn, services: Services
) -> Mapping[str, Mapping[str, str]]:
    """Return for each kind what to pick from: names of documents by id, those that say so first, then the newest.

    Nothing is offered where the portal's authority fetches no documents.
    """
    if not kinds or portal.authority not in await recipients(services):
        return {}
    contents = (await open_safe(log_in.account_id, services)).contents
    rows = sorted(contents.listed(), key=contents.entries.columns["changed_at"].__getitem__, reverse=True)
    entries = [entry for entry in map(contents.entries.at, rows) if reaches(log_in.level, entry.level)]
    said = {entry.id: plain(" ".join([entry.name, *entry.labels])) for entry in entries}
    found = {}
    for kind in kinds:
        in_turn = sorted(entries, key=lambda entry: plain(kind) not in said[entry.id])
        found[kind] = {entry.id: entry.name for entry in in_turn[:OFFERED_MAX]}
    return found


async def share_picked(
    picked: Mapping[str, str], portal: PortalCard, token: str, log_in: LogIn, services: Services
) -> tuple[Picked, ...]:
    """Share documents, by their kinds, with the authority of a portal.

    `token` is that of the portal's request: answered twice, it is one share.
    """
    documents = [*dict.fromkeys(picked.values())]
    if not documents:
        return ()
    until = local_day(services.clock.now()) + LASTS
    wish = Wish(documents, portal.authority, portal.purpose or portal.name, until, FETCHES, token)
    share_id = await grant(wish, log_in, services)
    return tuple(
        Picked(kind=kind, share=share_id, number=documents.index(document) + 1) for kind, document in picked.items()
    )
