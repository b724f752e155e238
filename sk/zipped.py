"""A ZIP file that is sent while it is made: nothing of it is held but the block that goes out next."""

import json
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from sk.clock import BERLIN


class _Outgoing:
    """What `zipfile` writes into. It cannot be sought in, and forgets what was taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Have nothing to do."""

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class Zipped:
    """A ZIP file in the making. Until `end` has written its directory, no program takes it for a whole one."""

    def __init__(self, at: datetime) -> None:
        """Begin one whose files are of a moment."""
        self._outgoing = _Outgoing()
        self._zip = zipfile.ZipFile(self._outgoing, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
        self._moment = at.astimezone(BERLIN).timetuple()[:6]

    def add(self, name: str, content: bytes | str) -> Iterator[bytes]:
        """Yield the bytes of a small file."""
        self._zip.writestr(self._info(name), content)
        yield self._outgoing.take()

    def add_json(self, name: str, content: Any) -> Iterator[bytes]:  # noqa: ANN401 - whatever JSON holds
        """Yield the bytes of a file of JSON that people can read."""
        return self.add(name, json.dumps(content, ensure_ascii=False, indent=2) + "\n")

    async def add_stream(self, name: str, blocks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a file of any length, as its blocks come."""
        with self._zip.open(self._info(name), "w", force_zip64=True) as file:
            async for block in blocks:
                file.write(block)
                yield self._outgoing.take()
        yield self._outgoing.take()

    def end(self) -> bytes:
        """Return the directory, with which the file is whole."""
        self._zip.close()
        return self._outgoing.take()

    def give_up(self) -> None:
        """Leave it without its end."""
        self._zip.fp = None  # else it would be written when the object goes

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._moment)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        return info


async def whole(at: datetime, fill: Callable[[Zipped], AsyncGenerator[bytes, None]]) -> AsyncGenerator[bytes, None]:
    """Yield a ZIP file that somebody fills. If this raises, what was sent so far has no end and is no ZIP file."""
    zipped = Zipped(at)
    try:
        async with aclosing(fill(zipped)) as blocks:
            async for block in blocks:
                yield block
        yield zipped.end()
    except BaseException:
        zipped.give_up()
        raise
