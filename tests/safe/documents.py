"""Documents in safes for tests of their pages."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sk.auth.own_key import own_lock
from sk.safe.document import Document
from sk.safe.entries import Entry
from sk.safe.safe import open_safe
from sk.safe.upload import Wanted
from sk.safe.upload_steps import add_file, append, begin
from tests.strangers import a_pdf
from tests.world import Citizen, World

PDF = a_pdf(3)
TEXT = b"Zeugnis\n" * 5000
"""What is no picture, and longer than a chunk."""


async def blocks(data: bytes) -> AsyncIterator[bytes]:
    """Yield bytes as they come from a browser."""
    for start in range(0, len(data), 65536):
        yield data[start : start + 65536]


async def put(
    world: World,
    citizen: Citizen,
    name: str = "Zeugnis.txt",
    data: bytes = TEXT,
    *,
    folder: str = "",
    document: str = "",
) -> str:
    """Put a document into somebody's safe, or a new version of one, and return its id."""
    wanted = Wanted(name, 0, folder=folder, document=document)
    return await add_file(wanted, blocks(data), citizen.account.id, world.web)


async def put_in_parts(world: World, citizen: Citizen, parts: Sequence[bytes], name: str = "Zeugnis.txt") -> str:
    """Put a document into somebody's safe that comes in so many parts, each of which is a stream."""
    upload = await begin(Wanted(name, sum(map(len, parts))), citizen.account.id, world.web)
    offset, became = 0, ""
    for part in parts:
        opened = await append(upload.id, citizen.account.id, offset, len(part), blocks(part), world.web)
        offset, became = offset + len(part), opened.plan.became
    return became


async def entry_of(world: World, citizen: Citizen, document_id: str) -> Entry:
    """Return what lists show of a document."""
    return (await open_safe(citizen.account.id, world.web)).contents.entry(document_id)


async def row_of(world: World, document_id: str) -> Document:
    """Return the row of a document."""
    return await world.web.store.get(Document, document_id)


async def change_entry(world: World, citizen: Citizen, document_id: str, **changes: Any) -> None:
    """Change what lists show of a document."""
    opened = await open_safe(citizen.account.id, world.web)
    opened.contents.put(opened.contents.entry(document_id)._replace(**changes))
    await world.web.store.save(opened.kept())


async def picture_of(world: World, citizen: Citizen, document_id: str) -> bytes:
    """Return the small picture of a document, opened."""
    document = await row_of(world, document_id)
    own = await own_lock(citizen.account.id, world.web)
    return document.open_picture(citizen.account.id, own)


def damage(world: World, name: str, at: int = -1) -> None:
    """Change one byte of an object."""
    stored = world.data / "objects" / name
    raw = bytearray(stored.read_bytes())
    raw[at] ^= 1
    stored.write_bytes(raw)
