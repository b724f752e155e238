"""`sk doctor` on the scanner: whether it takes files as large as we do, and whether its "OK" means looked at."""

import gzip
from collections.abc import AsyncIterator, Iterator
from tarfile import USTAR_FORMAT, TarInfo

from sk.errors import Unavailable
from sk.finding import Finding
from sk.scanner import Scanner

TAR_BLOCK = 512
AT_ONCE = 128
TOO_DEEP = 101
"""Archives, one in the other: clamd takes no MaxRecursion above 100."""


async def examine_scanner(scanner: Scanner, most: int) -> AsyncIterator[Finding]:
    """Yield why a file may pass that nobody has looked at. Two files of `most` bytes go to the scanner for it."""
    if scanner.is_off:
        yield Finding("nobody looks for malware in attachments (SK_SCANNER)", is_remark=True)
        return
    try:
        async for sentence in _doubts(scanner, most):
            yield Finding(sentence)
    except Unavailable as error:
        yield Finding(f"scanner: {error}")


async def _doubts(scanner: Scanner, most: int) -> AsyncIterator[str]:
    if not await scanner.look_at([_test_file()]):
        yield "the scanner does not find the test file of all scanners (EICAR): it has no signatures; see freshclam"
        return
    try:
        harmless, harmful = [await scanner.look_at(_archive(most, last)) or "OK" for last in (b"", _hidden())]
    except Unavailable as error:
        if isinstance(error.__cause__, TimeoutError):
            raise
        said = f"the scanner takes no stream of {most} bytes: its StreamMaxLength is smaller than SK_SCANNER_MAX"
        yield f"{said}; set StreamMaxLength {most} or more in clamd.conf, or SK_SCANNER_MAX to less"
    else:
        if harmless != "OK" or harmful == "OK":
            said = f"says {harmless} to a harmless archive, and {harmful} to one at whose end the test file lies"
            limits = f"ScanArchive yes, MaxFileSize {most}, MaxScanSize {2 * most} and MaxScanTime 120000"
            yield f"the scanner does not look through a file of {most} bytes: it {said}; set {limits} in clamd.conf"
    if not await scanner.look_at([_too_deep()]):
        yield 'the scanner says "OK" where its limits kept it from looking: set AlertExceedsMax yes in clamd.conf'


def _test_file() -> bytes:
    """Return the test file of all scanners, put together here, so that none takes this program for it."""
    return b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD", rb"-ANTIVIRUS-TEST-FILE!$H+H*"))


def _hidden() -> bytes:
    """Return the test file as nobody finds it who does not unpack it."""
    return gzip.compress(_test_file())


def _archive(size: int, last: bytes) -> Iterator[bytes]:
    """Yield a tar file of so many bytes, in which a small file comes last."""
    last = _packed(last)
    blocks, rest = divmod(size - TAR_BLOCK - len(last), TAR_BLOCK)
    yield _head(blocks * TAR_BLOCK)
    for start in range(0, blocks, AT_ONCE):
        yield bytes(TAR_BLOCK) * min(AT_ONCE, blocks - start)
    yield last + bytes(rest)


def _too_deep() -> bytes:
    """Return the test file in more archives than clamd can be told to open."""
    data = _hidden()
    for _ in range(TOO_DEEP):
        data = _packed(data)
    return data


def _packed(data: bytes) -> bytes:
    return _head(len(data)) + data + bytes(-len(data) % TAR_BLOCK)


def _head(size: int) -> bytes:
    info = TarInfo("test")
    info.size = size
    return info.tobuf(USTAR_FORMAT)
