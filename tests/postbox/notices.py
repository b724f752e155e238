"""Notices as they are by their own rules, without a platform around them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sk.client import new_key
from sk.crypto.sign import Signer, decode, strict_json
from sk.evidence.statement import Statement
from sk.postbox.notice import Notice

ACCEPTED_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = ACCEPTED_AT + timedelta(hours=1)
SIGN = Signer("test", new_key()[0])
HASH = "A" * 43
COMMITMENTS = {"to": HASH, "reference": HASH, "subject": HASH, "text": HASH, "attachments": []}


def a_notice(**facts: Any) -> Notice:
    of = {"account_id": "a", "account_salt": HASH, "authority_id": "b", "notice_kind": "verwaltungsakt"}
    kept = {"id": "n", "reference_index": "r", "key_generation": 1, "envelope": b"", "accepted_at": ACCEPTED_AT}
    return Notice.model_validate({**of, **kept, **facts})


def accepted(law: str | None) -> dict[str, Any]:
    recipient = {"land": "NW", "abroad": False}
    remedy = {"rechtsbehelf": "klage-vwgo", "belehrung": True}
    said = {"law": law, "recipient": recipient, "seat": "NW", "commitments": COMMITMENTS, **remedy}
    return {"accepted": said}


def statements(notice: Notice) -> list[dict[str, Any]]:
    born = [one for one in notice._beside.born if isinstance(one, Statement)]  # noqa: SLF001 - the same
    return [strict_json(decode(one.jws.split(".")[1])) for one in born]


def bereitgestellt(law: str | None) -> tuple[Notice, dict[str, Any]]:
    """Return a notice in its postbox, and what was stated about it."""
    notice, said = a_notice(law=law), accepted(law)
    notice.bereitstellen(ACCEPTED_AT, SIGN, said)
    return notice, {**said, "bereitgestellt": statements(notice)[-1]}


def told(law: str, *, lenient: bool = False, at: datetime = LATER) -> Notice:
    """Return a notice of which the citizen was told."""
    notice, said = bereitgestellt(law)
    facts = {"server": "mx", "relay": True, "code": 250, "enhanced": "", "queue_id": "", "message_id": ""}
    notice.record_benachrichtigung(at, at, SIGN, facts, said, lenient_ten_days=lenient)
    return notice
