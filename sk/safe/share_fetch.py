"""The recipient's side of a share: what is in it, and fetching a document.

A fetch is stated and counted in one write before the first byte leaves. It asks the safe as well: what its owner has
thrown away is fetched by nobody.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sk.auth.authority import AuthorityCard
from sk.auth.journal import entry
from sk.clock import moment_to_sign
from sk.crypto.stream import sealed_size
from sk.errors import Damaged, Forbidden, NotFound
from sk.safe.document import Document
from sk.safe.found import alarm
from sk.safe.provenance import provenance_of
from sk.safe.safe import find_safe
from sk.safe.share import Access, Opened, Opens, Shared, received
from sk.safe.streams import Source, Stream
from sk.services import Services
from sk.store.races import looking_again


class Ciphertext(NamedTuple):
    """The streams of a version as they are stored, one behind the other."""

    streams: Sequence[Stream]
    services: Services

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return sum(sealed_size(stream.size) for stream in self.streams)

    async def read(self) -> AsyncIterator[bytes]:
        """Yield the bytes."""
        for stream in self.streams:
            async for block in self.services.objects.read(stream.object):
                yield block


class Handed(NamedTuple):
    """A document on its way to the recipient."""

    shared: Shared
    file: Source | Ciphertext


class Attached(NamedTuple):
    """The evidence beside a document, as it is spelled, and the name of the authority that has issued it."""

    issued_by: str
    bundle: str


@looking_again
async def fetch(share_id: str, number: str, by: AuthorityCard, services: Services, *, counts: bool) -> Handed:
    """Return a document of a share, by its number from 1 on, to the recipient. One that only looks does not count."""
    one, access = await received(share_id, by.authority, services)
    at = one.not_before_the_last(await moment_to_sign(services.clock))
    refuse_ended(one, at)
    numbered = {str(place): place for place, _ in enumerate(one.terms.documents, 1)}
    if number not in numbered:
        raise NotFound("there is no such document in this share")
    place = numbered[number]
    if one.is_used_up(place):
        raise Forbidden("this document was fetched as often as it can be", problem="share-used-up")
    shared = one.terms.documents[place - 1]
    if place not in await still_there(one, access, services):
        raise Forbidden("the citizen has thrown this document away", problem="document-gone")
    file = await _file_of(access.documents[place - 1], shared, services)
    if counts:
        one.state("share-fetched", at, {"document": place}, services)
        one.stored.bear(
            entry(one.account_id, "share-fetched", services.clock.now(), services, authority=one.terms.recipient)
        )
        await services.store.save(one.stored)
    return Handed(shared, file)


def refuse_ended(one: Opened, at: datetime) -> None:
    """Raise `Forbidden` if nothing can be fetched of a share at a moment, whether or not it was emptied already."""
    match one.phase(at):
        case "over":
            raise Forbidden("the time is over in which this could be fetched", problem="share-over")
        case "revoked":
            raise Forbidden("the citizen has revoked this", problem="share-revoked")


async def still_there(one: Opened, access: Access, services: Services) -> dict[int, Document]:
    """Return the documents of a share that lie in the safe as they were shared, by their numbers.

    One that was deleted and has come anew under the same id is another one.
    """
    safe = await find_safe(one.account_id, services)
    known = await services.store.get_many(Document, [shared.document for shared in one.terms.documents])
    entries = safe.contents.entries if safe else {}
    found = dict[int, Document]()
    for number, (shared, opens) in enumerate(zip(one.terms.documents, access.documents, strict=True), 1):
        listed, document = entries.get(shared.document), known.get(shared.document)
        objects = {stream.object for stream in opens.streams}
        if listed and not listed.trashed_at and document and objects <= {*document.objects}:
            found[number] = document
    return found


async def attached_to(document: Document, one: Opened, number: int, services: Services) -> Attached | None:
    """Return the evidence about where a document of a share comes from, if there is some that proves it."""
    shared = one.terms.documents[number - 1]
    try:
        version = document.open(one.account_id, one.own).version(str(shared.version))
    except (Damaged, NotFound):
        alarm(shared.document)
        return None
    provenance = await provenance_of(version, services)
    if version.origin is None or provenance is None or provenance.state != "proven":
        return None
    return Attached(provenance.authority, version.origin.bundle)


async def _file_of(opens: Opens, shared: Shared, services: Services) -> Source | Ciphertext:
    """Return the bytes of a document as the recipient gets them, once it is known that as many are there."""
    try:
        for stream in opens.streams:
            if await services.objects.size(stream.object) != sealed_size(stream.size):
                raise Damaged  # noqa: TRY301 - one alarm for whatever is wrong with it
    except (Damaged, NotFound) as error:
        raise alarm(shared.document) from error
    if opens.sealed_key:
        return Ciphertext(opens.streams, services)
    return Source(opens.streams, opens.key, services)
