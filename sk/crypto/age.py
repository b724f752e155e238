"""Files of any length encrypted to a passphrase, which the tool `age` reads and writes as well: C2SP age v1.

A file is header ‖ nonce ‖ chunks of 64 KiB. The header holds a file key that the passphrase opens; the last chunk is
marked, so that a missing end is noticed. No byte of a chunk that was not authenticated is ever returned. What we take
of the format, and why no library does this, says docs/formats/README.md.
"""

import hmac
import os
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from functools import partial

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sk.errors import Damaged, Invalid

CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
KEY_BYTES = 16
"""Of the file key; the salt and the nonce are as long."""
NONCE_BYTES = 12
WORK_FACTOR = 18
"""What `age` itself takes, and the most that a file may cost us: 2¹⁸ blocks of 1 KiB, 0.8 s of a core and 256 MiB for
each try of a passphrase. One more doubles both.
"""

BEGINS = b"age-encryption.org/v1\n-> scrypt "
ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
BASE64 = rb"[A-Za-z0-9+/]"
OF_16_BYTES = rb"(%s{21}[AQgw])" % BASE64
OF_32_BYTES = rb"(%s{42}[AEIMQUYcgkosw048])" % BASE64
"""Their base64 without padding; a last character whose unused bits are not zero is another spelling, and refused."""
HEADER = re.compile(rb"(%s%s ([1-9][0-9]?)\n%s\n---) %s\n" % (re.escape(BEGINS), OF_16_BYTES, OF_32_BYTES, OF_32_BYTES))
"""A header with one stanza, that of a passphrase: beside it the format allows no other."""
HEAD_BYTES = len(BEGINS) + 22 + len(" 18\n") + 43 + len("\n--- ") + 43 + len("\n") + KEY_BYTES
"""Of the longest header, and the nonce. Every whole file is longer."""

Run = Callable[[Callable[[], bytes]], Awaitable[bytes]]
"""Does what keeps a core busy, a bounded number at a time, away from the event loop: `OneByOne.run`."""


class AgeEncryptor:
    """Encrypts one file as it passes."""

    def __init__(self, passphrase: str, work_factor: int = WORK_FACTOR) -> None:
        """Begin a file, with keys of its own."""
        self._passphrase = passphrase
        self._work_factor = work_factor
        self._file_key, self._nonce = os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)
        self._chunks = _Chunks(_payload_cipher(self._file_key, self._nonce).encrypt, CHUNK_BYTES)

    def begin(self) -> bytes:
        """Return what comes before the first chunk. Costs what the work factor says: run it in a thread."""
        salt = os.urandom(KEY_BYTES)
        cipher = _passphrase_cipher(self._passphrase, salt, self._work_factor)
        body = cipher.encrypt(bytes(NONCE_BYTES), self._file_key, None)
        header = b"%s%s %d\n%s\n---" % (BEGINS, _spelled(salt), self._work_factor, _spelled(body))
        return b"%s %s\n%s" % (header, _spelled(_mac(self._file_key, header)), self._nonce)

    def update(self, data: bytes) -> bytes:
        """Take in bytes and return the ciphertext of the chunks that are full and not the last."""
        return self._chunks.update(data)

    def finish(self) -> bytes:
        """Return the ciphertext of the last chunk, which is empty only in an empty file."""
        return self._chunks.finish()


class AgeDecryptor:
    """Decrypts one file as it comes. What it has returned may be followed by `Damaged`: then the file is not whole."""

    def __init__(self, passphrase: str) -> None:
        """Begin a file."""
        self._passphrase = passphrase
        self._head = b""
        self._chunks: _Chunks | None = None

    @property
    def opened(self) -> bool:
        """Whether the passphrase has been tried and fits: until then an `update` may cost what the work factor says."""
        return self._chunks is not None

    def update(self, data: bytes) -> bytes:
        """Take in bytes and return the plaintext of the chunks that are authentic and not the last.

        Raises `Invalid` for a passphrase that does not fit and for files that we do not take, each with a problem of
        its own, and `Damaged` for all else that does not open.
        """
        if self._chunks is None:
            self._head += data
            if len(self._head) < HEAD_BYTES:
                return b""
            self._chunks, data = _opened(self._head, self._passphrase)
        try:
            return self._chunks.update(data)
        except InvalidTag as error:
            raise Damaged from error

    def finish(self) -> bytes:
        """Return the plaintext of the last chunk; a file that ends early or goes on behind its end is `Damaged`."""
        if self._chunks is None:
            raise _refused(self._head)
        try:
            plain = self._chunks.finish()
        except InvalidTag as error:
            raise Damaged from error
        if not plain and self._chunks.number > 0:
            raise Damaged
        return plain


