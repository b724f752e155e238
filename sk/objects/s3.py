"""The object store behind an S3 interface: MinIO and its successors, Ceph, and others.

The `minio` SDK blocks, so it runs in threads. It reads an upload from a stream of ours, part by part: 5 MiB that it
holds in memory and sends again if a try fails, so that a retry sends the same bytes. Up to 5 MiB are one request;
beyond, the parts become an object when the last one has arrived. The last block is held back until the writer is done,
so that an object of which a byte too many comes, or whose writer changes its mind, is never complete.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import date
from functools import partial
from io import BytesIO
from typing import TypeVar

from minio.error import MinioException
from minio.helpers import MIN_PART_SIZE
from urllib3 import BaseHTTPResponse

from sk.errors import NotFound, SkError, Unavailable
from sk.ids import new_id
from sk.objects.port import BLOCK_BYTES, Remark, expect_size
from sk.objects.s3_client import TROUBLE, UPLOAD_THREADS, Bucket, bucket_of, client_of, code_of, unavailable
from sk.objects.s3_examine import QUESTIONS
from sk.objects.s3_upload import S3Upload

REQUEST_THREADS = 16
LIST_BATCH = 1000
DIGITS = re.compile(r"(\d\d(\d\d)?/)+")
MAY_BE_THERE = {"AccessDenied", "BucketAlreadyOwnedByYou", "BucketAlreadyExists"}  # and if not, `check` will say so
T = TypeVar("T")


class S3Objects:
    """`ObjectStore` on a bucket. Made by `open_s3`."""

    def __init__(self, bucket: Bucket) -> None:
        """Use a bucket."""
        self._where = bucket
        self._client = client_of(bucket)
        self._bucket = bucket.name
        self._requests = ThreadPoolExecutor(REQUEST_THREADS, "s3")
        self._uploads = ThreadPoolExecutor(UPLOAD_THREADS, "s3-upload")

    def close(self) -> None:
        """Wait for what is under way."""
        self._uploads.shutdown()
        self._requests.shutdown()

    async def prepare(self) -> None:
        """Make the bucket if it is missing. A key that may not do that may still read and write in it."""
        await self._run(self._make_bucket)

    @asynccontextmanager
    async def upload(self, name: str, size: int | None) -> AsyncIterator[S3Upload]:
        """See `ObjectStore.upload`."""
        upload = S3Upload(self._uploads, lambda stream: self._put(name, stream, size), size)
        try:
            yield upload
            expect_size(upload.written, size)
            await upload.finish()
        except BaseException:
            await asyncio.shield(self._discard(upload, name))
            raise

    async def put(self, name: str, data: bytes) -> None:
        """See `ObjectStore.put`."""
        await self._run(lambda: self._client.put_object(self._bucket, name, BytesIO(data), len(data)))

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `ObjectStore.read`."""
        if end is not None and end <= start:
            await self.size(name)  # S3 has no empty ranges
            return
        response = await self._run(lambda: self._get(name, start, end))
        try:
            while response and (block := await self._run(lambda: response.read(BLOCK_BYTES))):
                yield block
        finally:
            if response:
                self._requests.submit(response.close)  # it waits for a thread that is still reading

    async def size(self, name: str) -> int:
        """See `ObjectStore.size`."""
        found = await self._run(lambda: self._client.stat_object(self._bucket, name))
        return found.size or 0

    async def delete(self, *names: str) -> None:
        """See `ObjectStore.delete`."""
        await asyncio.gather(*(self._run(partial(self._client.remove_object, self._bucket, name)) for name in names))

    async def days(self) -> list[date]:
        """See `ObjectStore.days`."""
        return await self._run(lambda: sorted(self._days("", 3)))

    def names(self, day: date, begin: str = "") -> AsyncIterator[str]:
        """See `ObjectStore.names`."""
        return self.listed(f"{day:%Y/%m/%d}/{begin}")

    async def listed(self, begin: str) -> AsyncIterator[str]:
        """See `ObjectStore.listed`."""
        listed = iter(self._client.list_objects(self._bucket, begin, recursive=True))
        while batch := await self._run(lambda: list(itertools.islice(listed, LIST_BATCH))):
            for found in batch:
                yield str(found.object_name)

    async def unfinished(self, before: date | None = None) -> list[str]:  # noqa: ARG002 - the port's
        """See `ObjectStore.unfinished`: parts that never became an object are cleared away by a rule of the store."""
        return []

    async def check(self) -> None:
        """See `ObjectStore.check`."""
        name = f"check/{new_id()}"
        async with self.upload(name, 1) as upload:
            await upload.write(b"x")
        await self.delete(name)

    async def examine(self, begin: str) -> AsyncIterator[Remark]:
        """See `ObjectStore.examine`."""
        for about, question in QUESTIONS.items():
            try:
                remark = await self._run(partial(question, self._client, self._where, f"{begin}{new_id()}"))
            except SkError as error:
                remark = Remark(str(error), is_harmful=True)
            except Exception as error:  # noqa: BLE001 - a store may answer what the SDK cannot read
                remark = Remark(f"its answer cannot be read ({error!r})", is_harmful=True)
            yield remark._replace(sentence=f"{about}: {remark.sentence}")

    async def _discard(self, upload: S3Upload, name: str) -> None:
        """Take back an upload; one that the store had whole may be visible already."""
        await upload.discard()
        if upload.complete:
            with suppress(Unavailable):
                await self.delete(name)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._requests, work)
        except TROUBLE as error:
            if code_of(error) == "NoSuchKey":
                raise NotFound("there is no such object") from error
            raise unavailable(error) from error

    def _make_bucket(self) -> None:
        try:
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket)
        except MinioException as error:
            if code_of(error) not in MAY_BE_THERE:
                raise

    def _put(self, name: str, stream: S3Upload, size: int | None) -> None:
        # One part after the other: more at once would hold as many in memory.
        known: dict[str, int] = {"length": -1, "part_size": MIN_PART_SIZE} if size is None else {"length": size}
        try:
            self._client.put_object(self._bucket, name, stream, num_parallel_uploads=1, **known)  # type: ignore[arg-type]
        except TROUBLE as error:
            raise unavailable(error) from error

    def _get(self, name: str, start: int, end: int | None) -> BaseHTTPResponse | None:
        try:
            return self._client.get_object(self._bucket, name, start, end - start if end else 0)
        except MinioException as error:
            if code_of(error) == "InvalidRange":  # nothing lies behind the end
                return None
            raise

    def _days(self, prefix: str, levels: int) -> Iterator[date]:
        for found in self._client.list_objects(self._bucket, prefix):
            name = str(found.object_name)
            if not DIGITS.fullmatch(name):
                continue
            if levels > 1:
                yield from self._days(name, levels - 1)
            else:
                yield date(*map(int, name.rstrip("/").split("/")))


@asynccontextmanager
async def open_s3(url: str) -> AsyncIterator[S3Objects]:
    """Open `s3://KEY:SECRET@HOST:PORT/BUCKET?tls=0&region=REGION` and close it at the end."""
    objects = S3Objects(bucket_of(url))
    try:
        await objects.prepare()
        yield objects
    finally:
        await asyncio.to_thread(objects.close)
