"""A notice as an authority sends it, and what is checked before a byte of an attachment is read."""

import unicodedata
from hashlib import sha256
from typing import Annotated, Any, Self

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sk.auth.authority import AuthorityCard
from sk.auth.trust import TrustLevel
from sk.config import Settings
from sk.errors import Invalid
from sk.postbox.attachment_types import MAGIC
from sk.postbox.bekanntgabe import Law, regime_of
from sk.postbox.holidays import Land, land_of
from sk.postbox.notice import NoticeKind
from sk.postbox.rechtsbehelf import RechtsbehelfName

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NAME_MAX = 255


def _line(text: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or char in BIDI for char in text):
        raise ValueError("control and bidi characters are not allowed")
    return text


def _file_name(name: str) -> str:
    if "/" in name or "\\" in name or name in (".", ".."):
        raise ValueError("a file name is text, never a path")
    return name


def _text(text: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in text):
        raise ValueError("control characters are not allowed")
    return text


Line = Annotated[str, AfterValidator(_line)]
FileName = Annotated[Line, Field(min_length=1, max_length=NAME_MAX), AfterValidator(_file_name)]


class Model(BaseModel):
    """Unknown fields are refused, so that a typo never goes unnoticed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class AttachmentIn(Model):
    """An attachment that will follow."""

    name: FileName
    type: str = Field(max_length=NAME_MAX)
    size: int = Field(ge=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class RecipientIn(Model):
    """Where the recipient is, as the authority states it."""

    land: Land
    abroad: bool = False


class NoticeIn(Model):
    """A notice as an authority sends it."""

    reference: Annotated[Line, Field(min_length=1, max_length=128)]
    to: str = Field(min_length=1, max_length=128)
    kind: NoticeKind
    law: Law | None = None
    rechtsbehelf: RechtsbehelfName | None = None
    belehrung: bool | None = None
    recipient: RecipientIn | None = None
    subject: Annotated[Line, Field(min_length=1, max_length=500)]
    text: Annotated[str, Field(max_length=100_000), AfterValidator(_text)] = ""
    case: Annotated[Line, Field(max_length=128)] = ""
    minimum_trust: TrustLevel = "low"
    reply: bool = False
    publish_at: str | None = None
    attachments: list[AttachmentIn] = []

    @model_validator(mode="after")
    def _law_goes_with_verwaltungsakt(self) -> Self:
        for name in ("law", "rechtsbehelf", "belehrung"):
            given = getattr(self, name) is not None
            if given != (self.kind == "verwaltungsakt"):
                rule = "is needed for a verwaltungsakt" if not given else "is for a verwaltungsakt only"
                raise ValueError(f"{name}: {name} {rule}")
        return self

    def with_defaults(self, authority: AuthorityCard) -> "NoticeIn":
        """Return the notice with the defaults that depend on the authority filled in."""
        recipient = self.recipient or RecipientIn(land=land_of(authority.land), abroad=False)
        return self.model_copy(update={"recipient": recipient})

    def content_digest(self) -> str:
        """Return the SHA-256 of the canonical form (RFC 8785), in which attachments count by their digests."""
        return sha256(rfc8785.dumps(self.model_dump(mode="json", exclude_none=True))).hexdigest()


def read_notice(value: Any, authority: AuthorityCard, settings: Settings) -> NoticeIn:  # noqa: ANN401 - JSON
    """Return a notice that this authority may post here, or raise `Invalid` naming the first field that is wrong."""
    try:
        notice = NoticeIn.model_validate(value).with_defaults(authority)
    except ValidationError as error:
        raise _first_of(error) from None
    _refuse_unbuilt(value)
    if notice.law:
        regime_of(notice.law)
        if notice.law not in authority.laws:
            raise Invalid(f"this authority may not post under {notice.law}", field="law", problem="law-not-allowed")
    if len(notice.attachments) > settings.attachments_max:
        raise Invalid(f"at most {settings.attachments_max} attachments", field="attachments")
    for number, attachment in enumerate(notice.attachments):
        field = f"attachments.{number}"
        if attachment.size > settings.attachment_max_bytes:
            raise Invalid(f"at most {settings.attachment_max_bytes} bytes", field=f"{field}.size")
        if attachment.type not in MAGIC:
            raise Invalid(f"{attachment.type} is not taken", field=f"{field}.type", problem="attachment-type")
    return notice


def _refuse_unbuilt(value: dict[str, Any]) -> None:
    for name in ("publish_at", "reply"):
        if value.get(name):
            raise Invalid(f"{name} is not built yet", field=name, problem="not-built-yet")


def _first_of(error: ValidationError) -> Invalid:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if not field:  # the check of several fields together says itself which one it means
        field, _, message = message.partition(": ")
    return Invalid(f"{field}: {message}", field=field)
