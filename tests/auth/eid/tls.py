"""Servers on this machine that speak TLS, with certificates of their own."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import DNSName, IPAddress, NameOID, SubjectAlternativeName


@dataclass(frozen=True)
class Pair:
    """A key and its certificate, in two files."""

    certificate: Path
    key: Path

    @property
    def setting(self) -> str:
        """Return the two as a setting names them."""
        return f"{self.certificate},{self.key}"

    def served(self, *, clients: "Pair | None" = None) -> ssl.SSLContext:
        """Return how a server speaks TLS with it; with `clients`, only to whoever has that certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients.certificate)
        return context

    def trusted(self) -> ssl.SSLContext:
        """Return how a client speaks TLS that trusts it."""
        return ssl.create_default_context(cafile=self.certificate)


def new_pair(folder: Path, name: str) -> Pair:
    """Make a key and a certificate for servers on this machine."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    called, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    names = SubjectAlternativeName([DNSName("localhost"), IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, SHA256())
    )
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    pair.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pair


@asynccontextmanager
async def served(
    app: web.Application, context: ssl.SSLContext | None = None, at: socket.socket | None = None
) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine, or on one that is held already; yield its origin."""
    with at or socket.create_server(("127.0.0.1", 0)) as listening:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.SockSite(runner, listening, ssl_context=context).start()
            scheme = "https" if context else "http"
            yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            await runner.cleanup()
