"""Mails that come back: the address by which one is known again, and what it says of the delivery.

Every mail about a notice has an envelope sender of its own, with a mark that nobody else can make. Whoever gets such a
mail knows the address, though, and can write to it whatever they like: all here is bytes of a stranger, and what comes
of it is what somebody says, not what is so.
"""

import hmac
import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser, HeaderParser
from typing import NamedTuple

from sk.crypto.lock import BounceKey
from sk.errors import Invalid

LOCAL_MAX = 12
"""64 letters, which is all that a local part may have, without `+`, the id of a notice, `.` and the mark."""
MAIL_FROM = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*)@([A-Za-z0-9.-]+|\[[0-9A-Fa-f.:]+])")
TAIL = re.compile(r"\+([a-z2-7]{26})\.[a-z2-7]{24}@")
HEADER_MAX = 1000
PARTS_MAX = 8
RECIPIENTS_MAX = 16
REPORTS = ("message/delivery-status", "message/global-delivery-status")
STATUS = re.compile(r"5\.[0-9]{1,3}\.[0-9]{1,3}")


class BackTo(NamedTuple):
    """The addresses that mails come back to: `LOCAL+ID.MARK@DOMAIN`."""

    local: str
    domain: str
    key: BounceKey

    @classmethod
    def of(cls, mail_from: str, key: BounceKey) -> "BackTo":
        """Build them on the address that mails come from."""
        found = MAIL_FROM.fullmatch(mail_from)
        if not found or len(found[1]) > LOCAL_MAX:
            raise Invalid(f"SK_BOUNCES needs an SK_MAIL_FROM with at most {LOCAL_MAX} plain letters before the @")
        return cls(found[1], found[2], key)

    def address(self, notice_id: str) -> str:
        """Return the address that the mail about a notice comes back to."""
        return self._addresses(notice_id)[0]

    def notice_id(self, address: str) -> str | None:
        """Return whose address it is, or None if we never gave it. Servers on the way may have changed its case."""
        address = address.lower()
        found = TAIL.search(address)
        if not found:
            return None
        given = [hmac.compare_digest(address.encode(), ours.lower().encode()) for ours in self._addresses(found[1])]
        return found[1] if any(given) else None

    def _addresses(self, notice_id: str) -> list[str]:
        return [f"{self.local}+{notice_id}.{mark}@{self.domain}" for mark in self.key.marks(notice_id)]


def failure_in(content: bytes) -> str | None:
    """Return the status of a delivery that has failed for good, if a mail reports one (RFC 3464); else None.

    A mail in a mail is not looked into, and headers of absurd length are not read: whatever somebody has nested or
    quoted there, this takes no longer than reading it once.
    """
    mail = BytesHeaderParser().parsebytes(content)
    if _type_of(mail) != "multipart/report" or str(mail.get_param("report-type", "")).lower() != "delivery-status":
        return None
    for part in _parts(mail):
        if _type_of(part) in REPORTS:
            return _failure(_payload(part))
    return None


def _type_of(mail: Message) -> str:
    return mail.get_content_type() if len(str(mail.get("Content-Type", ""))) <= HEADER_MAX else ""


def _payload(mail: Message) -> str:
    payload = mail.get_payload()
    return payload.replace("\r\n", "\n") if isinstance(payload, str) else ""


def _parts(mail: Message) -> Iterator[Message]:
    """Yield the first parts of a multipart mail, each with its headers read and nothing else."""
    pieces = f"\n{_payload(mail)}".split(f"\n--{mail.get_boundary('')}", PARTS_MAX + 1)
    for piece in pieces[1 : PARTS_MAX + 1]:
        rest_of_line, _, part = piece.partition("\n")
        if not rest_of_line.strip():
            yield HeaderParser().parsestr(part)


def _failure(report: str) -> str | None:
    """Return the first failure in a report: fields about the mail, an empty line, fields about each recipient."""
    for group in re.split(r"\n[ \t]*\n", report, maxsplit=RECIPIENTS_MAX):
        fields = HeaderParser().parsestr(group.strip() + "\n")
        action, status = (_first_word(fields, name) for name in ("Action", "Status"))
        if action.lower() == "failed" and STATUS.fullmatch(status):
            return status
    return None


def _first_word(fields: Message, name: str) -> str:
    """Return a value without the comment that may follow."""
    return (str(fields.get(name, "")).split(maxsplit=1) or [""])[0]
