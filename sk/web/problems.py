"""Errors as answers: problem details (RFC 9457) with a stable type, and the one table of all types."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from sk.errors import SkError

TYPE_PREFIX = "/problems/"
MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5


class Problem(NamedTuple):
    """What a type of problem means, whatever the occasion, and which facts beside the sentence it tells."""

    status: int
    title: str
    more: tuple[str, ...] = ()


PROBLEMS: Mapping[str, Problem] = {
    "malformed": Problem(400, "The request cannot be read."),
    "portal-unknown": Problem(400, "There is no such portal, or it is disabled."),
    "portal-address": Problem(400, "The portal has not registered this address."),
    "portal-request": Problem(400, "This is no request of a portal, or it came before."),
    "bundid-answer": Problem(400, "This is no answer of BundID, or it came before."),
    "portal-over": Problem(404, "This request of a portal is over."),
    "unauthorized": Problem(401, "A valid access token is needed."),
    "forbidden": Problem(403, "This may not be done."),
    "not-logged-in": Problem(403, "Whoever does this is logged in."),
    "foreign-page": Problem(403, "This form was sent from another site."),
    "stale-form": Problem(403, "This form is too old."),
    "no-reply-by-vollmacht": Problem(403, "The Vollmacht covers no replies."),
    "no-reply": Problem(403, "This notice takes no reply."),
    "unread": Problem(403, "The notice is unread; it is opened by the button in the postbox."),
    "level-too-low": Problem(403, "This notice demands a higher trust level."),
    "erasure-level-too-low": Problem(403, "This account is erased only by a log-in at its own trust level."),
    "lapsed": Problem(403, "The last day is over on which this notice could be fetched."),
    "too-late-to-record": Problem(403, "An Abruf in the last seconds of the last day can no longer be stated on it."),
    "withdrawn": Problem(403, "The authority has withdrawn this notice."),
    "document-damaged": Problem(403, "This document is damaged and is not opened."),
    "document-level-too-low": Problem(403, "This document demands a higher trust level."),
    "notice-damaged": Problem(403, "This notice is damaged and is not shown."),
    "second-factor-needed": Problem(403, "Who acts for an authority logs in with more than a password."),
    "role-missing": Problem(403, "This member may not do this for the authority."),
    "own-draft": Problem(403, "Nobody releases what they have written themselves."),
    "wrong-scope": Problem(403, "The access token does not cover this."),
    "not-found": Problem(404, "There is no such thing, or it is not yours."),
    "method-not-allowed": Problem(405, "This cannot be done here."),
    "too-slow": Problem(408, "The request did not arrive in time."),
    "conflict": Problem(409, "Somebody else was quicker, or it exists already."),
    "upload-offset": Problem(409, "The upload goes on at another place."),
    "draft-changed": Problem(409, "The draft is not what was seen any more."),
    "reference-taken": Problem(409, "Another notice has this reference.", ("id", "content_digest", "your_digest")),
    "already-fetched": Problem(409, "The citizen has fetched the notice, so it cannot be withdrawn any more."),
    "already-bekanntgegeben": Problem(409, "The notice counts as announced, so it cannot be withdrawn any more."),
    "already-ended": Problem(409, "The notice was rejected or has lapsed, so there is nothing to withdraw."),
    "share-over": Problem(410, "The time is over in which this share could be fetched."),
    "share-revoked": Problem(410, "The citizen has revoked this share."),
    "share-used-up": Problem(410, "The document was fetched as often as it can be."),
    "document-gone": Problem(410, "The citizen has thrown the document away."),
    "cursor-gone": Problem(410, "The feed does not reach this cursor any more.", ("cursor",)),
    "tus-version": Problem(412, "The header Tus-Resumable must name the version that is spoken here."),
    "too-large": Problem(413, "The request is too large."),
    "unsupported-type": Problem(415, "The request is of another type than expected."),
    "too-many-parts": Problem(422, "The upload came in too many parts."),
    "safe-full": Problem(422, "The safe holds no more."),
    "versions-many": Problem(422, "The document has as many versions as it may."),
    "folders-many": Problem(422, "The safe has as many folders as it may, or they lie too deep."),
    "labels-many": Problem(422, "A document has so many labels at most, each of so many characters."),
    "documents-missing": Problem(422, "No document was chosen."),
    "documents-many": Problem(422, "A share has so many documents at most, each of them once."),
    "share-long": Problem(422, "A share does not last so long."),
    "fetches-many": Problem(422, "A document of a share is not fetched so often, or less than once."),
    "choice-missing": Problem(422, "There is no such thing to choose."),
    "name-taken": Problem(422, "There is a folder of this name already."),
    "name-unusable": Problem(422, "This is too long for a name, or has characters that none can have."),
    "files-missing": Problem(422, "No file was chosen."),
    "invalid": Problem(422, "A field has a value that it cannot have."),
    "checksum-mismatch": Problem(460, "The bytes do not have the checksum that came with them."),
    "log-in-refused": Problem(422, "User name or password is wrong."),
    "code-refused": Problem(422, "This code is not valid, or not any more."),
    "code-wrong": Problem(422, "This code is wrong, or was used already."),
    "passkey-refused": Problem(422, "This passkey cannot be used here."),
    "passkeys-many": Problem(422, "The account has as many passkeys as it may."),
    "last-way-in": Problem(422, "Nobody could get into this account any more."),
    "no-username": Problem(422, "This account has no user name, so that it has no password."),
    "no-password": Problem(422, "This account has no password, so that a second factor has no use."),
    "passphrase-wrong": Problem(422, "This passphrase does not fit the file."),
    "age-armored": Problem(422, "The file is armored; only the binary form of age is taken."),
    "age-other": Problem(422, "This is no file that age has encrypted to a passphrase."),
    "age-work-factor": Problem(422, "Trying a passphrase on this file would cost too much."),
    "age-damaged": Problem(422, "The file is not whole, or was changed after age had encrypted it."),
    "passphrase-short": Problem(422, "A passphrase has 12 to 1000 characters."),
    "passphrase-differs": Problem(422, "The passphrase was entered in two ways."),
    "passphrase-missing": Problem(422, "The file is encrypted to a passphrase, which did not come along."),
    "archive-other": Problem(422, "This is no ZIP file."),
    "archive-size": Problem(422, "The archive is too large."),
    "import-going-on": Problem(409, "An import is going on in this safe."),
    "import-off": Problem(503, "This installation has no renderer, which alone unpacks archives."),
    "password-short": Problem(422, "This password is too short."),
    "character-not-permitted": Problem(422, "Names are not written with this character.", ("character",)),
    "character-not-here": Problem(422, "This is not written with this character.", ("character",)),
    "password-guessable": Problem(422, "This password is easily guessed.", ("why",)),
    "no-address": Problem(422, "This is no e-mail address."),
    "address-twice": Problem(422, "The account is written to at this address already."),
    "phrase-character": Problem(422, "A phrase is not written with this character.", ("character",)),
    "phrase-leads-somewhere": Problem(422, "A phrase is not to be taken for a link."),
    "field-missing": Problem(422, "This has to be filled in."),
    "field-too-long": Problem(422, "This is too long."),
    "day-unreadable": Problem(422, "This is no day."),
    "day-past": Problem(422, "This day is over."),
    "day-end": Problem(422, "This ends before it begins, or too long afterwards."),
    "name-missing": Problem(422, "The account has no name."),
    "vollmacht-own": Problem(422, "Nobody needs a Vollmacht of their own."),
    "vollmachten-many": Problem(422, "The account has as many Vollmachten as it may."),
    "no-day": Problem(422, "This is no day, or none on which anybody was born who lives."),
    "too-young": Problem(422, "An account can be had from sixteen years on."),
    "unknown-country": Problem(422, "There is no such country."),
    "card-foreign-session": Problem(403, "This browser, or this session, has not begun this."),
    "card-expired": Problem(403, "The ID card has expired."),
    "card-level-too-low": Problem(403, "This card is taken off at its own trust level."),
    "card-of-another-person": Problem(403, "The ID card belongs to another person than this account."),
    "card-of-another-account": Problem(403, "The ID card belongs to another account."),
    "bundid-level-too-low": Problem(403, "This log-in at BundID has too low a level."),
    "bundid-too-little": Problem(403, "BundID has said too little of this person."),
    "username-taken": Problem(422, "Somebody else has this user name."),
    "username-form": Problem(422, "A user name has 3 to 64 letters, digits, '.', '_' or '-'."),
    "card-refused": Problem(422, "The ID card was not read, or it is not taken."),
    "card-use-over": Problem(422, "This use of the ID card is over."),
    "not-built-yet": Problem(422, "This feature is not built yet."),
    "law-not-posted": Problem(422, "Acts under this law are sent by post or mail, not through a postbox."),
    "unknown-law": Problem(422, "There is no such law."),
    "zustellung-needed": Problem(422, "A document that needs formal Zustellung is not taken."),
    "law-not-allowed": Problem(422, "This authority may not post under this law."),
    "unknown-rechtsbehelf": Problem(422, "There is no such Rechtsbehelf."),
    "unknown-land": Problem(422, "There is no such Land."),
    "before-first-version": Problem(422, "The law did not exist at that moment."),
    "outside-calendar": Problem(422, "The holidays of that year are not known."),
    "unknown-handle": Problem(422, "No postbox has this handle."),
    "postbox-closed": Problem(422, "The postbox takes no notices."),
    "no-einwilligung": Problem(422, "The citizen has not agreed to electronic Bekanntgabe."),
    "unreachable": Problem(422, "The account cannot reach the trust level that is demanded."),
    "attachment-missing": Problem(422, "An attachment that was declared did not come."),
    "attachment-surplus": Problem(422, "More attachments came than were declared."),
    "attachment-out-of-order": Problem(422, "A part came that was not expected here."),
    "attachment-size": Problem(422, "An attachment has another size than declared."),
    "attachment-digest": Problem(422, "An attachment has another SHA-256 than declared."),
    "attachment-type": Problem(422, "An attachment is not of the type declared, or the type is not taken."),
    "attachment-malware": Problem(422, "The scanner has found malware."),
    "attachment-name": Problem(422, "A file has a name that it cannot have."),
    "files-for-another": Problem(422, "The files of this draft are sealed for another recipient."),
    "notice-empty": Problem(422, "There is neither a text nor a file in this."),
    "verwaltungsakt-only": Problem(422, "This goes with a Verwaltungsakt only."),
    "reply-empty": Problem(422, "There is nothing in this reply."),
    "replies-many": Problem(422, "The notice has as many replies as it may."),
    "unreadable": Problem(422, "This is no bundle of evidence."),
    "not-valid": Problem(422, "This bundle of evidence does not prove what it should."),
    "too-many-tries": Problem(429, "There were too many failed tries; wait for a moment.", ("seconds",)),
    "internal": Problem(500, "Something went wrong on our side."),
    "damaged": Problem(503, "Something that is stored is damaged; the operator was told."),
    "unavailable": Problem(503, "Something this needs cannot be reached right now."),
    "no-result-yet": Problem(503, "The ID card was not read yet."),
    "not-logged-yet": Problem(503, "Not all of it is in the log yet."),
    "no-key": Problem(503, "This installation has no key to sign evidence with."),
    "key-missing": Problem(503, "This process does not hold the keys for this."),
    "scanner-silent": Problem(503, "The malware scanner does not answer."),
}
OF_AIOHTTP: Mapping[int, str] = {403: "forbidden", 404: "not-found", 405: "method-not-allowed", 413: "too-large"}
"""The problems that are found before a handler runs, by the status with which aiohttp raises them."""
CHALLENGES: Mapping[str, str] = {
    "unauthorized": 'Bearer error="invalid_token"',
    "wrong-scope": 'Bearer error="insufficient_scope"',
}
"""What the header WWW-Authenticate says to a problem with a token (RFC 6750 section 3)."""


def status_of(errors: Mapping[str, SkError]) -> int:
    """Return the status of a page with a form on it, by what is wrong with that."""
    return PROBLEMS[next(iter(errors.values())).problem].status if errors else HTTPStatus.OK


class ProblemTypeOut(BaseModel):
    """What a type of problem means."""

    type: str
    title: str
    status: int


class ProblemOut(BaseModel):
    """A problem (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="the kind of problem: stable, so that programs can go by it; a GET explains it")
    title: str = Field(description="what the type means")
    status: int
    detail: str = Field(description="what is wrong this time, for the developer")
    field: str = Field("", description="the field that it is about: attachments.0.size is that of the first attachment")


def problem_response(
    name: str, detail: str, *, field: str | None = None, more: Mapping[str, Any] | None = None
) -> web.Response:
    """Return the answer for a problem."""
    problem = PROBLEMS[name]
    told = {"type": TYPE_PREFIX + name, "title": problem.title, "status": problem.status, "detail": detail}
    body = ProblemOut.model_validate({**told, "field": field or "", **(more or {})})
    return web.json_response(
        text=body.model_dump_json(exclude_defaults=True),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers={"WWW-Authenticate": CHALLENGES[name]} if name in CHALLENGES else {},
    )
