"""The parts alone: SQLite, the object store, HTTP. What each could do if it were all there is."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.bare import open_bare
from bench.load import ATTACHMENT_BYTES, CONNECTIONS, post, write_request
from sk.clock import local_day
from sk.crypto.sign import Signer, encode
from sk.crypto.stream import sealed_size
from sk.evidence.opening import SALT_BYTES, NoticeOpening, Opening
from sk.evidence.spelling import HASH_BYTES
from sk.ids import new_id
from sk.objects.files import FileObjects, open_files
from sk.objects.port import new_object_name
from sk.postbox.notice import Notice
from sk.postbox.receipt import Receipt
from sk.store.port import Store
from sk.store.sqlite import open_sqlite

WRITERS = CONNECTIONS
# What intake saves for a notice like that of bench/load.py.
ENVELOPE_BYTES, RECEIPT_BYTES = 1500, 4200
FACTS = {
    "kind": "verwaltungsakt",
    "law": "ozg-9",
    "rechtsbehelf": "klage-vwgo",
    "belehrung": True,
    "recipient": {"land": "NW", "abroad": False},
    "seat": "NW",
    "minimum_trust": "low",
}


async def measure_store(count: int, place: Path) -> float:
    """Return how many notices a second are saved as intake does it: with receipt, statement and event, on disk."""
    signer, authority_id = Signer("sign-web-bench", Ed25519PrivateKey.generate()), new_id()
    pairs = [_accepted(signer, authority_id) for _ in range(count)]
    async with open_sqlite(place / "store.db") as store:
        return await _per_second(_save(store, pair) for pair in pairs)


async def _save(store: Store, pair: tuple[Notice, Receipt]) -> None:
    await store.save(*pair)


def _accepted(signer: Signer, authority_id: str) -> tuple[Notice, Receipt]:
    notice = Notice(
        id=new_id(),
        account_id=new_id(),
        account_salt=encode(secrets.token_bytes(SALT_BYTES)),
        authority_id=authority_id,
        notice_kind="verwaltungsakt",
        law="ozg-9",
        reference_index=secrets.token_hex(32),
        key_generation=1,
        envelope=secrets.token_bytes(ENVELOPE_BYTES),
        objects=[new_object_name(local_day(datetime.now(UTC)))],
        accepted_at=datetime.now(UTC),
    )
    opened = Opening.of(secrets.token_bytes(HASH_BYTES))
    opening = NoticeOpening(to=opened, reference=opened, subject=opened, text=opened, attachments=[opened])
    facts = {**FACTS, **notice.digests(), "account": notice.account_commitment()}
    notice.accept(signer, {**facts, "commitments": opening.commitments().model_dump()})
    return notice, Receipt(id=notice.id, locked=secrets.token_bytes(RECEIPT_BYTES))


async def measure_objects(count: int, place: Path) -> float:
    """Return how many objects of the size of an encrypted attachment a second are written and synced."""
    data = secrets.token_bytes(sealed_size(ATTACHMENT_BYTES))
    async with open_files(place / "objects") as objects:
        return await _per_second(_upload(objects, data) for _ in range(count))


async def _upload(objects: FileObjects, data: bytes) -> None:
    async with objects.upload(new_object_name(local_day(datetime.now(UTC))), len(data)) as upload:
        await upload.write(data)


async def measure_http(count: int, place: Path) -> float:
    """Return how many bodies like a notice's a second aiohttp takes in, part by part, and throws away."""
    async with open_bare() as base_url:
        write_request(place / "request", [new_id()])
        return count / await post(base_url, place / "request", count)


async def _per_second(jobs: Iterable[Awaitable[None]]) -> float:
    """Do all jobs, as many at once as there are writers, and return how many that were a second."""
    waiting = list(jobs)
    count = len(waiting)

    async def write() -> None:
        while waiting:
            await waiting.pop()

    began = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return count / (time.perf_counter() - began)
