"""What verification comes to: what a bundle proves, which file is what in it, or why it proves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sk.crypto.sign import encode
from sk.errors import SkError
from sk.evidence.note import Checkpoint, VKey
from sk.evidence.opening import NoticeOpening, ReplyOpening, ShareOpening, VollmachtOpening
from sk.evidence.spelling import read_moment
from sk.evidence.stamps import Stamped
from sk.postbox.explanation import Words, say, verbatim

NOTHING = encode(sha256().digest())
"""The SHA-256 of an empty file."""


class NotValid(SkError):
    """The bundle does not prove what it should."""

    problem = "not-valid"

    def __init__(self, de: str, en: str, **parts: str | Words) -> None:
        """Say in both languages which part does not hold."""
        self.words = say(
            de, en, **{name: verbatim(part) if isinstance(part, str) else part for name, part in parts.items()}
        )
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


class ProvenVollmacht(NamedTuple):
    """A Vollmacht by which somebody has acted: what was stated about it in order, and its words if they are known."""

    statements: Sequence[Proven]
    opening: VollmachtOpening | None

    @property
    def granted(self) -> Proven:
        """Return what the account has granted."""
        return self.statements[0]

    @property
    def id(self) -> str:
        """Return what acts name it by."""
        return str(self.granted.says["vollmacht"])


class Verified(NamedTuple):
    """What a bundle proves. `trusted` tells whether the log's key is one of those known beforehand.

    `statements` are all there were at `as_of`, from the first. `replies` are the openings of those about replies, None
    where one is lost; without `opening` there is none of them. `stamps` are in the order of the log.
    """

    trusted: bool
    vkey: VKey
    checkpoint: Checkpoint
    statements: Sequence[Proven]
    as_of: datetime
    opening: NoticeOpening | None
    replies: Sequence[ReplyOpening | None]
    vollmachten: Sequence[ProvenVollmacht]
    stamps: Sequence[Stamped]

    @property
    def said(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what was stated first about each step."""
        found: dict[str, Mapping[str, Any]] = {}
        for one in self.statements:
            found.setdefault(one.step, one.says)
        return found


class VerifiedShare(NamedTuple):
    """What a bundle proves about a share, in the same manner."""

    trusted: bool
    vkey: VKey
    checkpoint: Checkpoint
    statements: Sequence[Proven]
    as_of: datetime
    opening: ShareOpening | None
    stamps: Sequence[Stamped]


def find_files(verified: Verified | VerifiedShare, digests: Mapping[str, bytes]) -> dict[str, Words]:
    """Return what each file is, by its name, or raise `NotValid` naming all that no statement contains.

    `digests` are the SHA-256 of files. They are matched by it alone.
    """
    if verified.opening is None and digests:
        raise NotValid(
            "Ob {names} dazugehört, lässt sich nicht sagen: Die Prüfsummen wurden gelöscht oder weggelassen.",
            "Whether {names} belongs to it cannot be told: the digests were deleted or left out.",
            names=", ".join(digests),
        )
    known = _known_files(verified)
    found = {name: known[encode(digest)] for name, digest in digests.items() if encode(digest) in known}
    foreign = [name for name in digests if name not in found]
    if len(foreign) == 1:
        raise NotValid(
            "Die Datei {name} ist in keiner Aussage enthalten: Sie ist nicht das, was bereitgestellt oder "
            "freigegeben wurde.",
            "No statement contains the file {name}: it is not what was made available or shared.",
            name=foreign[0],
        )
    if foreign:
        raise NotValid(
            "Die Dateien {names} sind in keiner Aussage enthalten: Sie sind nicht das, was bereitgestellt oder "
            "freigegeben wurde.",
            "No statement contains the files {names}: they are not what was made available or shared.",
            names=", ".join(foreign),
        )
    return found


def _known_files(verified: Verified | VerifiedShare) -> dict[str, Words]:
    """Return what files can be, by their SHA-256. An empty text is committed to as well, but no empty file is one."""
    known = _shared_files(verified) if isinstance(verified, VerifiedShare) else _files_of_notice(verified)
    known.pop(NOTHING, None)
    return known


def _shared_files(verified: VerifiedShare) -> dict[str, Words]:
    documents = verified.opening.documents if verified.opening else []
    return {
        one.sha256: Words(de=f"Dokument {number} der Freigabe", en=f"document {number} of the share")
        for number, one in enumerate(documents, 1)
    }


def _files_of_notice(verified: Verified) -> dict[str, Words]:
    opening = verified.opening
    if opening is None:
        return {}
    known = {opening.text.sha256: Words(de="der Text der Nachricht", en="the text of the notice")}
    for number, attachment in enumerate(opening.attachments, 1):
        known[attachment.sha256] = Words(de=f"Anhang {number} der Nachricht", en=f"attachment {number} of the notice")
    for at, reply in enumerate(verified.replies, 1):
        for number, one in enumerate([reply.text, *reply.attachments] if reply else []):
            what = (f"Anhang {number}", f"attachment {number}") if number else ("der Text", "the text")
            known.setdefault(one.sha256, Words(de=f"{what[0]} von Antwort {at}", en=f"{what[1]} of reply {at}"))
    return known
