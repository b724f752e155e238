"""A notice as an authority sends it, and what is checked before a byte of an attachment is read."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Self

import rfc8785
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core.core_schema import CoreSchema, no_info_after_validator_function

from sk.auth.authority import AuthorityCard
from sk.auth.trust import TrustLevel
from sk.config import Settings
from sk.errors import Invalid
from sk.postbox.attachment_types import MAGIC
from sk.postbox.holidays import Land, land_of
from sk.postbox.notice import NoticeKind
from sk.postbox.rechtsbehelf import RechtsbehelfName
from sk.postbox.regimes import Law, refuse_unposted

NAME_MAX = 255
NOT_IN_A_LINE = r"\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
WORDS = {
    "extra_forbidden": "there is no such field",
    "missing": "the field is missing",
    "model_type": "an object is needed",
    "list_type": "an array is needed",
}
"""What we say better than pydantic."""


@dataclass(frozen=True)
class Without:
    """Text in which a pattern is found nowhere, checked in our words and described in those of JSON Schema.

    Both read the pattern alike. Halves of surrogate pairs need no place in it: they are refused with the JSON.
    """

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: type[str], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Look at what has the right length."""
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe what is checked."""
        return {**handler(schema), "not": {"pattern": self.pattern}}

    def _check(self, text: str) -> str:
        if re.search(self.pattern, text):
            raise ValueError(self.words)
        return text


LINE = Without(f"[{NOT_IN_A_LINE}]", "control and bidi characters are not allowed")
TEXT = Without(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]",
    "control characters are not allowed, but for tabs and line breaks",
)
FILE_NAME = Without(
    rf"[{NOT_IN_A_LINE}/\\]|^\.+$",
    "a file name is text and never a path; control and bidi characters are not allowed",
)


class Model(BaseModel):
    """Unknown fields are refused, so that a typo never goes unnoticed."""

    model_config = ConfigDict(extra="forbid", strict=True)


class AttachmentIn(Model):
    """An attachment that will follow."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX), FILE_NAME]
    type: str = Field(max_length=NAME_MAX, json_schema_extra={"enum": [*sorted(MAGIC)]})
    size: int = Field(ge=1, description="bytes")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


LAW_FIELDS = ("law", "rechtsbehelf", "belehrung")
LAW_SCHEMA: dict[str, Any] = {
    "if": {"properties": {"kind": {"const": "verwaltungsakt"}}, "required": ["kind"]},
    "then": {"required": [*LAW_FIELDS], "properties": {name: {"not": {"type": "null"}} for name in LAW_FIELDS}},
    "else": {"properties": {name: {"type": "null"} for name in LAW_FIELDS}},
}
"""What `_law_goes_with_verwaltungsakt` checks, for the description."""
ZUSTELLUNG_NEEDED = (
    "the document needs formal Zustellung, as § 73 Abs. 3 VwGO wants it for a Widerspruchsbescheid; such a document is "
    "refused, because § 41 Abs. 5 VwVfG leaves it to the acts on Zustellung and a postbox is none of their ways"
)
NOT_BUILT_YET = "not built yet: refused by name"


class RecipientIn(Model):
    """Where the recipient is, as the authority states it."""

    land: Land
    abroad: bool = False


class NoticeIn(Model):
    """A notice as an authority sends it."""

    model_config = ConfigDict(json_schema_extra=LAW_SCHEMA)

    reference: Annotated[str, Field(min_length=1, max_length=128), LINE]
    to: str = Field(min_length=1, max_length=128, description="postbox handle")
    kind: NoticeKind
    law: Law | None = None
    rechtsbehelf: RechtsbehelfName | None = None
    belehrung: bool | None = None
    recipient: RecipientIn | None = Field(None, description="by default in the authority's own Land, and not abroad")
    subject: Annotated[str, Field(min_length=1, max_length=500), LINE]
    text: Annotated[str, Field(max_length=100_000), TEXT] = ""
    case: Annotated[str, Field(max_length=128), LINE] = ""
    minimum_trust: TrustLevel = "low"
    zustellung: bool = Field(default=False, description=f"true: {ZUSTELLUNG_NEEDED}")
    reply: bool = Field(default=False, description="true: once they have fetched the notice, the citizen may reply")
    publish_at: str | None = Field(None, description=NOT_BUILT_YET)
    attachments: list[AttachmentIn] = []

    @model_validator(mode="after")
    def _law_goes_with_verwaltungsakt(self) -> Self:
        for name in LAW_FIELDS:
            given = getattr(self, name) is not None
            if given != (self.kind == "verwaltungsakt"):
                rule = "is for a verwaltungsakt only" if given else "is needed for a verwaltungsakt"
                raise ValueError(f"{name}: {rule}")
        return self

    def with_defaults(self, authority: AuthorityCard) -> "NoticeIn":
        """Return the notice with the defaults that depend on the authority filled in."""
        recipient = self.recipient or RecipientIn(land=land_of(authority.land), abroad=False)
        return self.model_copy(update={"recipient": recipient})

    def content_digest(self) -> str:
        """Return the SHA-256 of the canonical form (RFC 8785), in which attachments count by their digests."""
        # `zustellung` does not count: only false is taken, and that says nothing.
        counted = self.model_dump(mode="json", exclude_none=True, exclude={"zustellung"})
        return sha256(rfc8785.dumps(counted)).hexdigest()


def read_notice(value: Any, authority: AuthorityCard, settings: Settings) -> NoticeIn:  # noqa: ANN401 - JSON
    """Return a notice that this authority may post here, or raise `Invalid` naming the first field that is wrong."""
    try:
        notice = NoticeIn.model_validate(value).with_defaults(authority)
    except ValidationError as error:
        raise _first_of(error) from None
    if notice.publish_at is not None:
        raise Invalid("publish_at is not built yet; leave it out", field="publish_at", problem="not-built-yet")
    if notice.zustellung:
        raise Invalid(f"zustellung: {ZUSTELLUNG_NEEDED}", field="zustellung", problem="zustellung-needed")
    if notice.law:
        refuse_unposted(notice.law)
        if notice.law not in authority.laws:
            raise Invalid(f"this authority may not post under {notice.law}", field="law", problem="law-not-allowed")
    if len(notice.attachments) > settings.attachments_max:
        raise Invalid(f"at most {settings.attachments_max} attachments are taken", field="attachments")
    most = settings.largest(settings.attachment_max_bytes)
    for number, attachment in enumerate(notice.attachments):
        field = f"attachments.{number}"
        if attachment.size > most:
            raise Invalid(f"at most {most} bytes are taken", field=f"{field}.size")
        if attachment.type not in MAGIC:
            taken = ", ".join(MAGIC)
            said = f"{attachment.type} is not taken; taken are {taken}"
            raise Invalid(said, field=f"{field}.type", problem="attachment-type")
    return notice


def _first_of(error: ValidationError) -> Invalid:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    message = WORDS.get(first["type"], first["msg"].removeprefix("Value error, "))
    if not field:  # the check of several fields together says itself which one it means
        field, _, message = message.partition(": ")
    return Invalid(f"{field}: {message}", field=field)
