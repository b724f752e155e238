"""Fetching what a citizen has shared with an authority: verified while it comes and, if it is sealed, opened.

Into a folder come `share.json`, which says what it is, the documents by their numbers, and the evidence beside each.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sk.client import AuthorityClient
from sk.crypto.context import Context
from sk.crypto.seal import new_seed, public_key, unseal
from sk.crypto.sign import decode, encode
from sk.crypto.stream import Decryptor, sealed_size
from sk.errors import Damaged

GENERATION = 1
"""Keys of documents, and of an authority in a share, have one generation only (docs/formats/share.md)."""
Facts = Mapping[str, Any]


def new_sealing_key() -> tuple[bytes, str]:
    """Return a fresh seed, to be kept secret, and the public key to register, in base64url."""
    seed = new_seed()
    return seed, encode(public_key(seed))


async def fetch_share(client: AuthorityClient, share_id: str, folder: Path, seed: bytes = b"") -> Facts:
    """Fetch all documents of a share into a folder, and return what was said of it.

    Each is there whole and with the digest that it should have, or not at all: then this raises `Damaged`, an
    `aiohttp.ClientError` if it broke off, or a `RuntimeError` if it was refused. Called again it fetches what is
    missing, and that alone: fetches are counted.
    """
    status, share = await client.get(f"/api/v1/shares/{share_id}")
    if status != HTTPStatus.OK:
        raise RuntimeError(f"not fetched: {share}")
    _note(share, folder)
    for number, document in enumerate(share["documents"], 1):
        if not (folder / str(number)).exists():
            blocks = client.blocks(f"/api/v1/shares/{share_id}/{number}")
            await _write(opened(blocks, document, f"{share_id}.{number}", seed), folder / str(number))
    return share


def _note(share: Facts, folder: Path) -> None:
    """Write down what was said of a share, and the evidence in the one spelling that bundles have."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "share.json").write_text(json.dumps(share, ensure_ascii=False, indent=2))
    for number, document in enumerate(share["documents"], 1):
        if document["evidence"]:
            bundle = json.dumps(document["evidence"], ensure_ascii=False, separators=(",", ":"))
            (folder / f"{number}.evidence.json").write_text(bundle)


async def opened(blocks: AsyncIterator[bytes], document: Facts, place: str, seed: bytes) -> AsyncIterator[bytes]:
    """Yield the bytes of a document as they come, opened if they are sealed; `place` is its share, a dot, its number.

    Until all of them came without `Damaged` they are not known to be right.
    """
    if document["sealed_key"] is not None:
        key = unseal(seed, Context("share-key", "", place), GENERATION, decode(document["sealed_key"]))
        blocks = _decrypted(blocks, document["streams"], key)
    hashed = sha256()
    async for block in blocks:
        hashed.update(block)
        yield block
    if hashed.hexdigest() != document["sha256"]:
        raise Damaged


async def _decrypted(blocks: AsyncIterator[bytes], streams: Sequence[Facts], key: bytes) -> AsyncIterator[bytes]:
    """Yield what is in streams that come one behind the other."""
    block = b""
    for stream in streams:
        left = sealed_size(stream["size"])
        decryptor = Decryptor(key, Context("safe-stream", "", stream["object"]).bound(GENERATION))
        while left:
            block = block or await anext(blocks, b"")
            if not block:
                raise Damaged
            sealed, block = block[:left], block[left:]
            left -= len(sealed)
            yield decryptor.update(sealed)
        yield decryptor.finish()
    if block or await anext(blocks, b""):
        raise Damaged


async def _write(blocks: AsyncIterator[bytes], path: Path) -> None:
    """Write a file, which has its name once all of it has come."""
    part = path.with_suffix(".part")
    try:
        with part.open("wb") as file:
            async for block in blocks:
                file.write(block)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
