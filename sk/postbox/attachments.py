"""Attachments on their way in: counted, hashed, scanned and encrypted while they stream; never held whole."""

import secrets
from collections.abc import AsyncIterator
from hashlib import sha256

from sk.clock import local_day
from sk.crypto.context import Context
from sk.crypto.stream import KEY_BYTES, Encryptor, sealed_size
from sk.errors import Invalid
from sk.objects.port import new_object_name
from sk.postbox.attachment_types import PDF_HEAD_BYTES, looks_like
from sk.postbox.envelope import SealedAttachment
from sk.postbox.notice_in import AttachmentIn
from sk.services import Services

FIRST_GENERATION = 1
"""An attachment's key has one generation only: it is random and used once."""


def attachment_context(account_id: str, object_name: str) -> bytes:
    """Return what an attachment's stream is bound to."""
    return Context("attachment", account_id, object_name).bound(FIRST_GENERATION)


async def take_attachment(
    declared: AttachmentIn, chunks: AsyncIterator[bytes], account_id: str, field: str, services: Services
) -> SealedAttachment:
    """Store what streams in and return where. Anything but what was declared is refused and leaves nothing."""
    return await _take(_Declared(declared, field), chunks, sealed_size(declared.size), account_id, services)


async def take_file(
    name: str, media_type: str, chunks: AsyncIterator[bytes], account_id: str, services: Services
) -> SealedAttachment:
    """Store a file that a person sends, of which is known before what it is called and should be, and no more."""
    settings = services.settings
    coming = _Sent(name, media_type, settings.largest(settings.attachment_max_bytes))
    return await _take(coming, chunks, None, account_id, services)


class _Coming:
    """A file that comes: how much of it, with which digest, and how it begins."""

    def __init__(self, name: str, media_type: str, field: str) -> None:
        self.name = name
        self._type = media_type
        self._field = field
        self._digest = sha256()
        self._size = 0
        self._head = b""

    def take(self, chunk: bytes) -> None:
        """Look at the next bytes; stop at the first that cannot be."""
        if len(self._head) < PDF_HEAD_BYTES:
            self._head += chunk[:PDF_HEAD_BYTES]
        self._size += len(chunk)
        self._digest.update(chunk)

    def finish(self) -> None:
        """Look at the whole."""
        if not looks_like(self._head, self._type):
            raise self.wrong(f"{self.name} does not begin as {self._type} does", problem="attachment-type")

    def sealed(self, object_name: str, key: bytes) -> SealedAttachment:
        """Return it as an envelope lists it."""
        return SealedAttachment(
            name=self.name,
            type=self._type,
            size=self._size,
            sha256=self._digest.hexdigest(),
            object=object_name,
            key=key,
        )

    def wrong(self, said: str, *, problem: str) -> Invalid:
        """Return what is told of it."""
        return Invalid(said, field=self._field, problem=problem)


class _Declared(_Coming):
    """Compares what comes with what was declared."""

    def __init__(self, declared: AttachmentIn, field: str) -> None:
        super().__init__(declared.name, declared.type, field)
        self._declared = declared

    def take(self, chunk: bytes) -> None:
        super().take(chunk)
        if self._size > self._declared.size:
            said = f"{self.name} has more than the {self._declared.size} bytes declared"
            raise self.wrong(said, problem="attachment-size")

    def finish(self) -> None:
        if self._size < self._declared.size:
            said = f"{self.name} has {self._size} bytes, not {self._declared.size} as declared"
            raise self.wrong(said, problem="attachment-size")
        if (digest := self._digest.hexdigest()) != self._declared.sha256:
            said = f"{self.name} has the SHA-256 {digest}, not {self._declared.sha256} as declared"
            raise self.wrong(said, problem="attachment-digest")
        super().finish()


class _Sent(_Coming):
    """Holds what comes to what a file may have."""

    def __init__(self, name: str, media_type: str, most: int) -> None:
        super().__init__(name, media_type, "files")
        self._most = most

    def take(self, chunk: bytes) -> None:
        super().take(chunk)
        if self._size > self._most:
            raise self.wrong(f"{self.name} has more than {self._most} bytes", problem="attachment-size")

    def finish(self) -> None:
        if not self._size:
            raise self.wrong(f"{self.name} is empty", problem="attachment-size")
        super().finish()

    def wrong(self, said: str, *, problem: str) -> Invalid:
        return Invalid(said, field=self._field, problem=problem, more={"name": self.name})


async def _take(
    coming: _Coming, chunks: AsyncIterator[bytes], size: int | None, account_id: str, services: Services
) -> SealedAttachment:
    object_name = new_object_name(local_day(services.clock.now()))
    key = secrets.token_bytes(KEY_BYTES)
    encryptor = Encryptor(key, attachment_context(account_id, object_name))
    async with services.objects.upload(object_name, size) as upload:
        async with services.scanner.scan() as scan:
            async for chunk in chunks:
                coming.take(chunk)
                await scan.feed(chunk)
                await upload.write(encryptor.update(chunk))
            coming.finish()
            if finding := await scan.finding():
                said = f"the scanner has found {finding} in {coming.name}"
                raise coming.wrong(said, problem="attachment-malware")
        await upload.write(encryptor.finish())
    return coming.sealed(object_name, key)
