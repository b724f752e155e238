"""The ledger of erasures: which accounts must never come back, kept in the object store, which no restore replaces.

An entry is written before anything is deleted, and its name says which it is, so that writing it again changes nothing
(docs/formats/erasure.md). It names an account by its id, which means nothing once the account is gone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sk.auth.journal import belongs_to
from sk.clock import local_day
from sk.crypto.sign import Signers
from sk.errors import Damaged, NotFound
from sk.evidence.spelling import moment_text, read_moment
from sk.objects.port import ObjectStore
from sk.services import Services

BEGIN = "erased-"
NAME = re.compile(r"\d{4}/\d\d/\d\d/erased-([a-z2-7]{26})", re.ASCII)
TYP = "sk-ledger+jws"
ENTRY_MAX_BYTES = 4096


class Erased(NamedTuple):
    """An entry: which account, under which blind index all lay that was its own, and since when it is to be gone."""

    name: str
    account_id: str
    belongs: str
    at: datetime


@dataclass
class Ledger:
    """All entries, by account, and the names of those that nobody of us has signed."""

    entries: dict[str, Erased] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)

    @property
    def belongings(self) -> Mapping[str, Erased]:
        """Return the entries by the blind index of what was the account's own."""
        return {one.belongs: one for one in self.entries.values()}


def is_entry(name: str) -> bool:
    """Tell whether an object is an entry of the ledger, and so belongs to no notice."""
    return NAME.fullmatch(name) is not None


def entry_name(account_id: str, at: datetime) -> str:
    """Return the name of the entry about an account that is erased at a moment."""
    return f"{local_day(at):%Y/%m/%d}/{BEGIN}{account_id}"


async def write_entry(account_id: str, at: datetime, services: Services) -> Erased:
    """Have the ledger say that an account is erased from a moment on; from now on no restore brings it back."""
    entry = Erased(entry_name(account_id, at), account_id, belongs_to(account_id, services), at)
    says = {"v": "sk/1", "account": account_id, "belongs": entry.belongs, "at": moment_text(at)}
    await services.objects.put(entry.name, services.keys.signer("sign-web").sign(TYP, says).encode())
    return entry


async def read_entry(objects: ObjectStore, name: str, signers: Signers) -> Erased:
    """Return an entry, or raise `Damaged` if it is none that web has signed, for this account and this day."""
    found = NAME.fullmatch(name)
    if not found:
        raise Damaged
    jws = b"".join([block async for block in objects.read(name, 0, ENTRY_MAX_BYTES)])
    try:
        says = signers.verify(jws.decode(), typ=TYP, use="sign-web")
        entry = Erased(name, str(says["account"]), str(says["belongs"]), read_moment(says["at"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged from error
    if entry.account_id != found[1] or entry_name(entry.account_id, entry.at) != name:
        raise Damaged
    return entry


async def read_ledger(objects: ObjectStore, signers: Signers) -> Ledger:
    """Return all of it."""
    ledger = Ledger()
    for day in await objects.days():
        async for name in objects.names(day, BEGIN):
            try:
                entry = await read_entry(objects, name, signers)
            except (Damaged, NotFound):
                ledger.odd.append(name)
            else:
                ledger.entries[entry.account_id] = entry
    return ledger
