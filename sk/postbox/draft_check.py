"""What a draft says, held to the rules of a notice: all that is wrong with it, by the field it is about."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from sk.auth.authority import AuthorityCard
from sk.errors import Damaged, Invalid
from sk.evidence.spelling import moment_text
from sk.postbox.days import Days, days_of
from sk.postbox.draft import Entered, Opened
from sk.postbox.envelope import SealedAttachment
from sk.postbox.intake import facts_of, recipient_of
from sk.postbox.notice_in import LAW_FIELDS, NoticeIn, read_notice
from sk.services import Services

ALWAYS = ("to", "kind", "case", "subject")
"""What has to be filled in. The Aktenzeichen is what people here find a notice by, because they have no reference."""
YES_OR_NO = {"yes": True, "no": False}
FIELDS = {"recipient": "land", "attachments": "files"}
"""Where the form has what a notice calls otherwise."""
PROBLEMS = {"string_too_long": "field-too-long", "string_too_short": "field-missing"}
Wrong = dict[str, Invalid]


async def ready(opened: Opened, authority: AuthorityCard, services: Services) -> NoticeIn | Wrong:
    """Return the notice that a draft is, if it can be sent now, or what is wrong: with it, or with its recipient."""
    draft, content = opened
    said = notice_of(draft.reference, content.entered, content.attachments, authority)
    if wrong := wrong_with(said, content.entered, authority, services):
        return wrong
    posted = read_notice(said, authority, services.settings)
    try:
        account = await recipient_of(posted.to, posted.minimum_trust, authority, services)
    except Invalid as refused:
        return {"minimum_trust" if refused.problem == "unreachable" else "to": refused}
    if account.id != content.account_id:
        raise Damaged  # its attachments are sealed for somebody else
    return posted


def notice_of(
    reference: str, entered: Entered, attachments: Sequence[SealedAttachment], authority: AuthorityCard
) -> dict[str, Any]:
    """Return what was entered in the form of a notice, whether it is in order or not."""
    declared = {"name", "type", "size", "sha256"}
    return {
        "reference": reference,
        "to": entered.to,
        "kind": entered.kind,
        "law": entered.law or None,
        "rechtsbehelf": entered.rechtsbehelf or None,
        "belehrung": YES_OR_NO.get(entered.belehrung),
        "recipient": {"land": entered.land or authority.land, "abroad": entered.abroad == "yes"},
        "subject": entered.subject,
        "text": entered.text,
        "case": entered.case,
        "minimum_trust": entered.minimum_trust or "low",
        "reply": entered.reply == "yes",
        "attachments": [attachment.model_dump(include=declared) for attachment in attachments],
    }


def wrong_with(said: dict[str, Any], entered: Entered, authority: AuthorityCard, services: Services) -> Wrong:
    """Return all that is wrong with what was entered, the recipient's postbox aside."""
    wrong = {one.field or "": one for one in _missing(entered, said["attachments"])}
    try:
        NoticeIn.model_validate(said)
        read_notice(said, authority, services.settings)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            name = str(found["loc"][0]) if found["loc"] else "belehrung"  # nothing else is left when all are filled in
            _add(wrong, name, Invalid(found["msg"], problem=PROBLEMS.get(found["type"], Invalid.problem)))
    except Invalid as refused:
        _add(wrong, (refused.field or "").partition(".")[0], refused)
    return wrong


def days_if_delivered(posted: NoticeIn, authority: AuthorityCard, at: datetime) -> Days:
    """Return the days that would follow if a notice were delivered, and told of, at a moment."""
    moment = {"at": moment_text(at)}
    return days_of({"accepted": facts_of(posted, authority), "bereitgestellt": moment, "benachrichtigt": moment})


def _missing(entered: Entered, attachments: Sequence[object]) -> Iterator[Invalid]:
    is_act = entered.kind == "verwaltungsakt"
    for name in (*ALWAYS, *(LAW_FIELDS if is_act else ())):
        if not getattr(entered, name):
            yield Invalid("this has to be filled in", field=name, problem="field-missing")
    if entered.kind and not is_act:
        for name in LAW_FIELDS:
            if getattr(entered, name):
                yield Invalid("this is for a Verwaltungsakt only", field=name, problem="verwaltungsakt-only")
    if not attachments and not entered.text.strip():
        yield Invalid("a notice has a text or a file", field="text", problem="notice-empty")


def _add(wrong: Wrong, name: str, found: Invalid) -> None:
    """Add what is wrong with a field of a notice under the field of the form; what was found first stays."""
    wrong.setdefault(FIELDS.get(name, name), found)
