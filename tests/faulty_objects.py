"""Object stores that break a promise each, and S3 servers that do: what `sk doctor --objects` has to find out."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from sk.errors import Unavailable
from sk.objects.port import ObjectStore, Upload

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Faulty:
    """`ObjectStore` that does all as another does it, but for what a subclass does worse."""

    def __init__(self, objects: ObjectStore) -> None:
        """Stand before a store that is in order."""
        self.objects = objects

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the object store has
        """Do all else as the object store does it."""
        return getattr(self.objects, name)


class TruncatesRanges(Faulty):
    """It leaves out the last byte of what does not begin at the beginning."""

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `ObjectStore.read`."""
        async for block in self.objects.read(name, start, end):
            yield block[:-1] if start else block


class ChangesBytes(Faulty):
    """It gives back zeros."""

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `ObjectStore.read`."""
        async for block in self.objects.read(name, start, end):
            yield bytes(len(block))


class LosesParts(Faulty):
    """It says that it has objects of more than a part, and has them not."""

    part = 0

    @asynccontextmanager
    async def upload(self, name: str, size: int | None) -> AsyncIterator[Upload]:
        """See `ObjectStore.upload`."""
        async with self.objects.upload(name, size) as upload:
            yield upload
        if await self.objects.size(name) > self.part:
            await self.objects.delete(name)


class ShowsWhatBrokeOff(Faulty):
    """It keeps an upload that its writer has given up, as an object."""

    @asynccontextmanager
    async def upload(self, name: str, size: int | None) -> AsyncIterator[Upload]:
        """See `ObjectStore.upload`."""
        try:
            async with self.objects.upload(name, size) as upload:
                yield upload
        except Exception:
            await self.objects.put(name, b"half of it")
            raise


class ForgetsNames(Faulty):
    """It ends its lists after one answer."""

    async def listed(self, begin: str) -> AsyncIterator[str]:
        """See `ObjectStore.listed`."""
        names = [name async for name in self.objects.listed(begin)]
        for name in names[:1000]:
            yield name


class RepeatsNames(Faulty):
    """It begins its second answer where the first one ended."""

    async def listed(self, begin: str) -> AsyncIterator[str]:
        """See `ObjectStore.listed`."""
        names = [name async for name in self.objects.listed(begin)]
        for name in (*names[:1000], *names[999:]):
            yield name


class KeepsWhatIsDeleted(Faulty):
    """It deletes nothing."""

    async def delete(self, *names: str) -> None:
        """See `ObjectStore.delete`."""


class SaysNothing(Faulty):
    """It answers what no library can read."""

    async def size(self, _: str) -> int:
        """See `ObjectStore.size`."""
        raise ValueError("not well-formed")


class FailsFor(Faulty):
    """It is away for some of the writes, and then there again."""

    def __init__(self, objects: ObjectStore, *, after: int, times: int) -> None:
        """Stand before a store that is in order."""
        super().__init__(objects)
        self.writes = itertools.count()
        self.away = range(after, after + times)

    async def put(self, name: str, data: bytes) -> None:
        """See `ObjectStore.put`."""
        if next(self.writes) in self.away:
            raise Unavailable("the object store does not answer: SlowDown")
        await asyncio.sleep(0.1)  # so that what was written beside a failure comes after it
        await self.objects.put(name, data)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve S3 as a handler does it, and yield the URL of a bucket."""
    app = web.Application(client_max_size=10_000_000)
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        yield f"s3://key:secret-key@127.0.0.1:{server.port}/bucket?tls=0"


def xml(body: str, status: int = 200) -> web.Response:
    """Return an answer as S3 labels it."""
    return web.Response(body=body.encode(), status=status, content_type="application/xml")


async def answer_carelessly(request: web.Request) -> web.Response:
    """Do whatever anybody asks, check nothing, keep what is begun, and throw away what is old."""
    asked = request.query
    if "lifecycle" in asked:
        return xml(lifecycle("<ID>old</ID><Expiration><Days>365</Days></Expiration>"))
    if "versioning" in asked:
        return xml("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
    if "uploads" in asked and request.method == "POST":
        return xml("<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>")
    if "uploads" in asked:
        begun = f"<Upload><Key>{asked['prefix']}</Key><UploadId>one</UploadId></Upload>"
        return xml(f"<ListMultipartUploadsResult>{begun}</ListMultipartUploadsResult>")
    if "list-type" in asked:
        return xml("<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated></ListBucketResult>")
    await request.read()
    return web.Response(body=b"x", headers={"ETag": '"x"'}, status=204 if request.method == "DELETE" else 200)


async def answer_busily(request: web.Request) -> web.Response:
    """Say that there is a bucket, and that everything else has to wait."""
    await request.read()
    return web.Response() if request.method == "HEAD" else xml("<Error><Code>SlowDown</Code></Error>", 503)


def ends_uploads(days: int) -> str:
    """Return the part of a rule that ends uploads which nobody goes on with."""
    after = f"<DaysAfterInitiation>{days}</DaysAfterInitiation>"
    return f"<AbortIncompleteMultipartUpload>{after}</AbortIncompleteMultipartUpload>"


def lifecycle(rule: str) -> str:
    """Return what a bucket with one rule says of its rules."""
    in_force = f"<Rule><Status>Enabled</Status>{rule}</Rule>"
    return (
        f'<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{in_force}</LifecycleConfiguration>'
    )
