"""The page on which anybody verifies evidence in a browser. Nothing of what is sent here is kept.

It says what `sk verify` says, as this installation does: whoever does not want to rely on it has that command.
"""

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Literal, NamedTuple

from aiohttp import web
from cryptography.x509 import Certificate

from sk.config import Settings
from sk.errors import Invalid
from sk.evidence.bundle import Bundle
from sk.evidence.note import VKey
from sk.evidence.sentences import Report, about, report_on, with_log_moments
from sk.evidence.verdict import NotValid, Verified, VerifiedShare, find_files
from sk.evidence.verify import verify_any
from sk.installation import log_vkeys
from sk.postbox.explanation import Words, say, verbatim
from sk.postbox.proven import VERIFY_PAGE, authorities_of
from sk.web.body import Part, read_parts
from sk.web.forms import refuse_stale_parts
from sk.web.keys import SERVICES, VERIFIER
from sk.web.render import form_page
from sk.web.routes import ANYBODY, Multipart, RouteTable

routes = RouteTable()
BUNDLE_MAX_BYTES = 1024 * 1024
Verdict = Literal["valid", "unvouched", "not-valid", "unreadable"]
VALID = Words(
    de="Die Aussagen sind unterschrieben und stehen unverändert im Log dieses Postfachs.",
    en="The statements are signed and stand unchanged in the log of this postbox.",
)
FOREIGN_FILE = Words(
    de="Der Nachweis selbst ist in Ordnung, aber mindestens eine Datei gehört nicht zu ihm.",
    en="The evidence itself is in order, but at least one file does not belong to it.",
)
NOT_CONTAINED = Words(
    de="In diesem Nachweis nicht enthalten: Das ist nicht, was bereitgestellt oder freigegeben wurde.",
    en="Not contained in this evidence: this is not what was made available or shared.",
)
MUTE = Words(
    de="Der Nachweis selbst ist in Ordnung, aber er sagt nicht, welche Dateien zu ihm gehören: Die Prüfsummen dazu "
    "wurden gelöscht oder weggelassen.",
    en="The evidence itself is in order, but it does not say which files belong to it: the digests were deleted or "
    "left out.",
)
CANNOT_TELL = Words(
    de="Ob diese Datei dazugehört, lässt sich nicht sagen.", en="Whether this file belongs to it cannot be told."
)
NO_BUNDLE = Words(
    de="Das ist keine Nachweis-Datei. Sie heißt meist evidence.json oder nachweis-….json.",
    en="This is not an evidence file. It is usually called evidence.json or nachweis-….json.",
)
A_PDF = Words(
    de="Das ist ein PDF. Zum Prüfen brauchen wir die Datei evidence.json, die an ihm hängt: Ihr PDF-Programm zeigt sie "
    "unter „Anlagen“ oder „Anhänge“.",
    en="This is a PDF. What can be verified is the file evidence.json attached to it: PDF programs show it among the "
    "attachments.",
)
NOTHING_CHOSEN = Words(de="Bitte wählen Sie eine Nachweis-Datei aus.", en="Please choose an evidence file.")
TOO_LARGE = Words(
    de="Was Sie geschickt haben, ist zu groß. Eine Nachweis-Datei hat höchstens 1 MiB, und Dokumente lassen sich "
    "einzeln prüfen.",
    en="What you have sent is too large. An evidence file has 1 MiB at most, and documents can be verified one by one.",
)
STALE = Words(
    de="Diese Seite war zu lange offen. Bitte wählen Sie die Dateien noch einmal aus. Ihr Browser muss dafür Cookies "
    "annehmen.",
    en="This page was open for too long. Please choose the files again. Your browser has to take cookies.",
)


class Sent(NamedTuple):
    """What somebody has sent: a bundle, and of each file its name and SHA-256."""

    bundle: bytes
    files: list[tuple[str, bytes]]


class Checked(NamedTuple):
    """A file, and whether the evidence contains it; None if it does not say what it contains."""

    name: str
    is_contained: bool | None
    words: Words


class Result(NamedTuple):
    """What came out. What the bundle proves is there if it could be verified."""

    verdict: Verdict
    why: Words
    about: Words | None = None
    report: Report | None = None
    files: list[Checked] = []


@routes.get(VERIFY_PAGE, allow=ANYBODY)
async def show_form(request: web.Request) -> web.Response:
    """Show the form."""
    return _page(request)


