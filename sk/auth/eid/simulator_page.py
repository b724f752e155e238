"""The page of the eID simulator: in a trial, people choose here whose card they hold, and what they do with it."""

from collections.abc import Mapping

import aiohttp
from aiohttp import web
from yarl import URL

from sk.auth.eid.messages import RESULT_MINORS
from sk.auth.eid.simulator import CHOICES, Choice, Simulator
from sk.auth.eid.simulator_client import Fetch, show_card
from sk.errors import Invalid, NotFound, Unavailable
from sk.web.keys import SIMULATOR
from sk.web.language import N_
from sk.web.render import page, see_other
from sk.web.routes import TRIAL, RouteTable
from sk.xml import MAX_BYTES

PATH = "/dev/ausweis"
FETCH_SECONDS = 10
CHOICE_WORDS: Mapping[Choice, str] = {
    "pin": N_("Ich gebe meine PIN ein"),
    "deny-voluntary": N_("Ich gebe meine PIN ein, aber freiwillige Angaben wähle ich ab"),
    "new-card": N_("Ich gebe meine PIN ein, mit einem neuen Ausweis: dem, der auf den alten folgt"),
    "lower-level": N_("Ich gebe meine PIN ein, mit einem Ausweis im Handy, der nur als niedrig gilt"),
    "late": N_("Ich gebe meine PIN ein, und das Ergebnis kommt verspätet"),
    "other-browser": N_("Ich gebe meine PIN ein und mache in einem anderen Browser weiter"),
    "cancel": N_("Ich breche ab"),
    "wrong-pin": N_("Ich gebe dreimal eine falsche PIN ein"),
    "expired": N_("Mein Ausweis ist abgelaufen"),
    "blocked": N_("Mein Ausweis ist gesperrt"),
    "denied": N_("Mein Ausweis wird hier nicht angenommen"),
}
routes = RouteTable()


@routes.get(PATH, allow=TRIAL)
async def show_simulator(request: web.Request) -> web.Response:
    """Ask whose card is shown, and what happens with it."""
    return page(
        request,
        "simulator.html",
        token_url=request.query.get("tcTokenURL", ""),
        personas=_simulator(request).personas(),
        choices=CHOICE_WORDS,
        minors=RESULT_MINORS,
        way_back="",
    )


@routes.post(PATH, allow=TRIAL)
async def do_simulate(request: web.Request) -> web.Response:
    """Do what was chosen, and lead the browser back as a client does.

    A reason of useID is the answer to the beginning: then there is no token, and no way back.
    """
    simulator, form = _simulator(request), await request.post()
    token_url, persona, choice, minor = (
        str(form.get(name, "")) for name in ("tcTokenURL", "persona", "choice", "minor")
    )
    if persona not in simulator.personas() or choice not in CHOICES or (minor and minor not in RESULT_MINORS):
        raise Invalid("there is no such choice")
    if minor and minor.startswith("useID#"):
        simulator.refuse_next(minor)
    try:
        way_back = await show_card(simulator, token_url, persona, choice, minor or None, fetch_here(request))
    finally:
        simulator.refuse_no_more()  # where nothing was begun, the next one to begin must not suffer
    if choice == "other-browser":
        return page(request, "simulator.html", way_back=way_back)
    return see_other(way_back)


def fetch_here(request: web.Request) -> Fetch:
    """Return how this process asks itself: on the socket at which it was asked, under the name that people use.

    That name may lead elsewhere from here: to a proxy, or nowhere, as inside of a container.
    """

    async def fetch(url: str) -> bytes:
        if request.transport is None:
            raise Unavailable
        host, port, *_ = request.transport.get_extra_info("sockname")
        scheme = "https" if request.transport.get_extra_info("ssl_object") else "http"
        asked = URL(url, encoded=True)
        here = asked.with_scheme(scheme).with_host(host).with_port(port)
        limit = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.get(here, headers={"Host": asked.raw_authority}, allow_redirects=False, ssl=False) as answer,
            ):
                if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
                    raise NotFound("there is no token at this address")
                return await answer.content.read(MAX_BYTES + 1)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable("this process does not answer itself") from error

    return fetch


def _simulator(request: web.Request) -> Simulator:
    """Return the simulator; a trial that asks another eID-Server has none."""
    if simulator := request.app.get(SIMULATOR):
        return simulator
    raise NotFound
