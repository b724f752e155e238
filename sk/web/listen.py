"""Where an installation listens, and what it is called if nobody has named it. It needs nothing of the application."""

import asyncio
import errno
import socket
from collections.abc import Sequence

from sk.config import Settings
from sk.errors import Invalid

BIND_PATIENCE_SECONDS = 10
LOOPBACK_HOSTS = ("127.0.0.1", "::1")
NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""What a machine says that has no IPv6; then the first of the two addresses has to do."""


async def bind(settings: Settings) -> list[socket.socket]:
    """Return listening sockets; a port that is still held by the process before is waited for."""
    hosts = (settings.host,) if settings.host else LOOPBACK_HOSTS
    deadline = asyncio.get_running_loop().time() + BIND_PATIENCE_SECONDS
    while True:
        try:
            return _bind(hosts, settings.port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or asyncio.get_running_loop().time() > deadline:
                raise Invalid(f"SK_PORT: port {settings.port} cannot be listened on: {error.strerror}") from None
            await asyncio.sleep(0.1)


def local_url(settings: Settings, sockets: Sequence[socket.socket]) -> str:
    """Return the base URL of an installation that nobody has named."""
    scheme = "https" if settings.tls else "http"
    return f"{scheme}://localhost:{sockets[0].getsockname()[1]}"


def _bind(hosts: Sequence[str], port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for host in hosts:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            bound.append(socket.create_server((host, port), family=family, backlog=512))
            port = port or bound[0].getsockname()[1]
    except OSError as error:
        if bound and error.errno in NO_IPV6:
            return bound
        for listening in bound:
            listening.close()
        raise
    return bound
