"""What every mailer promises."""

from typing import NamedTuple, Protocol

from sk.errors import SkError


class Mail(NamedTuple):
    """A mail to one person, ready to be sent: headers and text as RFC 5322 has them.

    `back_to` is the envelope sender, the address that it comes back to; empty, it is the one that mails come from.
    """

    to: str
    message_id: str
    content: bytes
    back_to: str = ""


class Receipt(NamedTuple):
    """What the server said when it took a mail. Only `server` names a machine; nothing names a person."""

    server: str
    code: int
    enhanced: str
    queue_id: str


class Refused(SkError):
    """The mail server has refused this mail for good."""

    def __init__(self, receipt: Receipt) -> None:
        """Keep what the server said, without the text around it, which may repeat the address."""
        super().__init__(f"the mail server {receipt.server} refused with {receipt.code} {receipt.enhanced}")
        self.receipt = receipt


class Mailer(Protocol):
    """Sends mails."""

    async def send(self, mail: Mail) -> Receipt:
        """Return what the server said when it took the mail; raise `Refused`, or `Unavailable` to try again."""
        ...

    async def check(self) -> None:
        """Raise `Unavailable`, saying why, unless there is a server to hand mails to."""
        ...