@routes.post(VERIFY_PAGE, allow=ANYBODY, body=Multipart("bundle", Bundle, "files", ()))
async def verify(request: web.Request) -> web.Response:
    """Say what a bundle proves, and which files belong to it."""
    services = request.app[SERVICES]
    parts = read_parts(request, services.settings)
    try:
        await refuse_stale_parts(request, parts)
        sent = await _read(parts, services.settings)
    except Invalid as error:
        if error.problem == "stale-form":
            return _page(request, STALE, HTTPStatus.FORBIDDEN)
        if error.problem != "too-large":
            raise
        return _page(request, TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not sent.bundle:
        return _page(request, NOTHING_CHOSEN, HTTPStatus.UNPROCESSABLE_ENTITY)
    vkeys, authorities = await log_vkeys(services), authorities_of(services)
    try:
        verified = await request.app[VERIFIER].run(_verify, sent.bundle, vkeys, authorities)
    except NotValid as error:
        return _page(request, result=Result("not-valid", error.words))
    except Invalid:
        why = A_PDF if sent.bundle.startswith(b"%PDF-") else NO_BUNDLE
        return _page(request, result=Result("unreadable", why), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(request, result=_result(verified, sent.files))


def _verify(bundle: bytes, vkeys: Sequence[VKey], authorities: Sequence[Certificate]) -> Verified | VerifiedShare:
    """Look at certificates in time stamps in our own bundles alone, which nobody else can have made.

    A bundle can be filled with signatures up to its last byte, so that this is for a thread of its own.
    """
    verified = verify_any(bundle, vkeys)
    return verify_any(bundle, vkeys, authorities) if verified.trusted and authorities else verified


def _result(verified: Verified | VerifiedShare, files: list[tuple[str, bytes]]) -> Result:
    checked = [_check(verified, name, digest) for name, digest in files]
    report = with_log_moments(report_on(verified), verified)
    parts = about(verified), report, checked
    if not all(file.is_contained for file in checked):
        return Result("not-valid", FOREIGN_FILE if verified.opening else MUTE, *parts)
    return Result("valid", VALID, *parts) if verified.trusted else Result("unvouched", _unvouched(verified), *parts)


def _unvouched(verified: Verified | VerifiedShare) -> Words:
    return say(
        "Alles stimmt, wenn der Prüfschlüssel {vkey} wirklich der von {origin} ist. Er ist nicht der dieses Postfachs. "
        "Vergleichen Sie ihn mit dem, den Sie auf anderem Weg von dort haben.",
        "Everything holds if the key {vkey} really is that of {origin}. It is not that of this postbox. Compare it "
        "with the one that you have from there by another way.",
        vkey=verbatim(str(verified.vkey)),
        origin=verbatim(verified.vkey.name),
    )


def _check(verified: Verified | VerifiedShare, name: str, digest: bytes) -> Checked:
    if verified.opening is None:
        return Checked(name, None, CANNOT_TELL)
    try:
        return Checked(name, True, find_files(verified, {name: digest})[name])  # noqa: FBT003 - a fact of the tuple
    except NotValid:
        return Checked(name, False, NOT_CONTAINED)  # noqa: FBT003 - the same


async def _read(parts: AsyncIterator[Part], settings: Settings) -> Sent:
    """Take in the bundle, and of the files nothing but their digests."""
    bundle, files, left = b"", list[tuple[str, bytes]](), settings.attachment_max_bytes
    async for part in parts:
        if part.name == "bundle" and not bundle:
            bundle = await part.whole(BUNDLE_MAX_BYTES)
        elif part.name == "files" and len(files) < settings.attachments_max:
            size, digest = await _hash(part, left)
            left -= size
            files += [(part.filename, digest)] if part.filename else []
        else:
            raise Invalid(f"the part {part.name} is one too many", field=part.name, problem="too-large")
    return Sent(bundle, files)


async def _hash(part: Part, left: int) -> tuple[int, bytes]:
    """Return the size and the SHA-256 of a file that may have so many bytes."""
    size, digest = 0, sha256()
    async for chunk in part.chunks:
        size += len(chunk)
        if size > left:
            raise Invalid("the files are too large", field=part.name, problem="too-large")
        digest.update(chunk)
    return size, digest.digest()


def _page(
    request: web.Request, trouble: Words | None = None, status: int = HTTPStatus.OK, result: Result | None = None
) -> web.Response:
    facts = {"settings": request.app[SERVICES].settings, "bundle_max_bytes": BUNDLE_MAX_BYTES, "too_large": TOO_LARGE}
    return form_page(request, "verify.html", status=status, trouble=trouble, result=result, **facts)
