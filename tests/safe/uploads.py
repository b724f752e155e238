"""Uploading as a tus client does, step by step, and looking at what has become of it."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from io import BytesIO
from urllib.parse import urlsplit

from sk.objects.port import OBJECT_NAME
from sk.safe.document import Document, Version
from sk.safe.entries import Entry
from sk.safe.safe import open_safe
from sk.safe.steps import throw_away
from sk.safe.streams import Source
from sk.safe.upload import Upload
from sk.web.problems import MEDIA_TYPE, PROBLEMS, TYPE_PREFIX
from tests.security.tab import Answer, Tab, open_tab
from tests.web.wire import Wire
from tests.world import Citizen, World

TUS = {"Tus-Resumable": "1.0.0"}
DATA = bytes(range(256)) * 100
BYTES = "application/offset+octet-stream"


@dataclass(frozen=True)
class Uploader:
    """Somebody who uploads into their safe."""

    tab: Tab

    @property
    def headers(self) -> dict[str, str]:
        """Return what every request of a client carries."""
        return {**TUS, "X-CSRF-Token": self.tab.csrf}

    async def create(self, length: int, name: str, **metadata: str) -> Answer:
        """Begin an upload."""
        said = {"filename": name, **metadata}
        spelled = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items())
        headers = {**self.headers, "Upload-Length": str(length), "Upload-Metadata": spelled}
        return await self.tab.ask("POST", "/safe/tus", headers=headers)

    async def begun(self, length: int, name: str, **metadata: str) -> str:
        """Begin an upload that is taken, and return its path."""
        answer = await self.create(length, name, **metadata)
        assert answer.status == 201, answer.text
        return answer.headers["Location"].removeprefix(self.tab.base_url)

    async def patch(self, path: str, offset: int, data: bytes, **headers: str) -> Answer:
        """Send bytes of an upload."""
        sent = {**self.headers, "Content-Type": BYTES, "Upload-Offset": str(offset), **headers}
        return await self.tab.ask("PATCH", path, headers=sent, data=BytesIO(data))

    async def head(self, path: str) -> Answer:
        """Ask how much is there."""
        return await self.tab.ask("HEAD", path, headers=self.headers)

    async def delete(self, path: str) -> Answer:
        """Give an upload up."""
        return await self.tab.ask("DELETE", path, headers=self.headers)

    async def offset(self, path: str) -> int:
        """Return how much is there."""
        answer = await self.head(path)
        assert answer.status == 200, answer.status
        return int(answer.headers["Upload-Offset"])

    @asynccontextmanager
    async def sending(self, path: str, offset: int, announced: int, data: bytes, **headers: str) -> AsyncIterator[Wire]:
        """Announce bytes and send some of them; the connection stays open for as long as the block lasts."""
        url = urlsplit(self.tab.base_url)
        sent = {
            **self.headers,
            "Host": url.netloc,
            "Cookie": f"session={self.tab.token}",
            "Content-Type": BYTES,
            "Content-Length": str(announced),
            "Upload-Offset": str(offset),
            **headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        wire = Wire(*await asyncio.open_connection(url.hostname, url.port))
        try:
            await wire.send(f"PATCH {path} HTTP/1.1\r\n{lines}\r\n".encode() + data)
            yield wire
        finally:
            wire.writer.close()
            with suppress(ConnectionError):
                await wire.writer.wait_closed()


def at(tus: Uploader, base_url: str) -> Uploader:
    """Return the same client before another process."""
    return replace(tus, tab=replace(tus.tab, base_url=base_url))


async def uploader(world: World, citizen: Citizen) -> Uploader:
    """Log somebody in who uploads."""
    return Uploader(await open_tab(world, citizen))


def is_problem(answer: Answer, name: str) -> bool:
    """Check that an answer is the one problem, in the words and headers of uploads; it is true then."""
    told = json.loads(answer.body)
    assert told["type"] == TYPE_PREFIX + name, told
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (PROBLEMS[name].status, MEDIA_TYPE)
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert " " in told["detail"], "a sentence says what is wrong"
    return True


async def kept_in(world: World, citizen: Citizen) -> dict[str, Entry]:
    """Return what lies in somebody's safe, by name."""
    opened = await open_safe(citizen.account.id, world.web)
    return {entry.name: entry for entry in opened.contents.entries.values()}


async def version_of(world: World, citizen: Citizen, name: str, version: str = "1") -> Version:
    """Return a version of a document in somebody's safe."""
    opened = await open_safe(citizen.account.id, world.web)
    entry = (await kept_in(world, citizen))[name]
    document = await world.web.store.get(Document, entry.id)
    return document.open(citizen.account.id, opened.own).version(version)


async def bytes_of(world: World, citizen: Citizen, name: str, version: str = "1") -> bytes:
    """Return the bytes of a document in somebody's safe."""
    found = await version_of(world, citizen, name, version)
    return b"".join([block async for block in Source(found.streams, found.key, world.web).read()])


async def objects_in(world: World) -> list[str]:
    """Return the names of all objects that documents and attachments may own."""
    objects = world.web.objects
    found = [name for day in await objects.days() async for name in objects.names(day)]
    return [name for name in found if OBJECT_NAME.fullmatch(name)]


async def is_empty(world: World, citizen: Citizen) -> bool:
    """Check that nothing is left in somebody's safe, nor beside it, once the workers are done; it is true then."""
    await world.settle()
    contents = (await open_safe(citizen.account.id, world.web)).contents
    assert ({**contents.entries}, contents.coming, contents.used) == ({}, {}, 0)
    assert [await world.web.store.scan(kind) for kind in (Document, Upload)] == [[], []]
    assert await objects_in(world) == []
    return True


async def filled(world: World, citizen: Citizen) -> None:
    """Fill a safe: a document, one in the trash, and an upload that is under way."""
    tus = await uploader(world, citizen)
    for name in ("Zeugnis.bin", "Alt.bin"):
        await tus.patch(await tus.begun(len(DATA), name), 0, DATA)
    await throw_away(citizen.account.id, (await kept_in(world, citizen))["Alt.bin"].id, world.web)
    await tus.patch(await tus.begun(len(DATA), "Halb.bin"), 0, DATA[:1000])