async def encrypted(blocks: AsyncIterable[bytes], passphrase: str, run: Run) -> AsyncGenerator[bytes, None]:
    """Yield a file while what it holds is made. If this raises, the file has no last chunk and opens nowhere."""
    encryptor = AgeEncryptor(passphrase)
    yield await run(encryptor.begin)
    async for block in blocks:
        if sealed := encryptor.update(block):
            yield sealed
    yield encryptor.finish()


async def decrypted(blocks: AsyncIterable[bytes], passphrase: str, run: Run) -> AsyncGenerator[bytes, None]:
    """Yield what a file holds, as it comes; raises what `AgeDecryptor` raises, at its end too."""
    decryptor = AgeDecryptor(passphrase)
    async for block in blocks:
        work = partial(decryptor.update, block)
        if plain := work() if decryptor.opened else await run(work):
            yield plain
    if plain := decryptor.finish():
        yield plain


class _Chunks:
    """Encrypts or decrypts the chunks of one file. `size` is that of a full one before; `number` counts them."""

    def __init__(self, step: Callable[[bytes, bytes, None], bytes], size: int) -> None:
        self._step = step
        self._size = size
        self._rest = bytearray()
        self.number = 0

    def update(self, data: bytes) -> bytes:
        """Do the chunks behind which something follows. A chunk that fails stays, so that nothing passes it later."""
        self._rest += data
        done = []
        while len(self._rest) > self._size:
            done.append(self._do(bytes(self._rest[: self._size]), last=False))
            del self._rest[: self._size]
            self.number += 1
        return b"".join(done)

    def finish(self) -> bytes:
        return self._do(bytes(self._rest), last=True)

    def _do(self, chunk: bytes, *, last: bool) -> bytes:
        return self._step((self.number << 8 | last).to_bytes(NONCE_BYTES), chunk, None)


def _opened(head: bytes, passphrase: str) -> tuple[_Chunks, bytes]:
    """Return the chunks of a file, of which none has come, and what follows its head."""
    found = HEADER.match(head)
    if not found:
        raise _refused(head)
    header, salt, work_factor, body, mac = found.groups()
    if int(work_factor) > WORK_FACTOR:
        said = f"the work factor of this file is larger than {WORK_FACTOR}"
        raise Invalid(said, field="file", problem="age-work-factor")
    cipher = _passphrase_cipher(passphrase, _bytes_of(salt), int(work_factor))
    try:
        file_key = cipher.decrypt(bytes(NONCE_BYTES), _bytes_of(body), None)
    except InvalidTag as error:
        raise Invalid("the passphrase does not fit", field="passphrase", problem="passphrase-wrong") from error
    if not hmac.compare_digest(_mac(file_key, header), _bytes_of(mac)):
        raise Damaged
    begins = found.end() + KEY_BYTES
    cipher = _payload_cipher(file_key, head[found.end() : begins])
    return _Chunks(cipher.decrypt, CHUNK_BYTES + TAG_BYTES), head[begins:]


def _refused(head: bytes) -> Invalid | Damaged:
    """Return why a file is not taken that does not begin as it must, or is over before it has."""
    if head.startswith(BEGINS):
        return Damaged()
    if head.lstrip().startswith(ARMOR):
        return Invalid("this file is armored, and only binary ones are taken", field="file", problem="age-armored")
    return Invalid("this is no file that age has encrypted to a passphrase", field="file", problem="age-other")


def _passphrase_cipher(passphrase: str, salt: bytes, work_factor: int) -> ChaCha20Poly1305:
    scrypt = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=1 << work_factor, r=8, p=1)
    return ChaCha20Poly1305(scrypt.derive(passphrase.encode()))


def _payload_cipher(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, None, b"header"), header, "sha256")


def _derived(file_key: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(file_key)


def _spelled(value: bytes) -> bytes:
    return b64encode(value).rstrip(b"=")


def _bytes_of(spelled: bytes) -> bytes:
    return b64decode(spelled + b"==")
