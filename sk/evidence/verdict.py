"""What verification comes to: what a bundle proves, which file is what in it, or why it proves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sk.crypto.sign import encode
from sk.errors import SkError
from sk.evidence.form import NoticeOpening, read_moment
from sk.evidence.note import Checkpoint, VKey
from sk.evidence.stamps import Stamped
from sk.postbox.explanation import Words, say, verbatim


class NotValid(SkError):
    """The bundle does not prove what it should."""

    problem = "not-valid"

    def __init__(self, de: str, en: str, **parts: str) -> None:
        """Say in both languages which part does not hold."""
        self.words = say(de, en, **{name: verbatim(part) for name, part in parts.items()})
        super().__init__(self.words.en)


@dataclass(frozen=True)
class Proven:
    """A statement that was proven: what it says, when it came into the log, and as which leaf."""

    says: Mapping[str, Any]
    index: int
    logged_at: datetime

    @property
    def step(self) -> str:
        """Return what happened."""
        return str(self.says["step"])

    @property
    def at(self) -> datetime:
        """Return the signer's moment."""
        return read_moment(self.says["at"])


class Verified(NamedTuple):
    """What a bundle proves. `trusted` tells whether the log's key is one of those known beforehand.

    `statements` are all there were at `as_of`, from the first. `stamps` are in the order of the log.
    """

    trusted: bool
    vkey: VKey
    checkpoint: Checkpoint
    statements: Sequence[Proven]
    as_of: datetime
    opening: NoticeOpening | None
    stamps: Sequence[Stamped]

    @property
    def said(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what was stated first about each step."""
        found: dict[str, Mapping[str, Any]] = {}
        for one in self.statements:
            found.setdefault(one.step, one.says)
        return found


def find_files(verified: Verified, digests: Mapping[str, bytes]) -> dict[str, Words]:
    """Return what each file is, by its name, or raise `NotValid` naming one that no statement contains.

    `digests` are the SHA-256 of files. They are matched by it alone.
    """
    opening = verified.opening
    known: dict[str, Words] = {}
    if opening:
        known[opening.text.sha256] = Words(de="der Text der Nachricht", en="the text of the notice")
        for number, attachment in enumerate(opening.attachments, 1):
            known[attachment.sha256] = Words(
                de=f"Anhang {number} der Nachricht", en=f"attachment {number} of the notice"
            )
    found = {}
    for name, digest in digests.items():
        what = known.get(encode(digest))
        if what is None:
            raise NotValid(
                "Die Datei {name} ist in keiner Aussage enthalten: Sie ist nicht das, was zugestellt wurde.",
                "No statement contains the file {name}: it is not what was delivered.",
                name=name,
            )
        found[name] = what
    return found
