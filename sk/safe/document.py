"""A document: its versions, and how the bytes of each are found and opened.

What a document is called, and where it lies, stands in the safe (`sk/safe/safe.py`) and nowhere else.
"""

from collections.abc import Iterable
from typing import ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from sk.auth.journal import belongs_to
from sk.crypto.context import Context
from sk.crypto.lock import LockKey
from sk.errors import Damaged, NotFound
from sk.safe.streams import Stream
from sk.services import Services
from sk.store.port import Aggregate, Key

VERSIONS_MAX = 100


class Origin(BaseModel):
    """From which attachment of which notice a version was taken over, counted from 1, and the evidence about it.

    The evidence is a bundle for `sk verify`; it is empty until all that was stated about the notice is in the log.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    notice: str
    number: int
    bundle: str = ""


class Version(BaseModel):
    """One version of a document: its bytes, and under which name they came."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    added_at: AwareDatetime
    name: str
    type: str
    size: int
    sha256: str
    key: bytes
    streams: tuple[Stream, ...]
    origin: Origin | None = None


class Content(BaseModel):
    """What is locked in a document: its versions, the oldest first."""

    model_config = ConfigDict(extra="forbid")

    versions: tuple[Version, ...] = ()

    def version(self, number: str) -> Version:
        """Return a version by its number in an address, from 1 on, or raise `NotFound`."""
        numbered = {str(at): version for at, version in enumerate(self.versions, 1)}
        if number not in numbered:
            raise NotFound("there is no such version of this document")
        return numbered[number]


class Document(Aggregate):
    """A document as the store keeps it. Its objects stand in the clear: whoever looks for nobody's has no key."""

    kind: ClassVar[str] = "document"

    belongs: str
    objects: list[str] = []
    locked: bytes = b""
    picture: bytes = b""
    """The first page of its newest version, small, locked; or nothing."""

    @classmethod
    def new(cls, document_id: str, account_id: str, services: Services) -> Self:
        """Return a document of an account that has no version yet."""
        return cls(id=document_id, belongs=belongs_to(account_id, services))

    def keys(self) -> Iterable[Key]:
        """Be found by the account, which may be erased."""
        yield Key("belongs", self.belongs)

    def keep(self, account_id: str, content: Content, own: LockKey) -> None:
        """Lock what it holds from now on."""
        self.objects = [stream.object for version in content.versions for stream in version.streams]
        self.locked = own.lock(_context(account_id, self.id), content.model_dump_json().encode())

    def open(self, account_id: str, own: LockKey) -> Content:
        """Return what it holds, or raise `Damaged`, also if its objects are not those that it names."""
        content = Content.model_validate_json(own.unlock(_context(account_id, self.id), self.locked))
        if self.objects != [stream.object for version in content.versions for stream in version.streams]:
            raise Damaged
        return content

    def keep_picture(self, account_id: str, png: bytes, own: LockKey) -> None:
        """Lock the picture of its newest version."""
        self.picture = own.lock(Context("document-picture", account_id, self.id), png)

    def open_picture(self, account_id: str, own: LockKey) -> bytes:
        """Return its picture, or raise `Damaged`."""
        return own.unlock(Context("document-picture", account_id, self.id), self.picture)


def _context(account_id: str, document_id: str) -> Context:
    return Context("document", account_id, document_id)
