"""Whoever comes to log in, as a request says it, and the answer to whoever has."""

from aiohttp import web

from sk.auth.devices import Device
from sk.auth.enter import Entered, Visit
from sk.web.back import HOME, safe_back
from sk.web.cookies import delete_cookie, read_cookie, read_session_cookie, set_cookie
from sk.web.render import see_other
from sk.web.source import source_of
from sk.web.user_agent import label_of

DEVICE = "device"
ERASURE = "/konto/loeschen"
DEVICE_SECONDS = 365 * 24 * 3600


def visit_of(request: web.Request) -> Visit:
    """Return how somebody comes."""
    return Visit(
        source=source_of(request),
        device=device_of(request),
        label=label_of(request.headers.get("User-Agent", "")),
        session_token=read_session_cookie(request),
    )


def device_of(request: web.Request) -> Device:
    """Return the browser's device."""
    return Device.of(read_cookie(request, DEVICE))


def let_in(request: web.Request, entered: Entered, back: str = HOME) -> web.Response:
    """Lead somebody on, under their session, to where they wanted to go; the forms of strangers are over."""
    response = see_other(ERASURE if entered.is_to_be_erased else safe_back(back, HOME))
    set_cookie(request, response, "session", entered.token)
    set_cookie(request, response, DEVICE, entered.device, seconds=DEVICE_SECONDS)
    delete_cookie(request, response, "form")
    return response
