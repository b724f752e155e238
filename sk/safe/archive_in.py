"""An archive as it comes in: a ZIP file, or one that `age` has encrypted to a passphrase, opened while it comes."""

from collections.abc import AsyncGenerator, AsyncIterator

from sk.crypto.age import ARMOR, BEGINS, Run, decrypted
from sk.errors import Damaged, Invalid
from sk.safe.streams import at_most

OF_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How a ZIP file begins; the second one holds nothing. What begins otherwise and ends so is something else as well."""
OF_AGE = BEGINS.partition(b"/")[0]
ENOUGH_BYTES = 64


async def archive_of(chunks: AsyncIterator[bytes], passphrase: str, most: int, run: Run) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a ZIP file, whether it comes as it is or encrypted. Nobody keeps the passphrase."""
    too_large = Invalid(f"an archive has at most {most} bytes", field="file", problem="archive-size")
    limited = at_most(most, chunks, too_large)
    head, following = await _head(limited)
    if head.startswith(OF_AGE) or head.lstrip().startswith(ARMOR):
        if not passphrase:
            raise Invalid("this file is encrypted to a passphrase", field="passphrase", problem="passphrase-missing")
        head, following = await _head(_opened(following, passphrase, run))
    if not head.startswith(OF_ZIP):
        raise Invalid("this is no ZIP file", field="file", problem="archive-other")
    async for chunk in following:
        yield chunk


async def _head(chunks: AsyncIterator[bytes]) -> tuple[bytes, AsyncIterator[bytes]]:
    """Return how a file begins, and all of it."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= ENOUGH_BYTES:
            break
    return head, _behind(head, chunks)


async def _behind(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk


async def _opened(chunks: AsyncIterator[bytes], passphrase: str, run: Run) -> AsyncIterator[bytes]:
    try:
        async for chunk in decrypted(chunks, passphrase, run):
            yield chunk
    except Damaged:
        raise Invalid("this file is not whole, or was changed", field="file", problem="age-damaged") from None
