"""A portal as many run one: Debian's Apache with mod_auth_openidc before an application that knows nothing of OpenID.

Nobody here wrote that module. What it is told below is what its own manual says; nothing in it is ours.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from signal import SIGKILL, SIGTERM
from urllib.parse import quote

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from sk.auth.portal import checked_uri
from sk.demo.browser import Browser, Page
from tests.auth.portals import a_portal
from tests.keeper import answers, free_port, tool
from tests.process import until
from tests.world import Citizen, World

USER = "www-data"
"""As whom it runs where the tests run as root: Debian's Apache serves nothing as root."""
END_SECONDS = 10
MODULES = ("auth_openidc", "authn_core", "authz_core", "authz_user", "mpm_event", "proxy", "proxy_http")
"""By the alphabet, as Debian loads them: of two that would answer, the first does, and that must not be proxy."""
SETTINGS = """
ServerRoot "{folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile pid
DefaultRuntimeDir "{folder}"
ErrorLog errors
LogLevel warn auth_openidc:info
ThreadsPerChild 4
MaxRequestWorkers 4
{modules}

OIDCProviderMetadataURL {provider}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {secret}
OIDCPKCEMethod S256
OIDCScope "openid email"
OIDCRedirectURI {back}
OIDCRemoteUserClaim sub
OIDCAuthNHeader X-Remote-User
OIDCCryptoPassphrase {passphrase}

ProxyPass / {application}
<Location /akte>
    AuthType openid-connect
    Require valid-user
</Location>
"""


@dataclass(frozen=True)
class Apache:
    """An Apache that runs, the address of its page for whoever has logged in, and what a test may do to it."""

    url: str
    folder: Path

    @property
    def page(self) -> str:
        """Return where only those come who have logged in. The application answers with the headers that it got."""
        return f"{self.url}/akte"

    @property
    def back(self) -> str:
        """Return the address that is the module's own: here codes come back, and logouts are heard of."""
        return f"{self.url}/akte/zurueck"

    @property
    def bye(self) -> str:
        """Return a page for whoever has logged out."""
        return f"{self.url}/tschuess"

    @property
    def logout(self) -> str:
        """Return the address of its button for logging out."""
        return f"{self.back}?logout={quote(self.bye, safe='')}"

    def refresh(self, access_token: str) -> str:
        """Return the address at which the module asks for further tokens, and leads back to the page."""
        return f"{self.back}?refresh={quote(self.page, safe='')}&access_token={access_token}"


class Traveller(Browser):
    """Somebody's browser that goes to other sites than ours as well."""

    async def visit(self, url: str) -> Page:
        """Open an address on any site, and follow where it leads; the page knows its whole address."""
        async with self._http.get(url) as answer:
            return Page(answer.status, str(answer.url), await answer.text())

    async def sent_to(self, url: str) -> str:
        """Return where an address leads to."""
        async with self._http.get(url, allow_redirects=False) as answer:
            return answer.headers.get("Location", "")

    async def come_in(self, url: str, citizen: Citizen) -> Page:
        """Open a page for which one has to log in here and to agree; return it, or where one ends up instead."""
        page = await self.visit(url)
        page = await self.send(page.form("Anmelden"), username=citizen.username, password=citizen.password)
        page = await self.send(page.form("Zustimmen und weiter"))
        return await self.visit(led_to(page))


@asynccontextmanager
async def open_traveller(world: World) -> AsyncIterator[Traveller]:
    """Open a browser of somebody's own. Apache and we are one host to it, as cookies know no ports."""
    jar = aiohttp.CookieJar(unsafe=True)  # both have an address for a name
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Traveller(http, world.base_url)


def led_to(page: Page) -> str:
    """Return where a page leads by itself."""
    _, found, rest = page.text.partition('content="0;url=')
    assert found, page.text
    return unescape(rest.partition('"')[0])


@asynccontextmanager
async def open_apache(world: World) -> AsyncIterator[Apache]:
    """Register a portal, and run an Apache for it."""
    folder = Path(tempfile.mkdtemp(prefix="sk-apache-"))  # not in pytest's, which other users may not enter
    try:
        apache = Apache(f"http://127.0.0.1:{free_port(folder / 'port')}", folder)
        async with serve_application() as application:
            process = start_apache(folder, await _settings(world, apache, application))
            try:
                await until(lambda: process.poll() is not None or answers(int(apache.url.rpartition(":")[2]), b""))
                assert process.poll() is None, f"Apache has ended; it says: {said_by(folder)}"
                yield apache
            finally:
                end_apache(process)
    finally:
        shutil.rmtree(folder)


async def _settings(world: World, apache: Apache, application: str) -> str:
    """Register the portal, at addresses that an operator could register, and return the settings of its Apache.

    It shows a secret: this version of the module signs assertions by RS256 alone and for the address of the token
    endpoint, and FAPI 2.0 allows neither.
    """
    secret = secrets.token_urlsafe(32)
    heard_at = f"{apache.back}?logout=backchannel"
    for uri in (apache.back, apache.bye, heard_at):
        checked_uri(uri, is_trial=True)
    portal = await a_portal(
        world,
        secret=secret,
        redirect_uris=(apache.back,),
        sector="127.0.0.1",
        logout_uris=(apache.bye,),
        backchannel_logout_uri=heard_at,
    )
    return SETTINGS.format(
        folder=apache.folder,
        port=apache.url.rpartition(":")[2],
        modules="\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES),
        provider=world.base_url,
        client_id=portal.id,
        secret=secret,
        back=apache.back,
        passphrase=secrets.token_urlsafe(32),
        application=application,
    )


@asynccontextmanager
async def serve_application() -> AsyncIterator[str]:
    """Serve an application that answers with the headers of the request, as JSON."""

    async def show(request: web.Request) -> web.Response:
        return web.json_response({name.lower(): value for name, value in request.headers.items()})

    app = web.Application()
    app.router.add_get("/{path:.*}", show)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


def start_apache(folder: Path, settings: str) -> subprocess.Popen[bytes]:
    """Start it as one process (-X), so that all of it dies with the thread that started it: the test's."""
    (folder / "settings").write_text(settings)
    somebody: tuple[str, ...] = ()
    if os.geteuid() == 0:
        somebody = ("--reuid", USER, "--regid", USER, "--clear-groups")
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, USER, USER)
    dying = (tool("setpriv", "Debian's package util-linux"), *somebody, "--pdeathsig", "KILL")
    apache = tool("apache2", "Debian's package apache2-bin")
    with (folder / "output").open("ab") as output:
        return subprocess.Popen(
            [*dying, apache, "-X", "-f", str(folder / "settings")],
            cwd=folder,
            env={"PATH": os.environ["PATH"]},  # no proxy of the machine's comes between it and us
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
        )


def end_apache(process: subprocess.Popen[bytes]) -> None:
    """End it in good order, and whatever is left of it after a while."""
    process.send_signal(SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, SIGKILL)
    process.wait()


def said_by(folder: Path) -> str:
    """Return the end of what it has written."""
    return "\n".join(path.read_text()[-3000:] for path in (folder / "output", folder / "errors") if path.exists())
