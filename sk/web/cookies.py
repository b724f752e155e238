"""The cookies: for the session, for the device, for the forms of whoever has no session yet, for what was begun."""

import hmac
import re
import secrets

from aiohttp import web

from sk.services import Services
from sk.web.keys import LOG_IN, SERVICES

FORM_TOKEN_BYTES = 32
FORM_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
"""As `form_token` makes it. Nothing else is one: a cookie and a field that are both missing do not match."""


def _name(services: Services, name: str) -> str:
    """Return the cookie's name: wherever there is https, one that no other host and no plain page can set."""
    return f"__Host-{name}" if services.base_url.startswith("https://") else name


def read_session_cookie(request: web.Request) -> str:
    """Return the token of the browser's session, or nothing."""
    return read_cookie(request, "session")


def read_cookie(request: web.Request, name: str) -> str:
    """Return one of our cookies, or nothing."""
    return request.cookies.get(_name(request.app[SERVICES], name), "")


def form_token(request: web.Request) -> str:
    """Return what a form brings along: the token of the session, or for a stranger one that is in a cookie as well.

    It stays the same for a browser, so that its windows do not spoil each other's forms. It opens nothing: another site
    can have a form sent to us, but neither read this nor, over https, set the cookie.
    """
    if LOG_IN in request:
        return request[LOG_IN].csrf
    token = read_cookie(request, "form")
    return token if FORM_TOKEN.fullmatch(token) else secrets.token_urlsafe(FORM_TOKEN_BYTES)


def form_token_matches(request: web.Request, sent: str) -> bool:
    """Tell whether a form was given out by us to this browser."""
    return hmac.compare_digest(form_token(request).encode(), sent.encode(errors="replace"))


def set_cookie(
    request: web.Request, response: web.Response, name: str, value: str, *, seconds: int | None = None
) -> None:
    """Give the browser a cookie that no script reads and no other site sends; it ends with the browser, or in time."""
    services = request.app[SERVICES]
    secure = services.base_url.startswith("https://")
    response.set_cookie(
        _name(services, name), value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=secure
    )


def delete_cookie(request: web.Request, response: web.Response, name: str) -> None:
    """Take a cookie away."""
    services = request.app[SERVICES]
    secure = services.base_url.startswith("https://")
    response.del_cookie(_name(services, name), path="/", httponly=True, samesite="Lax", secure=secure)
