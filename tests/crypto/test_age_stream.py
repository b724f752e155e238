"""Files of age made while they are sent, and opened while they come."""

from collections.abc import AsyncIterator, Callable

import pytest

from sk.crypto.age import CHUNK_BYTES, HEAD_BYTES, decrypted, encrypted
from sk.errors import Damaged, Invalid
from sk.web.one_by_one import OneByOne
from tests.crypto.age_files import header, payload, stanza
from tests.vectors.reference import pattern

PASSPHRASE = "vier Wörter, die niemand errät"
PLAIN = pattern(3 * CHUNK_BYTES + 5)
FILE = header(stanza(PASSPHRASE)) + payload([(b"a document", 0, True)])
BLOCK = 10_007


async def in_blocks(data: bytes, block: int = BLOCK) -> AsyncIterator[bytes]:
    for at in range(0, len(data), block):
        yield data[at : at + block]


async def cut_off(data: bytes) -> AsyncIterator[bytes]:
    """Yield blocks until the store is gone."""
    async for block in in_blocks(data):
        yield block
    raise ConnectionResetError


async def all_of(blocks: AsyncIterator[bytes], into: list[bytes]) -> bytes:
    """Gather what comes, also when it does not end well."""
    async for block in blocks:
        into += [block]
    return b"".join(into)


@pytest.fixture
async def one_by_one() -> AsyncIterator[OneByOne]:
    thread = OneByOne("age", "too many files are being encrypted right now")
    yield thread
    await thread.close()


async def test_a_file_comes_back_and_neither_end_holds_more_than_a_chunk(one_by_one: OneByOne) -> None:
    sealed: list[bytes] = []
    came: list[bytes] = []

    file = await all_of(encrypted(in_blocks(PLAIN), PASSPHRASE, one_by_one.run), sealed)
    plain = await all_of(decrypted(in_blocks(file), PASSPHRASE, one_by_one.run), came)

    assert plain == PLAIN
    assert max(map(len, sealed + came)) < 2 * CHUNK_BYTES
    assert len(sealed) == 5
    assert len(came) == 4


async def test_a_file_whose_making_broke_off_is_never_taken_for_whole(one_by_one: OneByOne) -> None:
    sealed: list[bytes] = []
    came: list[bytes] = []

    with pytest.raises(ConnectionResetError):
        await all_of(encrypted(cut_off(PLAIN), PASSPHRASE, one_by_one.run), sealed)
    with pytest.raises(Damaged):
        await all_of(decrypted(in_blocks(b"".join(sealed)), PASSPHRASE, one_by_one.run), came)

    assert b"".join(came) == PLAIN[: 2 * CHUNK_BYTES]


async def test_a_passphrase_is_tried_where_it_keeps_nobody_waiting_and_the_rest_is_not() -> None:
    tries: list[bytes] = []

    async def counted(work: Callable[[], bytes]) -> bytes:
        tries.append(work())
        return tries[-1]

    assert await all_of(decrypted(in_blocks(FILE, 1), PASSPHRASE, counted), []) == b"a document"
    assert len(tries) == HEAD_BYTES


async def test_an_empty_document_is_a_file_as_well(one_by_one: OneByOne) -> None:
    file = header(stanza(PASSPHRASE)) + payload([(b"", 0, True)])

    assert await all_of(decrypted(in_blocks(file), PASSPHRASE, one_by_one.run), []) == b""


async def test_what_is_wrong_with_a_file_is_said_before_anything_comes(one_by_one: OneByOne) -> None:
    with pytest.raises(Invalid, match="does not fit"):
        await anext(decrypted(in_blocks(FILE), "another one", one_by_one.run))
