"""A time-stamp authority: OpenSSL behind a small HTTP server, with keys and certificates of its own."""

import asyncio
import subprocess
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.x509 import Certificate, load_pem_x509_certificates
from pydantic import SecretStr

from sk.evidence.stamped import StampedCheckpoint
from sk.evidence.stamps import trusted_authorities
from sk.services import Services
from sk.workers.stamping import stamp_log
from tests.world import World

# No `certs`: with `-chain`, OpenSSL puts certificates in an order that strict readers of DER refuse.
CONFIG = """
[tsa]
default_tsa = authority
[authority]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ess_cert_id_alg = sha256
"""
EXTENSIONS = """
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""
ANSWERED = "application/timestamp-reply"
NEW_KEY = ("-newkey", "rsa:2048", "-nodes")
SIGNED_BY_ROOT = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extensions")


@dataclass
class Authority:
    """An authority in a folder. `answer` makes what is sent of what OpenSSL has answered: here, just that."""

    folder: Path
    queries: list[bytes] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)
    answer: Callable[["Authority"], web.Response] = field(default=lambda authority: authority.reply())

    @property
    def root(self) -> Path:
        """Return the certificate to which its time stamps lead."""
        return self.folder / "ca.pem"

    def roots(self) -> list[Certificate]:
        """Return the same, read."""
        return load_pem_x509_certificates(self.root.read_bytes())

    def reply(self, body: bytes | None = None, status: int = 200, kind: str = ANSWERED) -> web.Response:
        """Return an answer: the newest one of OpenSSL, unless another is given."""
        return web.Response(body=self.replies[-1] if body is None else body, status=status, content_type=kind)

    async def handle(self, request: web.Request) -> web.Response:
        """Have OpenSSL answer a query."""
        self.queries.append(await request.read())
        (self.folder / "query.tsq").write_bytes(self.queries[-1])
        asked = ("ts", "-reply", "-config", "ts.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr")
        openssl = await asyncio.create_subprocess_exec("openssl", *asked, cwd=self.folder, stderr=DEVNULL)
        assert await openssl.wait() == 0
        self.replies.append((self.folder / "reply.tsr").read_bytes())
        return self.answer(self)


def found_authority(folder: Path, name: str, digests: str = "sha512") -> Authority:
    """Make the keys and certificates of an authority."""
    folder.mkdir()
    (folder / "ts.cnf").write_text(CONFIG.format(digests=digests))
    (folder / "extensions").write_text(EXTENSIONS)
    (folder / "serial").write_text("01\n")
    root = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    years = ("-days", "3650")
    for command in (
        ("req", "-x509", *NEW_KEY, *years, *root, "-subj", f"/CN={name} CA", "-keyout", "ca.key", "-out", "ca.pem"),
        ("req", "-new", *NEW_KEY, "-subj", f"/O={name}/CN={name} TSA", "-keyout", "tsa.key", "-out", "tsa.csr"),
        ("x509", "-req", *SIGNED_BY_ROOT, *years, "-in", "tsa.csr", "-out", "tsa.pem"),
    ):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    return Authority(folder)


@asynccontextmanager
async def serving(authority: Authority) -> AsyncIterator[str]:
    """Serve an authority on a free port of this machine; yield its address."""
    app = web.Application()
    app.router.add_post("/", authority.handle)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


class Authorities(NamedTuple):
    """Authorities that are there for all tests: one that the operator trusts, one of somebody else, a picky one."""

    ours: Authority
    theirs: Authority
    picky: Authority


@asynccontextmanager
async def stamping(world: World, authority: Authority, trusted: Authority | None = None) -> AsyncIterator[Services]:
    """Return services that ask an authority, and trust it or another one."""
    async with serving(authority) as url:
        chosen = {"tsa": SecretStr(url), "tsa_certs": str((trusted or authority).root)}
        yield replace(world.workers, settings=world.workers.settings.model_copy(update=chosen))


async def stamp(services: Services) -> bool:
    """Have the log stamped as the worker would."""
    return await stamp_log(services, trusted_authorities(services.settings.tsa_certs))


async def kept(world: World) -> list[StampedCheckpoint]:
    """Return the time stamps that were kept."""
    return await world.web.store.find(StampedCheckpoint, "stamps", "1", limit=100)
