"""What every mailer promises."""

from email.message import EmailMessage
from typing import NamedTuple, Protocol

from sk.errors import SkError


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

    async def send(self, mail: EmailMessage) -> Receipt:
        """Return what the server said when it took the mail; raise `Refused`, or `Unavailable` to try again."""
        ...
