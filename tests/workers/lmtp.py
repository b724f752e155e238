"""A mail server that brings what came back, and the mails that it brings."""

import asyncio
import smtplib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from sk.mail.bounces import BackTo
from sk.services import Services
from tests.keeper import free_port
from tests.world import World

Bring = Callable[[str, bytes], Awaitable[int]]
NAMES = ("notification",)
SUBJECT, RECIPIENT = "Neue Nachricht in Ihrem Postfach", "erika.mustermann@mail.example"
DSN = """\
From: MAILER-DAEMON@mx.mail.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4Sx9Yq1Zz4.1795600000/mx.mail.example"
Content-Transfer-Encoding: 8bit

This is a MIME-encapsulated message.

--4Sx9Yq1Zz4.1795600000/mx.mail.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

<{recipient}>: host store.mail.example said: 550 5.1.1 User unknown

--4Sx9Yq1Zz4.1795600000/mx.mail.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.mail.example
X-Postfix-Queue-ID: 4Sx9Yq1Zz4
Arrival-Date: Mon, 23 Nov 2026 10:00:01 +0100 (CET)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; store.mail.example
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--4Sx9Yq1Zz4.1795600000/mx.mail.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

To: {recipient}
Subject: {subject}

--4Sx9Yq1Zz4.1795600000/mx.mail.example--
"""
VACATION = """\
From: {recipient}
To: {to}
Subject: Abwesend: {subject}
Auto-Submitted: auto-replied (vacation)
Content-Type: text/plain; charset=utf-8

Ich bin bis 7. Dezember im Urlaub. Status: 5.1.1 Action: failed
"""


def dsn(action: str = "failed", status: str = "5.1.1") -> bytes:
    """Return what a mail server writes when it has not delivered a mail."""
    return written(DSN.format(to="x", recipient=RECIPIENT, subject=SUBJECT, action=action, status=status))


def vacation() -> bytes:
    """Return what answers for somebody who is away, in words like those of a report."""
    return written(VACATION.format(to="x", recipient=RECIPIENT, subject=SUBJECT))


def written(text: str) -> bytes:
    """Write a text as mails are."""
    return text.replace("\n", "\r\n").encode()


def listening(services: Services, folder: Path) -> Services:
    """Return services that take bounces on a free port."""
    port = free_port(folder / "bounces-port")
    settings = services.settings.model_copy(update={"bounces": f"lmtp://127.0.0.1:{port}"})
    return replace(services, settings=settings)


def back_to(world: World) -> BackTo:
    """Return the addresses that mails of a world come back to."""
    return BackTo.of(world.workers.settings.mail_from, world.workers.keys.bounce)


class MailServer:
    """A client of LMTP. It waits for answers, so it belongs into a thread."""

    def __init__(self, setting: str) -> None:
        """Know where bounces are taken."""
        url = urlsplit(setting)
        self._host, self._port = url.hostname or url.path, url.port or 0

    def connect(self) -> smtplib.LMTP:
        """Open a connection and say hello."""
        lmtp = smtplib.LMTP(self._host, self._port, local_hostname="mx.test")
        lmtp.ehlo()
        return lmtp

    def bring(self, to: str, mail: bytes) -> int:
        """Bring one mail, and return the code of the answer that decides."""
        with self.connect() as lmtp:
            for code, _ in (lmtp.mail(""), lmtp.rcpt(to)):
                if code >= 400:
                    return code
            return lmtp.data(mail)[0]

    def says(self, *commands: bytes) -> bytes:
        """Send commands as they are and QUIT, and return all that was answered."""
        with socket.create_connection((self._host, self._port), timeout=10) as connection:
            connection.sendall(b"\r\n".join((*commands, b"QUIT", b"")))
            return b"".join(iter(lambda: connection.recv(4096), b""))


def by(world: World) -> Bring:
    """Return how a mail server brings a mail to a world, and what it is answered."""
    server = MailServer(world.workers.settings.bounces)
    return lambda to, mail: asyncio.to_thread(server.bring, to, mail)
