"""Shares, as the tests grant them, fetch from them and end them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sk.auth.sessions import LogIn
from sk.auth.trust import TrustLevel
from sk.client import AuthorityClient
from sk.ids import new_id
from sk.safe.share import Opens, Share
from sk.safe.share_steps import Wish, grant
from tests.postbox.proofs import ask
from tests.refusals import Answer
from tests.safe.documents import put
from tests.workers.cases import logged_in
from tests.world import Citizen, World

PASS, SCHOOL = b"%PDF-1.7 Ausweis " * 5000, b"%PDF-1.7 Zeugnis"
UNTIL = date(2026, 12, 23)
PURPOSE = "Antrag auf Wohngeld"


async def share(
    world: World,
    who: Citizen,
    authority: AuthorityClient,
    documents: Sequence[str],
    level: TrustLevel = "high",
    **changes: Any,
) -> str:
    """Share documents with an authority, and return the id of the share. A second has passed then."""
    log_in = LogIn.model_validate({**logged_in(who).model_dump(), "level": level})
    wish = Wish(documents, authority.client_id, PURPOSE, UNTIL, 3, new_id())._replace(**changes)
    share_id = await grant(wish, log_in, world.web)
    world.clock.advance(seconds=1)  # so that the journal has an order
    return share_id


async def shared(world: World, who: Citizen | None = None, **changes: Any) -> tuple[Citizen, AuthorityClient, str]:
    """Return somebody who has shared a document, with whom, and the id of the share."""
    erika, authority = who or await world.citizen(), await world.authority()
    documents = [await put(world, erika, "ausweis.pdf", PASS)]
    return erika, authority, await share(world, erika, authority, documents, **changes)


async def fetch(world: World, authority: AuthorityClient, share_id: str, number: object = "") -> Answer:
    """Ask for a share or, with a number, for one of its documents."""
    return await ask(world, authority, f"/api/v1/shares/{share_id}{f'/{number}' if number else ''}")


async def row(world: World, share_id: str) -> Share:
    """Return a share as it is stored."""
    return await world.web.store.get(Share, share_id)


def problem(answer: Answer) -> tuple[int, str]:
    """Return how something was refused."""
    return answer.status, answer.json()["type"].removeprefix("/problems/")


async def opens(world: World, share_id: str) -> tuple[Opens, ...]:
    """Return what there is in a share that opens its documents."""
    return (await row(world, share_id)).taken(world.web.keys.lock_key("records")).documents
