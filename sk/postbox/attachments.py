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
    name = new_object_name(local_day(services.clock.now()))
    key = secrets.token_bytes(KEY_BYTES)
    encryptor = Encryptor(key, attachment_context(account_id, name))
    check = _Check(declared, field)
    async with services.objects.upload(name, sealed_size(declared.size)) as upload:
        async with services.scanner.scan() as scan:
            async for chunk in chunks:
                check.take(chunk)
                await scan.feed(chunk)
                await upload.write(encryptor.update(chunk))
            check.finish()
            if finding := await scan.finding():
                said = f"the scanner has found {finding} in {declared.name}"
                raise Invalid(said, field=field, problem="attachment-malware")
        await upload.write(encryptor.finish())
    return SealedAttachment(
        name=declared.name, type=declared.type, size=declared.size, sha256=declared.sha256, object=name, key=key
    )


class _Check:
    """Compares what comes with what was declared."""

    def __init__(self, declared: AttachmentIn, field: str) -> None:
        self._declared = declared
        self._field = field
        self._digest = sha256()
        self._size = 0
        self._head = b""

    def take(self, chunk: bytes) -> None:
        """Look at the next bytes; stop at the first that contradicts."""
        if len(self._head) < PDF_HEAD_BYTES:
            self._head += chunk[:PDF_HEAD_BYTES]
        self._size += len(chunk)
        self._digest.update(chunk)
        if self._size > self._declared.size:
            raise self._wrong(f"has more than the {self._declared.size} bytes declared", problem="attachment-size")

    def finish(self) -> None:
        """Compare the whole."""
        if self._size < self._declared.size:
            said = f"has {self._size} bytes, not {self._declared.size} as declared"
            raise self._wrong(said, problem="attachment-size")
        if (digest := self._digest.hexdigest()) != self._declared.sha256:
            said = f"has the SHA-256 {digest}, not {self._declared.sha256} as declared"
            raise self._wrong(said, problem="attachment-digest")
        if not looks_like(self._head, self._declared.type):
            raise self._wrong(f"does not begin as {self._declared.type} does", problem="attachment-type")

    def _wrong(self, what: str, *, problem: str) -> Invalid:
        return Invalid(f"{self._declared.name} {what}", field=self._field, problem=problem)
