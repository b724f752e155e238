from collections.abc import AsyncIterator
from typing import Any

import pytest

from sk.client_share import opened
from sk.errors import Damaged
from tests.crypto.cases import Vector, cases, completed


async def plain_of(vector: Vector, at_once: int = 1000) -> bytes:
    """Open a vector as it comes, so many bytes at a time."""
    body = bytes.fromhex(vector["body"])
    document: dict[str, Any] = {name: vector[name] for name in ("sealed_key", "streams", "sha256")}

    async def blocks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), at_once):
            yield body[start : start + at_once]

    place, seed = f"{vector['share']}.{vector['number']}", bytes.fromhex(vector["seed"])
    return b"".join([block async for block in opened(blocks(), document, place, seed)])


@pytest.mark.parametrize("at_once", [1, 7, 78, 79, 1000])
@pytest.mark.parametrize("vector", cases("share.json", fail=False))
async def test_a_document_that_was_sealed_elsewhere_opens_in_whatever_blocks_it_comes(
    vector: Vector, at_once: int
) -> None:
    assert await plain_of(vector, at_once) == bytes.fromhex(vector["plain"])


@pytest.mark.parametrize("vector", cases("share.json", fail=True))
async def test_what_is_not_what_was_shared_is_not_opened(vector: Vector) -> None:
    with pytest.raises(Damaged):
        await plain_of(completed(vector, "share.json"))
