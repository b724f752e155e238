"""The catcher of a trial: takes every mail, keeps it in a folder, sends none on."""

import asyncio
import itertools
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from sk.errors import Unavailable

ADDRESS = re.compile(r"\s*<([^<>]*)>(.*)", re.DOTALL)


def mail_folder(data: Path) -> Path:
    """Return the folder in which the catcher keeps mails, in the clear."""
    return data / "mail"


def catcher_port(data: Path) -> int:
    """Return the port on which the catcher of a data folder listens, or raise `Unavailable`."""
    try:
        return int((mail_folder(data) / "port").read_text())
    except (OSError, ValueError):
        raise Unavailable("the mail catcher does not run; `sk up` starts it") from None


class _Catcher(SMTP):
    """A server that takes an address as it comes: aiosmtpd's own reading of one takes longer than all else it does."""

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        found = ADDRESS.fullmatch(arg)
        return (found[1], found[2]) if found else (None, None)


class _Keeper:
    """The part of aiosmtpd's interface that stores a mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(time.time_ns())

    async def handle_DATA(self, _server: SMTP, _session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        name = f"{next(self._numbers):020}"
        part = self._folder / f"{name}.part"
        part.write_bytes(envelope.original_content or b"")
        part.rename(self._folder / f"{name}.eml")
        return f"250 2.0.0 OK queued as {name}"


@asynccontextmanager
async def run_catcher(data: Path) -> AsyncIterator[None]:
    """Take mails on a free port of this machine, which is written where `catcher_port` finds it."""
    folder = mail_folder(data)
    folder.mkdir(parents=True, exist_ok=True)
    keeper = _Keeper(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Catcher(keeper, hostname="catcher", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    (folder / "port").write_text(str(server.sockets[0].getsockname()[1]))
    async with server:
        yield


def caught_mails(data: Path, limit: int = 100) -> list[bytes]:
    """Return the mails that were caught, the newest first."""
    return [path.read_bytes() for path in sorted(mail_folder(data).glob("*.eml"), reverse=True)[:limit]]
