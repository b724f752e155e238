from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256

import pytest
from cryptography.exceptions import AlreadyFinalized
from hypothesis import given
from hypothesis import strategies as st

from sk.crypto.stream import (
    CHUNK_BYTES,
    HEAD_BYTES,
    SALT_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    Encryptor,
    decrypt,
    encrypt,
    open_stream,
    opened_size,
    sealed_size,
)
from sk.errors import Damaged
from tests.crypto.cases import UNHURRIED, Vector, cases, completed, stream_of
from tests.vectors.reference import pattern

KEY = bytes(range(32))
CONTEXT = b"a context"
SIZES = st.builds(
    lambda chunks, more: max(0, chunks * CHUNK_BYTES + more),
    st.integers(0, 3),
    st.integers(-2, 2) | st.integers(0, 9999),
)


@dataclass
class CountingSource:
    """A stored file in memory that notes which ranges were read."""

    stored: bytes
    block: int = 100_000
    ranges: list[tuple[int, int]] = field(default_factory=list)
    loses: int = 0

    @property
    def size(self) -> int:
        """How many bytes are stored."""
        return len(self.stored)

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield a range in blocks; less than it, if the source loses bytes."""
        self.ranges.append((start, end))
        for at in range(start, end - self.loses, self.block):
            yield self.stored[at : min(at + self.block, end - self.loses)]


async def what_comes(source: CountingSource, key: bytes, context: bytes) -> tuple[bytes, bool]:
    """Open a file and read it until its end or until it turns out to be damaged."""
    try:
        reader = await open_stream(source, key, context)
    except Damaged:
        return b"", False
    return await all_of(reader.read())


async def all_of(blocks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """Return what comes, and whether it came whole."""
    came = b""
    try:
        async for block in blocks:
            came += block
    except Damaged:
        return came, False
    return came, True


def ranges_of(start: int, end: int) -> tuple[int, int]:
    """Return where the chunks lie that hold a range of the plaintext."""
    first, last = start // CHUNK_BYTES, (end - 1) // CHUNK_BYTES
    return HEAD_BYTES + first * SEALED_CHUNK_BYTES, HEAD_BYTES + (last + 1) * SEALED_CHUNK_BYTES


@pytest.mark.parametrize("vector", cases("stream.json", fail=False))
async def test_a_stream_made_elsewhere_opens(vector: Vector) -> None:
    key, context, sealed = bytes.fromhex(vector["key"]), bytes.fromhex(vector["context"]), stream_of(vector)
    plain = pattern(vector["plain_length"])

    assert len(sealed) == vector["sealed_length"] == sealed_size(len(plain))
    assert sha256(sealed).hexdigest() == vector["sealed_sha256"]
    assert sealed.hex().startswith(vector.get("sealed_begins") or vector["sealed"])
    assert decrypt(key, context, sealed) == plain
    assert await what_comes(CountingSource(sealed), key, context) == (plain, True)


@pytest.mark.parametrize("vector", cases("stream.json", fail=True))
async def test_a_stream_that_is_not_whole_and_in_its_place_is_refused(vector: Vector) -> None:
    vector = completed(vector, "stream.json")
    key, context, sealed = bytes.fromhex(vector["key"]), bytes.fromhex(vector["context"]), stream_of(vector)

    with pytest.raises(Damaged):
        decrypt(key, context, sealed)
    came, whole = await what_comes(CountingSource(sealed), key, context)
    assert not whole
    assert pattern(vector["plain_length"]).startswith(came)
    assert len(came) % CHUNK_BYTES == 0


@UNHURRIED
@given(SIZES, st.integers(100, 50_000))
async def test_what_is_encrypted_as_it_passes_comes_back(size: int, block: int) -> None:
    plain = pattern(size)
    encryptor = Encryptor(KEY, CONTEXT)
    pieces = [encryptor.update(plain[at : at + block]) for at in range(0, size, block)]
    sealed = b"".join([*pieces, encryptor.finish()])

    assert len(sealed) == sealed_size(size)
    assert decrypt(KEY, CONTEXT, sealed) == plain
    assert await what_comes(CountingSource(sealed, block), KEY, CONTEXT) == (plain, True)


@UNHURRIED
@given(st.integers(0, 10**15))
def test_the_length_of_a_file_says_how_much_it_holds(size: int) -> None:
    assert opened_size(sealed_size(size)) == size


@UNHURRIED
@given(st.integers(0, 5), st.integers(-HEAD_BYTES, TAG_BYTES - 1))
def test_a_length_that_no_file_can_have_is_refused(chunks: int, more: int) -> None:
    sealed = HEAD_BYTES + chunks * SEALED_CHUNK_BYTES + (more if chunks == 0 else max(0, more))

    with pytest.raises(Damaged):
        opened_size(sealed)


@UNHURRIED
@given(SIZES, st.data())
async def test_a_range_is_read_by_its_chunks_alone(size: int, data: st.DataObject) -> None:
    plain = pattern(size)
    start, end = data.draw(st.integers(0, size)), data.draw(st.integers(0, size + 5))
    source = CountingSource(encrypt(KEY, CONTEXT, plain))
    reader = await open_stream(source, KEY, CONTEXT)
    last = HEAD_BYTES + size // CHUNK_BYTES * SEALED_CHUNK_BYTES
    assert source.ranges == [(0, HEAD_BYTES), (last, source.size)]

    source.ranges.clear()
    came, whole = await all_of(reader.read(start, end))

    assert whole
    assert came == plain[start:end]
    first, stop = ranges_of(start, min(end, size))
    assert source.ranges == ([(first, min(stop, source.size))] if came else [])


@pytest.mark.parametrize("block", [1000, SEALED_CHUNK_BYTES, 1_000_000])
async def test_no_byte_of_a_changed_chunk_leaves(block: int) -> None:
    plain = pattern(5 * CHUNK_BYTES)
    sealed = bytearray(encrypt(KEY, CONTEXT, plain))
    sealed[HEAD_BYTES + 2 * SEALED_CHUNK_BYTES + 7] ^= 1
    reader = await open_stream(CountingSource(bytes(sealed), block), KEY, CONTEXT)
    border, next_border = 2 * CHUNK_BYTES, 3 * CHUNK_BYTES

    assert await all_of(reader.read(0, border)) == (plain[:border], True)
    assert await all_of(reader.read(next_border)) == (plain[next_border:], True)
    for start, end in ((0, border + 1), (border, border + 1), (next_border - 1, next_border), (border - 1, None)):
        came, whole = await all_of(reader.read(start, end))
        assert not whole
        assert plain[start:border].startswith(came)


@pytest.mark.parametrize("loses", [1, TAG_BYTES, SEALED_CHUNK_BYTES, 2 * SEALED_CHUNK_BYTES, 3 * SEALED_CHUNK_BYTES])
async def test_a_store_that_gives_less_than_it_has_is_noticed(loses: int) -> None:
    plain = pattern(5 * CHUNK_BYTES + 5)
    source = CountingSource(encrypt(KEY, CONTEXT, plain), block=SEALED_CHUNK_BYTES)
    reader = await open_stream(source, KEY, CONTEXT)
    source.loses = loses

    came, whole = await all_of(reader.read(CHUNK_BYTES, 4 * CHUNK_BYTES))

    assert not whole
    assert plain[CHUNK_BYTES : 4 * CHUNK_BYTES].startswith(came)


async def test_a_file_that_the_store_has_cut_does_not_even_open() -> None:
    sealed = encrypt(KEY, CONTEXT, pattern(40_000))

    with pytest.raises(Damaged):
        await open_stream(CountingSource(sealed, loses=1), KEY, CONTEXT)


def test_a_chunk_is_encrypted_once_and_a_new_attempt_is_a_new_file() -> None:
    encryptor = Encryptor(KEY, CONTEXT)
    first = encryptor.update(b"the same") + encryptor.finish()

    with pytest.raises(AlreadyFinalized):
        encryptor.finish()
    with pytest.raises(AlreadyFinalized):
        encryptor.update(b"the same")
    assert encrypt(KEY, CONTEXT, b"the same")[:SALT_BYTES] != first[:SALT_BYTES]
