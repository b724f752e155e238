"""A portal as many run one: Debian's Apache with mod_auth_mellon before an application that knows nothing of SAML.

Nobody here wrote that module, nor lasso, on which it stands. What it is told below is what its own manual says.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from sk.auth.portal import checked_uri
from sk.demo.browser import Form, Page
from sk.saml.metadata import read_metadata
from tests.keeper import answers, free_port
from tests.portals.apache import Traveller, end_apache, said_by, serve_application, start_apache
from tests.portals.saml.services import METADATA, Service, registered
from tests.process import until
from tests.saml.parties import party
from tests.world import World

MODULES = (
    "auth_mellon",
    "authn_core",
    "authz_core",
    "authz_user",
    "headers",
    "mpm_event",
    "proxy",
    "proxy_http",
    "setenvif",
)
"""By the alphabet, as Debian loads them."""
TOLD = {
    "X-Name": "MELLON_NAME_ID",
    "X-Family-Name": "MELLON_urn:oid:2.5.4.4",
    "X-Given-Names": "MELLON_urn:oid:2.5.4.42",
    "X-City": "MELLON_urn:oid:2.5.4.7",
    "X-Pseudonym": "MELLON_urn:oid:1.3.6.1.4.1.25484.494450.3",
    "X-Level": "MELLON_urn:oid:1.2.40.0.10.2.1.1.261.94",
}
"""In which headers the application is told what."""
SETTINGS = """
ServerRoot "{folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile pid
DefaultRuntimeDir "{folder}"
ErrorLog errors
LogLevel warn
ThreadsPerChild 4
MaxRequestWorkers 4
{modules}

MellonLockFile "{folder}/lock"
MellonPostDirectory "{folder}"
# Its cookies are for any site, which browsers take on encrypted connections alone; here all is one site.
SetEnvIf Request_URI . MELLON_DISABLE_SAMESITE=1
ProxyPass /mellon !
ProxyPass / {application}
<Location />
    MellonEndpointPath /mellon
    MellonSPentityId "{url}/mellon/metadata"
    MellonSPPrivateKeyFile "{folder}/key.pem"
    MellonSPCertFile "{folder}/cert.pem"
    MellonIdPMetadataFile "{folder}/provider.xml"
    MellonSignatureMethod rsa-sha256
    MellonAuthnContextClassRef "STORK-QAA-Level-3"
    MellonAuthnContextClassRef "STORK-QAA-Level-4"
</Location>
<Location /akte>
    AuthType Mellon
    MellonEnable auth
    Require valid-user
    {headers}
</Location>
"""


@dataclass(frozen=True)
class Mellon:
    """An Apache that runs, and what is registered about it."""

    url: str
    service: Service

    @property
    def page(self) -> str:
        """Return where only those come who have logged in. The application answers with the headers that it got."""
        return f"{self.url}/akte"


class Carrier(Traveller):
    """A browser that sends forms of ours to other sites as well."""

    async def carry(self, form: Form) -> Page:
        """Press the button of a form that leads to a portal, and follow where that leads."""
        async with self._http.post(form.action, data=form.fields) as answer:
            return Page(answer.status, str(answer.url), await answer.text())


@asynccontextmanager
async def open_carrier(world: World) -> AsyncIterator[Carrier]:
    """Open a browser of somebody's own, which goes where it is sent without spelling addresses anew: that is signed."""
    jar = aiohttp.CookieJar(unsafe=True)  # both have an address for a name
    async with aiohttp.ClientSession(cookie_jar=jar, requote_redirect_url=False) as http:
        yield Carrier(http, world.base_url)


@asynccontextmanager
async def open_mellon(world: World) -> AsyncIterator[Mellon]:
    """Run an Apache that has our metadata, and register it by its own, as two operators do who exchange them."""
    folder = Path(tempfile.mkdtemp(prefix="sk-mellon-"))  # not in pytest's, which other users may not enter
    try:
        port = free_port(folder / "port")
        url = f"http://127.0.0.1:{port}"
        party("mellon").files(folder)
        (folder / "provider.xml").write_bytes(await _fetched(world, world.base_url + METADATA))
        async with serve_application() as application:
            process = start_apache(folder, _settings(folder, url, application))
            try:
                await until(lambda: process.poll() is not None or answers(port, b""))
                assert process.poll() is None, f"Apache has ended; it says: {said_by(folder)}"
                described = await _fetched(world, f"{url}/mellon/metadata")
                for _, address in read_metadata(described).consumers:
                    checked_uri(address, is_trial=True)
                claims = ("given_name", "family_name", "address")
                yield Mellon(url, await registered(world, described, party("mellon"), claims=claims))
            finally:
                end_apache(process)
    finally:
        shutil.rmtree(folder)


def _settings(folder: Path, url: str, application: str) -> str:
    return SETTINGS.format(
        folder=folder,
        port=url.rpartition(":")[2],
        url=url,
        application=application,
        modules="\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES),
        headers="\n    ".join(f'RequestHeader set {header} "%{{{name}}}e"' for header, name in TOLD.items()),
    )


async def _fetched(world: World, url: str) -> bytes:
    async with world.http.get(url) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()
