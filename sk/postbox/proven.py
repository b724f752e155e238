"""Evidence on its way out: nobody gets a bundle that was not verified first, with our own key, as a stranger would."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from cryptography.x509 import Certificate

from sk.auth.authority import Authority
from sk.crypto.sign import decode
from sk.errors import Damaged, Invalid, NotFound, Unavailable
from sk.evidence.bundle import Bundle
from sk.evidence.sentences import Report, is_trial, report_on
from sk.evidence.spelling import read_moment
from sk.evidence.stamped import tsa_of
from sk.evidence.step_words import moment_words
from sk.evidence.verdict import NotValid, Proven, Verified
from sk.evidence.verify import verify_bundle
from sk.installation import log_vkey
from sk.postbox.explanation import Words, say, verbatim
from sk.postbox.history import History, alarm
from sk.postbox.notice import Notice
from sk.postbox.proof import bundle_of
from sk.services import Services

VERIFY_PAGE = "/nachweis-pruefen"
TRIES = 5
Read = Callable[[], Awaitable[tuple[Notice, History]]]
"""How a notice is read, each time anew."""
log = logging.getLogger(__name__)
STEP_NAMES: Mapping[str, Words] = {
    "accepted": Words(de="Angenommen", en="Accepted"),
    "bereitgestellt": Words(de="Zum Abruf bereitgestellt", en="Made available"),
    "benachrichtigt": Words(de="Per E-Mail benachrichtigt", en="Notified by e-mail"),
    "benachrichtigung-failed": Words(de="E-Mail nicht angenommen", en="Mail not taken"),
    "bounce-reported": Words(de="E-Mail angeblich zurückgekommen", en="Mail said to have come back"),
    "abgerufen": Words(de="Abgerufen", en="Fetched"),
    "bekanntgegeben": Words(de="Tag der Bekanntgabe gekommen", en="Day of Bekanntgabe come"),
    "rejected": Words(de="Bereitstellung aufgegeben", en="Bereitstellung given up"),
    "lapsed": Words(de="Bereitstellung beendet", en="Bereitstellung ended"),
    "withdrawn": Words(de="Zurückgezogen", en="Withdrawn"),
    "replied": Words(de="Antwort {number}", en="Reply {number}"),
    "postbox-closed": Words(de="Postfach gelöscht", en="Postbox erased"),
}


class Happened(NamedTuple):
    """A row in the table of moments: what, when, since when it is in the log and as which entry, and the sentence."""

    step: Words
    at: Words
    logged_at: Words
    entry: int
    sentence: Words


class Proof(NamedTuple):
    """A bundle as it is handed out, and what it proves."""

    bundle: str
    verified: Verified
    report: Report
    authority: str

    @property
    def rows(self) -> list[Happened]:
        """Return the table of moments. Replies are numbered, as the files in them are."""
        pairs, replies = zip(self.verified.statements, self.report.proven, strict=True), count(1)
        return [_row(one, words, next(replies) if one.step == "replied" else 0) for one, words in pairs]

    @property
    def digests(self) -> Sequence[str]:
        """Return the SHA-256 of each attachment in hex, in their order."""
        opening = self.verified.opening
        return [decode(attachment.sha256).hex() for attachment in opening.attachments] if opening else []

    @property
    def as_of(self) -> Words:
        """Return up to when it reaches."""
        return moment_words(self.verified.as_of)

    @property
    def root(self) -> str:
        """Return the root of the log, spelled as in its checkpoint."""
        return self.verified.checkpoint.text().splitlines()[-1]

    @property
    def is_trial(self) -> bool:
        """Tell whether it proves nothing real."""
        return is_trial(self.verified)


class Printed(NamedTuple):
    """What a printed proof says beside the bundle: who runs this, where to verify, the authority's reference."""

    operator: str
    verify_page: str
    reference: str = ""


async def prove(read: Read, services: Services, *, for_citizen: bool = False) -> Proof:
    """Return the evidence about a notice; until all of it is in the log, `Unavailable`.

    To a citizen who has never fetched the notice, the bundle does not say by which digests its content is known: from
    those somebody might guess it.
    """
    notice, bundle = await _bundle(read, services)
    if for_citizen and notice.abgerufen_at is None:
        bundle = bundle.model_copy(update={"opening": None})
    text = bundle.text()
    authorities = authorities_of(services)
    try:
        verified = verify_bundle(text.encode(), [await log_vkey(services)], authorities)
    except NotValid as error:
        raise alarm(notice) from error
    return Proof(text, verified, report_on(verified), await _name(notice, services))


async def _bundle(read: Read, services: Services) -> tuple[Notice, Bundle]:
    """Return a notice and its bundle, between whose reading and signing nothing has happened to it."""
    for _ in range(TRIES):
        since = services.clock.now()
        notice, history = await read()
        bundle = await bundle_of(notice, history, services, since)
        if (await services.store.get(Notice, notice.id)).version == notice.version:
            return notice, bundle
    raise Unavailable("the notice is being changed all the time; try again", problem="not-logged-yet")


def authorities_of(services: Services) -> Sequence[Certificate]:
    """Return the certificates to which time stamps lead; where they lie is nothing that strangers are told."""
    try:
        return tsa_of(services.settings)
    except Invalid as error:
        log.error("tsa-certificates-unreadable", extra={"error": str(error)})  # noqa: TRY400 - a setting, no accident
        raise Unavailable(
            "the certificates of the time-stamp authority cannot be read; the operator was told"
        ) from None


def heading(says: Mapping[str, Any], number: int) -> tuple[Words, Words]:
    """Return what a step is called, and when it was taken. `number` is that of a reply."""
    at, name = read_moment(says.get("answered_at", says["at"])), STEP_NAMES[says["step"]]
    return say(name.de, name.en, number=verbatim(str(number))), moment_words(at)


def _row(one: Proven, sentence: Words, number: int) -> Happened:
    return Happened(*heading(one.says, number), moment_words(one.logged_at), one.index, sentence)


async def _name(notice: Notice, services: Services) -> str:
    try:
        authority = await services.store.get(Authority, notice.authority_id)
    except NotFound as error:
        raise Damaged from error
    return authority.details(services.keys.signers).name
