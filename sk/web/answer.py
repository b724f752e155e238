"""What happens around every request: an id, errors as answers, the headers that protect, a line in the access log."""

import logging
import time
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from sk.auth.oauth import OAuthError
from sk.errors import Damaged, SkError
from sk.ids import new_id
from sk.web.keys import REQUEST_ID, SERVICES
from sk.web.oauth import oauth_code, oauth_response
from sk.web.problems import OF_AIOHTTP, PROBLEMS, RETRY_AFTER_SECONDS, problem_response
from sk.web.render import error_page
from sk.web.routes import dialect_of

log = logging.getLogger(__name__)
access_log = logging.getLogger("sk.access")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
HSTS = "max-age=63072000; includeSubDomains"


@web.middleware
async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request, whatever its handler does, and log the route's template, status and time: never the path."""
    request[REQUEST_ID] = new_id()
    started = time.perf_counter()
    try:
        response = await handler(request)
    except web.HTTPException as raised:
        if raised.status < HTTPStatus.BAD_REQUEST:
            response = web.Response(status=raised.status, headers=raised.headers)
        else:
            response = _http_error(request, raised)
    except OAuthError as error:
        response = oauth_response(error.error, str(error), error.status)
    except SkError as error:
        response = _error(request, error)
    except Damaged:
        log.critical("damaged", extra={"request_id": request[REQUEST_ID]}, exc_info=True)
        response = _error(request, SkError(PROBLEMS["damaged"].title, problem="damaged"))
    except Exception:
        log.exception("request-failed", extra={"request_id": request[REQUEST_ID]})
        response = _error(request, SkError("something went wrong on our side", problem="internal"))
    _log_access(request, response, started)
    return response


async def set_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add what every answer carries; a handler's own word wins."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = request.get(REQUEST_ID, "")
    if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if request.app[SERVICES].base_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = HSTS
    response.headers.popall("Server", None)


def _http_error(request: web.Request, raised: web.HTTPException) -> web.Response:
    """Return the answer for an error that aiohttp raised: no route, another method, a body that is too large."""
    name = OF_AIOHTTP.get(raised.status, "malformed")
    allowed = raised.headers.get("Allow")
    said = f"{request.method} is not possible here; possible: {allowed}" if allowed else PROBLEMS[name].title
    response = _error(request, SkError(said, problem=name))
    if allowed:
        response.headers["Allow"] = allowed
    return response


def _error(request: web.Request, error: SkError) -> web.Response:
    """Return an error in the language of the path: problem details, RFC 6749, or a page."""
    status = PROBLEMS[error.problem].status
    match dialect_of(request.path):
        case "problems":
            return problem_response(error.problem, str(error), field=error.field, more=error.more)
        case "oauth":
            return oauth_response(oauth_code(status), str(error), status)
        case "pages":
            return error_page(request, status, error.problem)


def _log_access(request: web.Request, response: web.StreamResponse, started: float) -> None:
    resource = request.match_info.route.resource
    access_log.info(
        "request",
        extra={
            "request_id": request[REQUEST_ID],
            "method": request.method,
            "route": resource.canonical if resource else "",
            "status": response.status,
            "milliseconds": round((time.perf_counter() - started) * 1000, 1),
        },
    )
