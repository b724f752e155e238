"""Sending mails by SMTP, over connections that are kept open."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import aiosmtplib

from sk.config import Settings
from sk.errors import Invalid, Unavailable
from sk.mail.catcher import catcher_port
from sk.mail.port import Mail, Receipt, Refused

CONNECTIONS = 4
TIMEOUT_SECONDS = 30
GOODBYE_SECONDS = 1
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
QUEUE_ID = re.compile(r"(?:queued as|id=)\s*([\w.-]{1,64})", re.IGNORECASE)
PERMANENT = 500


class Server(NamedTuple):
    """Where mails are handed in."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None


class SmtpMailer:
    """`Mailer` by SMTP. Made by `open_smtp`."""

    def __init__(self, settings: Settings) -> None:
        """Connect when the first mail is sent. A setting that names no mail server is refused at once."""
        self._settings = settings
        self._server = _server(settings.mail.get_secret_value())
        self._idle: list[aiosmtplib.SMTP] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def close(self) -> None:
        """Say goodbye on all connections, without waiting for a server that is silent."""
        for connection in self._idle:
            with contextlib.suppress(aiosmtplib.SMTPException, TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await connection.quit()

    async def send(self, mail: Mail) -> Receipt:
        """See `Mailer.send`. A connection that was closed while idle is replaced once."""
        async with self._places:
            if self._idle:
                with contextlib.suppress(aiosmtplib.SMTPServerDisconnected):
                    return await self._send(self._idle.pop(), mail)
            return await self._send(await self._connect(), mail)

    async def check(self) -> None:
        """See `Mailer.check`. The catcher of `sk up` comes and goes with it, and is not asked for."""
        if self._server:
            await (await self._connect()).quit()

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server or Server("127.0.0.1", catcher_port(self._settings.data), tls=False)
        connection = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            username=server.username,
            password=server.password,
            timeout=TIMEOUT_SECONDS,
        )
        try:
            await connection.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(f"the mail server {server.host} does not answer") from error
        return connection

    async def _send(self, connection: aiosmtplib.SMTP, mail: Mail) -> Receipt:
        host = str(connection.hostname)
        try:
            sender = mail.back_to or self._settings.mail_from
            _, answer = await connection.sendmail(sender, [mail.to], mail.content)
        except aiosmtplib.SMTPServerDisconnected:
            raise
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            self._idle.append(connection)
            code, text = _response(error)
            if code >= PERMANENT:
                raise Refused(_receipt(host, code, text)) from None
            raise Unavailable(f"the mail server {host} asks to try again: {code}") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(f"the mail server {host} broke off") from error
        self._idle.append(connection)
        return _receipt(host, 250, answer)


@asynccontextmanager
async def open_smtp(settings: Settings) -> AsyncIterator[SmtpMailer]:
    """Open a mailer and close its connections at the end."""
    mailer = SmtpMailer(settings)
    try:
        yield mailer
    finally:
        await mailer.close()


def _server(setting: str) -> Server | None:
    """Return the server that a setting names, or None for the catcher of `sk up`, which says where it listens."""
    if setting == "catcher":
        return None
    url = urlsplit(setting)
    if url.scheme not in ("catcher", "smtp", "smtps") or not url.hostname:
        raise Invalid("SK_MAIL must be catcher, catcher://HOST:PORT, smtp://HOST or smtps://HOST")
    tls = url.scheme == "smtps"
    username, password = (unquote(part) if part else None for part in (url.username, url.password))
    return Server(url.hostname, url.port or (465 if tls else 25), tls, username, password)


def _response(error: aiosmtplib.SMTPException) -> tuple[int, str]:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    return (error.code, error.message) if isinstance(error, aiosmtplib.SMTPResponseException) else (451, "")


def _receipt(host: str, code: int, text: str) -> Receipt:
    enhanced, queue_id = ENHANCED.match(text), QUEUE_ID.search(text)
    return Receipt(host, code, enhanced[0] if enhanced else "", queue_id[1] if queue_id else "")
