"""Errands: what somebody has begun in a browser and comes back for, a form or the way to the ID card and back.

The browser holds a token in a cookie, the store its digest and, locked under `vault`, what was begun. An errand is
taken once: it is removed in the write of what it leads to, so that a second use finds it gone.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel

from sk.auth.journal import belongs_to
from sk.crypto.context import Context
from sk.crypto.sign import encode
from sk.errors import Invalid, NotFound
from sk.events import ErrandEnded
from sk.services import Services
from sk.store.port import Aggregate, Key

TOKEN_BYTES = 32
LASTS = timedelta(hours=1)
C = TypeVar("C", bound=BaseModel)


class StoredErrand(Aggregate):
    """An errand as the store keeps it. Its id is the digest of the token in the browser's cookie.

    `reference_index` is the blind index of a second name, for whoever must find the errand without being that browser,
    `belongs` that of the account that it is about, if there is one.
    """

    kind: ClassVar[str] = "errand"

    locked: bytes
    reference_index: str = ""
    belongs: str = ""

    def keys(self) -> Iterable[Key]:
        """Be found by the second name, and by the account it belongs to, which may be erased before it ends."""
        if self.belongs:
            yield Key("belongs", self.belongs)
        if self.reference_index:
            yield Key("reference", self.reference_index, unique=True)


class _Locked(BaseModel):
    about: str
    ends_at: AwareDatetime
    content: str


@dataclass
class Errand(Generic[C]):
    """An errand that is open before us: what was begun, and until when it may go on."""

    stored: StoredErrand
    about: str
    content: C
    ends_at: datetime
    token: str = ""

    def to_save(self, services: Services) -> StoredErrand:
        """Return what to save, with what was begun as far as it has come."""
        begun = _Locked(about=self.about, ends_at=self.ends_at, content=self.content.model_dump_json())
        vault = services.keys.lock_key("vault")
        self.stored.locked = vault.lock(_context(self.stored), begun.model_dump_json().encode())
        return self.stored


def begin_errand(
    about: str,
    content: C,
    services: Services,
    *,
    account_id: str = "",
    reference: str = "",
    lasts: timedelta = LASTS,
) -> Errand[C]:
    """Return a fresh errand, about an account perhaps, to be saved, with the token for the browser's cookie."""
    token, ends_at = secrets.token_urlsafe(TOKEN_BYTES), services.clock.now() + lasts
    belongs = belongs_to(account_id, services) if account_id else ""
    stored = StoredErrand(id=errand_id(token), locked=b"", reference_index=_index(reference, services), belongs=belongs)
    stored.emit(ErrandEnded(errand_id=stored.id), due=ends_at)
    return Errand(stored, about, content, ends_at, token)


async def open_errand(about: str, kind: type[C], token: str, services: Services) -> Errand[C]:
    """Return the errand of a browser, or raise `NotFound` if it has none of this sort that may go on."""
    return _opened(about, kind, await services.store.get(StoredErrand, errand_id(token)), services)


async def find_errand(about: str, kind: type[C], reference: str, services: Services) -> Errand[C]:
    """Return the errand with a second name, or raise `NotFound`."""
    found = await services.store.find(StoredErrand, "reference", _index(reference, services), limit=1)
    if not found:
        raise NotFound
    return _opened(about, kind, found[0], services)


def code_refused() -> Invalid:
    """Return the one refusal of a code that was mailed or handed out, whatever is wrong with it."""
    return Invalid("this code is not valid, or not any more", field="code", problem="code-refused")


def errand_id(token: str) -> str:
    """Return the id under which the errand of a token is kept."""
    return encode(sha256(token.encode(errors="replace")).digest())  # a cookie may be any bytes


def _opened(about: str, kind: type[C], stored: StoredErrand, services: Services) -> Errand[C]:
    locked = _Locked.model_validate_json(services.keys.lock_key("vault").unlock(_context(stored), stored.locked))
    if locked.about != about or locked.ends_at <= services.clock.now():
        raise NotFound
    return Errand(stored, about, kind.model_validate_json(locked.content), locked.ends_at)


def _index(reference: str, services: Services) -> str:
    return services.keys.index.blind("errand", reference) if reference else ""


def _context(stored: StoredErrand) -> Context:
    return Context("errand", "", stored.id)
