"""Bytes of any length, encrypted in chunks: C2SP chunked-encryption v1, Cobblestone-256 (docs/formats/stream.md).

A file is salt ‖ commitment ‖ chunks of 16 KiB, the last one shorter, so that a missing end is noticed. No byte
of a chunk that was not authenticated is ever returned. Reading from front to back is the library's work;
reading a part, which it does not offer, is done here.
"""

import hmac
from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from sk.errors import Damaged

CHUNK_BYTES = 16 * 1024
TAG_BYTES = 16
SALT_BYTES = 24
COMMITMENT_BYTES = 32
HEAD_BYTES = SALT_BYTES + COMMITMENT_BYTES
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
MAX_CHUNKS = 2**38
KEY_BYTES = 32
NONCE_BYTES = 12


def sealed_size(size: int) -> int:
    """Return how many bytes `size` bytes become."""
    return HEAD_BYTES + size + (size // CHUNK_BYTES + 1) * TAG_BYTES


def opened_size(sealed: int) -> int:
    """Return how many bytes a file of `sealed` bytes holds; a length that no file can have is `Damaged`."""
    whole, last = divmod(sealed - HEAD_BYTES, SEALED_CHUNK_BYTES)
    if sealed < HEAD_BYTES + TAG_BYTES or last < TAG_BYTES:
        raise Damaged
    return whole * CHUNK_BYTES + last - TAG_BYTES


class _Chunks(NamedTuple):
    """The derived keys of one file."""

    cipher: AESGCM
    base_nonce: int
    commitment: bytes

    @classmethod
    def derive(cls, key: bytes, salt: bytes, context: bytes) -> "_Chunks":
        if len(key) != KEY_BYTES:
            raise Damaged
        info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00" + salt + context
        derived = HKDFExpand(SHA512(), KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES, info).derive(key)
        nonce, commitment = derived[KEY_BYTES:-COMMITMENT_BYTES], derived[-COMMITMENT_BYTES:]
        return cls(AESGCM(derived[:KEY_BYTES]), int.from_bytes(nonce), commitment)

    def open(self, number: int, sealed: bytes | memoryview) -> bytearray:
        """Return what is in some chunks that follow each other from a number on. Only the last may be short.

        They are opened into one place: a piece of memory for each, and putting them together, takes four times as long.
        """
        count = max(1, -(-len(sealed) // SEALED_CHUNK_BYTES))
        if number + count > MAX_CHUNKS:
            raise Damaged
        plain = bytearray(max(0, len(sealed) - count * TAG_BYTES))
        into, chunks = memoryview(plain), memoryview(sealed)
        try:
            for at in range(count):
                nonce = (self.base_nonce ^ number + at).to_bytes(NONCE_BYTES)
                chunk = chunks[at * SEALED_CHUNK_BYTES : (at + 1) * SEALED_CHUNK_BYTES]
                self.cipher.decrypt_into(nonce, chunk, None, into[at * CHUNK_BYTES : (at + 1) * CHUNK_BYTES])
        except (InvalidTag, ValueError) as error:
            raise Damaged from error
        return plain


class Encryptor:
    """Encrypts one file as it passes, every chunk once: what it returned is sent again, never made again."""

    def __init__(self, key: bytes, context: bytes) -> None:
        """Begin a file, with a salt of its own."""
        self._encryptor = Cobblestone256Encryptor(key, context)

    def update(self, data: bytes) -> bytes:
        """Take in bytes and return the ciphertext of the chunks that are full."""
        return self._encryptor.update(data)

    def finish(self) -> bytes:
        """Return the ciphertext of the last chunk, which is always short and may be empty."""
        return self._encryptor.finalize()


class Decryptor:
    """Decrypts one file as it passes, from front to back. What does not open is `Damaged`."""

    def __init__(self, key: bytes, context: bytes) -> None:
        """Begin a file."""
        try:
            self._decryptor = Cobblestone256Decryptor(key, context)
        except ValueError as error:
            raise Damaged from error

    def update(self, sealed: bytes) -> bytes:
        """Take in ciphertext and return what is in the chunks that are whole."""
        try:
            return self._decryptor.update(sealed)
        except (InvalidTag, ValueError) as error:
            raise Damaged from error

    def finish(self) -> bytes:
        """Return what is in the last chunk; where that is missing, it was not the whole file."""
        try:
            return self._decryptor.finalize()
        except (InvalidTag, ValueError) as error:
            raise Damaged from error


def encrypt(key: bytes, context: bytes, data: bytes) -> bytes:
    """Encrypt what fits into memory."""
    encryptor = Encryptor(key, context)
    return encryptor.update(data) + encryptor.finish()


def decrypt(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Decrypt what fits into memory, or raise `Damaged`."""
    decryptor = Decryptor(key, context)
    return decryptor.update(sealed) + decryptor.finish()


def _opened_head(key: bytes, context: bytes, head: bytes) -> _Chunks:
    if len(head) != HEAD_BYTES:
        raise Damaged
    chunks = _Chunks.derive(key, head[:SALT_BYTES], context)
    if not hmac.compare_digest(chunks.commitment, head[SALT_BYTES:]):
        raise Damaged
    return chunks


class Source(Protocol):
    """One stored file, of which any part can be read."""

    @property
    def size(self) -> int:
        """How many bytes are stored."""
        ...

    def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to, not including, `end`, in blocks of any length."""
        ...


class Reader:
    """Reads one file in parts. Made by `open_stream`, which has checked commitment and length."""

    def __init__(self, source: Source, chunks: _Chunks, size: int) -> None:
        """Use `open_stream`."""
        self._source = source
        self._chunks = chunks
        self.size = size

    async def read(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield the plaintext from `start` up to, not including, `end`, reading only the chunks that hold it.

        What ends early, because the store gave less than it has, is `Damaged` as well.
        """
        end = self.size if end is None else min(end, self.size)
        number, skip = divmod(start, CHUNK_BYTES)
        left = end - start
        if left <= 0:
            return
        async for sealed in self._sealed_chunks(number, -(-end // CHUNK_BYTES)):
            plain = bytes(memoryview(self._chunks.open(number, sealed))[skip : skip + left])
            number += -(-len(sealed) // SEALED_CHUNK_BYTES)
            skip = 0
            left -= len(plain)
            yield plain
        if left > 0:
            raise Damaged

    async def _sealed_chunks(self, first: int, last: int) -> AsyncIterator[memoryview]:
        """Yield the chunks from `first` up to, not including, `last`, as many at a time as have arrived."""
        stop = min(HEAD_BYTES + last * SEALED_CHUNK_BYTES, self._source.size)
        rest = b""
        async for block in self._source.read(HEAD_BYTES + first * SEALED_CHUNK_BYTES, stop):
            view = memoryview(block)
            if rest:
                missing = SEALED_CHUNK_BYTES - len(rest)
                rest += view[:missing]
                view = view[missing:]
                if len(rest) < SEALED_CHUNK_BYTES:
                    continue
                yield memoryview(rest)
            whole = len(view) - len(view) % SEALED_CHUNK_BYTES
            rest = bytes(view[whole:])
            if whole:
                yield view[:whole]
        if rest:
            yield memoryview(rest)


async def open_stream(source: Source, key: bytes, context: bytes) -> Reader:
    """Open a stored file, or raise `Damaged`: the key must fit, and the last chunk proves the length."""
    size = opened_size(source.size)
    chunks = _opened_head(key, context, await _gather(source, 0, HEAD_BYTES))
    last = size // CHUNK_BYTES
    chunks.open(last, await _gather(source, HEAD_BYTES + last * SEALED_CHUNK_BYTES, source.size))
    return Reader(source, chunks, size)


async def _gather(source: Source, start: int, end: int) -> bytes:
    return b"".join([block async for block in source.read(start, end)])
