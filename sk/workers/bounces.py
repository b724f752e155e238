"""Bounces: the mail server brings what came back (LMTP), and it is recorded for which notice somebody says so.

It is answered 250 only when the statement is committed, and 451 when it cannot be: then the mail server tries again. Of
a mail nothing is kept but the status code, and nothing of it is logged.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope
from aiosmtpd.smtp import Session as SmtpSession

from sk.auth.notification_settings import with_failure
from sk.clock import moment_to_sign
from sk.errors import Invalid, NotFound, SkError, Unavailable
from sk.mail.bounces import BackTo, failure_in
from sk.mail.catcher import ADDRESS
from sk.postbox.history import history_of
from sk.postbox.notice import Notice
from sk.services import Services
from sk.store.races import looking_again

MAX_BYTES = 256 * 1024
CONNECTIONS_MAX = 8
IDLE_SECONDS = 60
GOODBYE_SECONDS = 2
SOCKET_MODE = 0o660
TAKEN = "250 2.0.0 OK"
LATER = "451 4.3.0 cannot be taken right now; try again"
log = logging.getLogger(__name__)


@asynccontextmanager
async def taking_bounces(names: Sequence[str], services: Services) -> AsyncIterator[None]:
    """Take mails that come back, where SK_BOUNCES says so, while the block lasts: it is `notification` that does."""
    if not services.settings.bounces or "notification" not in names:
        yield
        return
    door = _Door(services)
    server = await _listen(services.settings.bounces, door)
    try:
        yield
    finally:
        server.close()
        await door.close()


@looking_again
async def record_bounce(notice_id: str, status: str, services: Services) -> None:
    """State that a mail says that the one about a notice came back, for its citizen to see; twice is as once."""
    notice = await services.store.get(Notice, notice_id)
    said = (await history_of(notice, services)).said
    if "bounce-reported" in said or not notice.bereitgestellt_at:
        return
    at, sign = await moment_to_sign(services.clock), services.keys.signer("sign-notification")
    notice.record_bounce(at, sign, {"status": status}, said)
    failing = await with_failure(notice.account_id, services, sent_at=notice.benachrichtigt_at or at)
    await services.store.save(notice, *failing)


class _Door:
    """The part of aiosmtpd's interface that says who may be written to and takes the mails; and who is inside."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._back_to = BackTo.of(services.settings.mail_from, services.keys.bounce)
        self._recording = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.inside: set[_Visit] = set()

    def open(self) -> asyncio.Protocol:
        """Return who serves the next connection: there is room for a few, for one mail server needs no more."""
        if len(self.inside) >= CONNECTIONS_MAX:
            return _Full()
        return _Visit(self, hostname=self._back_to.domain, data_size_limit=MAX_BYTES, timeout=IDLE_SECONDS)

    async def close(self) -> None:
        """Let end what is just being recorded, then hang up. What gets no answer comes again."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), GOODBYE_SECONDS)
        for visit in [*self.inside]:
            visit.hang_up()

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, _server: LMTP, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take what goes to an address that we gave: one for each mail, because each is answered by itself."""
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        if not self._back_to.notice_id(address):
            return "550 5.1.1 no such address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        """Record what a mail reports. All but a failure for good is taken and forgotten."""
        self._recording += 1
        self._idle.clear()
        try:
            return await self._taken(envelope)
        finally:
            self._recording -= 1
            if not self._recording:
                self._idle.set()

    async def _taken(self, envelope: Envelope) -> str:
        notice_id = self._back_to.notice_id(envelope.rcpt_tos[0])
        try:
            status = failure_in(envelope.original_content or b"")
            if notice_id and status:
                await record_bounce(notice_id, status, self._services)
        except NotFound:
            pass  # of a notice that is gone there is nothing more to be said
        except SkError as error:
            log.warning("bounce-left", extra={"notice_id": notice_id, "error": str(error)})
            return LATER
        except Exception:
            log.exception("bounce-left", extra={"notice_id": notice_id})
            return LATER
        return TAKEN

    async def handle_exception(self, error: Exception) -> str:
        """Answer what a stranger's commands have broken, without repeating any of it."""
        log.warning("bounce-refused", extra={"error": type(error).__name__})
        return LATER


class _Visit(LMTP):
    """One connection."""

    line_length_limit = MAX_BYTES  # what others write has longer lines than the standard allows

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        # aiosmtpd's own reading breaks on some addresses that are none. Nobody (`<>`) is who a bounce comes from.
        found = ADDRESS.fullmatch(arg)
        return (found[1] or "<>", found[2]) if found else (None, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.event_handler.inside.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.inside.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        """End the connection, whoever is to speak."""
        if self.transport:
            self.transport.close()


class _Full(asyncio.Protocol):
    """A connection for which there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(b"421 4.3.2 too many connections; try again\r\n")
        transport.close()


async def _listen(setting: str, door: _Door) -> asyncio.Server:
    """Listen where the setting says. Several workers of one machine may share a port; the system spreads visitors."""
    loop, url = asyncio.get_running_loop(), urlsplit(setting)
    try:
        if url.scheme == "lmtp" and url.hostname and url.port and not url.path.strip("/"):
            return await loop.create_server(door.open, url.hostname, url.port, reuse_port=True)
        if url.scheme == "lmtp" and not url.netloc and url.path:
            server = await loop.create_unix_server(door.open, url.path)
            Path(url.path).chmod(SOCKET_MODE)  # noqa: ASYNC240 - of a socket that was made just now
            return server
    except (OSError, ValueError) as error:
        raise Unavailable(f"SK_BOUNCES: nobody can listen at {setting}") from error
    raise Invalid("SK_BOUNCES must be lmtp://HOST:PORT or lmtp:///SOCKET")
