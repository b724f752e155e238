"""One job: a ZIP file lies with web, which sends the parts of it that are asked for, and gets what is in it.

The process is confined as `sk/render/job.py` is, and speaks over the same connection. Nothing is unpacked but what web
asks for, and an archive within an archive is a file like any other.

    us    go ⏎
    web   {"length": 48123} ⏎
    us    {"read": [47000, 48123]} ⏎   whenever bytes of the archive are needed; web answers with just these
    us    {"name": "a.txt", "size": 12, "why": ""} ⏎   for each file; `why` says why it cannot be had, if so
    us    {"files": 1} ⏎               behind the last one, or {"error": "bomb"} ⏎ and nothing more
    web   {"file": 0} ⏎                as often as it likes
    us    {"bytes": 12} ⏎ and so many bytes, again and again; then {"end": true} ⏎, or {"error": "damaged"} ⏎
"""

import json
import os
import stat
import struct
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sk.render.confined import confine

BLOCK_BYTES = 256 * 1024
ASKED_BYTES = 1024 * 1024
"""So much at a time: each is a request to the object store."""
READ_MAX = 16 * 1024 * 1024
"""As much is asked for at once, at most: of an archive that may be read its directory has no more."""
FILES_MAX = 20_000
RATIO_MAX = 100
SMALL_BYTES = 100_000_000
"""An archive may hold so much, or so many times its own length."""
HEAD_BYTES = 1000
ZIP_HEADER_BYTES, ZIP_END_BYTES = 30, 22
ENDS = b"PK\x05\x06"
NAME_MAX = 1000
AFTER_SECONDS = 540
"""Most of the time it waits for web, which encrypts and scans and stores."""
REGULAR = (0, stat.S_IFREG)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, NotImplementedError)


class Refused(Exception):
    """The archive as a whole is not unpacked."""


class Remote:
    """The archive, which lies with web: what `zipfile` needs of a file."""

    def __init__(self, length: int) -> None:
        """Begin with nothing read."""
        self._length = length
        self._at = 0
        self._begin, self._block = 0, b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere."""
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        if at < 0:
            raise OSError
        self._at = at
        return at

    def tell(self) -> int:
        """Return where we are."""
        return self._at

    def seekable(self) -> bool:
        """Say so."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. What is next to them is kept for the next time."""
        size = max(0, min(size if size >= 0 else self._length, self._length - self._at))
        if size > READ_MAX:
            raise Refused("too-many")
        skip = self._at - self._begin
        if size and not 0 <= skip <= skip + size <= len(self._block):
            end = min(self._at + max(size, ASKED_BYTES), self._length)
            self._begin, self._block, skip = self._at, _asked(self._at, end), 0
        self._at += size
        return self._block[skip : skip + size]


def listed(archive: zipfile.ZipFile, remote: Remote, length: int) -> Sequence[zipfile.ZipInfo]:
    """Return the files of an archive, or raise `Refused`: for what is too much, or is more than one kind of file."""
    infos = archive.infolist()
    remote.seek(max(0, length - ZIP_END_BYTES - len(archive.comment)))
    if remote.read(len(ENDS)) != ENDS:
        raise Refused("unreadable")  # something follows it
    if len(infos) > FILES_MAX:
        raise Refused("too-many")
    if sum(info.file_size for info in infos) > max(SMALL_BYTES, RATIO_MAX * length):
        raise Refused("bomb")
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if not end and info.header_offset:
            raise Refused("unreadable")  # it is something else as well
        if info.header_offset < end:
            raise Refused("bomb")  # one that lies in another is unpacked with both
        end = info.header_offset + ZIP_HEADER_BYTES + len(info.orig_filename) + info.compress_size
    if end > archive.start_dir:
        raise Refused("bomb")
    return [info for info in infos if not info.is_dir()]


def wrong(info: zipfile.ZipInfo, names: Counter[str]) -> str:
    """Return why a file cannot be had, or nothing."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    reasons = {
        "name": len(info.orig_filename) > NAME_MAX or "\0" in info.orig_filename,
        "twice": names[info.orig_filename] > 1,
        "encrypted": info.flag_bits & 0x1,
        "method": info.compress_type not in METHODS,
        "no-file": info.create_system == 3 and kind not in REGULAR,  # noqa: PLR2004 - Unix
    }
    return next((why for why, is_so in reasons.items() if is_so), "")


def serve(length: int) -> None:
    """List an archive, and unpack of it what web asks for, until it does no more."""
    try:
        remote = Remote(length)
        archive = zipfile.ZipFile(remote)
        infos = listed(archive, remote, length)
    except Refused as why:
        _say({"error": str(why)})
        return
    except MemoryError:
        _say({"error": "too-many"})
        return
    except UNREADABLE:
        _say({"error": "unreadable"})
        return
    names = Counter(info.orig_filename for info in infos)
    for info in infos:
        _say({"name": info.orig_filename[:NAME_MAX], "size": info.file_size, "why": wrong(info, names)})
    _say({"files": len(infos)})
    while head := sys.stdin.buffer.readline(HEAD_BYTES):
        _send(archive, infos[json.loads(head)["file"]])


def _send(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    try:
        with archive.open(info) as file:
            while block := file.read(BLOCK_BYTES):
                _say({"bytes": len(block)}, block)
    except UNREADABLE:
        _say({"error": "damaged"})
    else:
        _say({"end": True})


def _asked(start: int, end: int) -> bytes:
    _say({"read": [start, end]})
    data = sys.stdin.buffer.read(end - start)
    if len(data) < end - start:
        os._exit(0)  # web has gone
    return data


def _say(line: dict[str, Any], data: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


def main() -> None:
    """Do the job; how long it may compute stands on the command line."""
    "".encode("cp437")  # while it can still be loaded: names that are not in UTF-8 are spelled so
    confine(int(sys.argv[1]), AFTER_SECONDS)
    try:
        sys.stdout.buffer.write(b"go\n")
        sys.stdout.buffer.flush()
        if head := sys.stdin.buffer.readline(HEAD_BYTES):
            serve(json.loads(head)["length"])
    except BrokenPipeError:
        os._exit(0)  # whoever asked has gone


if __name__ == "__main__":
    main()
