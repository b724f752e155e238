"""The cookies: one for the session, one for the log-in form."""

from aiohttp import web

from sk.services import Services
from sk.web.keys import SERVICES


def _name(services: Services, name: str) -> str:
    """Return the cookie's name: wherever there is https, one that no other host and no plain page can set."""
    return f"__Host-{name}" if services.base_url.startswith("https://") else name


def read_session_cookie(request: web.Request) -> str:
    """Return the token of the browser's session, or nothing."""
    return read_cookie(request, "session")


def read_cookie(request: web.Request, name: str) -> str:
    """Return one of our cookies, or nothing."""
    return request.cookies.get(_name(request.app[SERVICES], name), "")


def set_cookie(request: web.Request, response: web.Response, name: str, value: str) -> None:
    """Give the browser a cookie that no script reads and no other site sends; it ends with the browser."""
    services = request.app[SERVICES]
    secure = services.base_url.startswith("https://")
    response.set_cookie(_name(services, name), value, path="/", httponly=True, samesite="Lax", secure=secure)


def delete_cookie(request: web.Request, response: web.Response, name: str) -> None:
    """Take a cookie away."""
    services = request.app[SERVICES]
    secure = services.base_url.startswith("https://")
    response.del_cookie(_name(services, name), path="/", httponly=True, samesite="Lax", secure=secure)
