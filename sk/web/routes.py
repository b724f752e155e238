"""The route table: every route says who may call it and what it answers.

It feeds the application, the description (`openapi.json`) and the test that no route is open by accident.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from aiohttp import web
from pydantic import BaseModel

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Dialect = Literal["problems", "oauth", "pages"]
PAGES_OF_OAUTH = ("/oauth/authorize", "/oauth/logout")
"""Where a portal sends somebody's browser."""
MACHINE_PATHS = ("/api/", "/log/", "/problems/", "/safe/tus", "/healthz", "/readyz", "/.well-known/o")


def dialect_of(path: str) -> Dialect:
    """Return how errors are told under a path: as problem details, as RFC 6749 has it, or to people."""
    if path in PAGES_OF_OAUTH:
        return "pages"
    if path.startswith("/oauth/"):
        return "oauth"
    return "problems" if path.startswith(MACHINE_PATHS) else "pages"


class Allow(NamedTuple):
    """Who may call a route."""

    who: Literal["anybody", "machine", "citizen", "loopback", "trial"]
    scope: str = ""
    fresh: bool = False
    """Of citizens: only who has shown just now who they are."""
    by_script: bool = False
    """Of citizens: bytes that a script sends, read as they come; the token of forms stands in a header."""
    by_itself: bool = False
    """Of citizens: what an open page asks without anybody pressing anything, so that no session lives longer for it."""
    from_elsewhere: bool = False
    """A form that another site's page may have sent: it changes nothing, and only leads on."""


ANYBODY = Allow("anybody")
CITIZEN = Allow("citizen")
FRESH_CITIZEN = Allow("citizen", fresh=True)
"""For what changes the ways into an account, or ends it: a session that somebody left open is not enough."""
BY_SCRIPT = Allow("citizen", by_script=True)
OPEN_PAGE = Allow("citizen", by_itself=True)
FROM_ELSEWHERE = Allow("anybody", from_elsewhere=True)
LOOPBACK = Allow("loopback")
"""Somebody on this machine, in a trial; elsewhere such a route is not there at all."""
TRIAL = Allow("trial")
"""Anybody, in a trial; elsewhere such a route is not there at all."""


def scope(name: str) -> Allow:
    """Allow machine clients whose token covers a scope."""
    return Allow("machine", name)


class Answer(NamedTuple):
    """One answer that a route gives, but for problems: its body's model or media type, and its headers."""

    body: type[BaseModel] | str
    about: str = ""
    headers: Mapping[str, str] = {}


class Form(NamedTuple):
    """A body as HTML forms send it."""

    model: type[BaseModel]


class Multipart(NamedTuple):
    """A multipart/form-data body: one part of JSON, which comes first, then files of certain types."""

    part: str
    model: type[BaseModel]
    files: str
    types: Sequence[str]


class Query(NamedTuple):
    """One query parameter."""

    name: str
    schema: Mapping[str, Any]
    required: bool = False
    about: str = ""


@dataclass(frozen=True)
class Route:
    """One row of the table.

    `problems` are those that this route alone can answer; what all routes of its kind can answer is known by its kind.
    """

    method: str
    path: str
    handler: Handler
    allow: Allow
    body: Form | Multipart | None = None
    query: tuple[Query, ...] = ()
    answers: Mapping[int, Answer] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    deep: bool = False
    """The path's last parameter may hold slashes."""

    @property
    def pattern(self) -> str:
        """Return the path as the router takes it."""
        return f"{self.path.removesuffix('}')}:.+}}" if self.deep else self.path


class RouteTable(list[Route]):
    """The routes of one module."""

    def get(self, path: str, **row: Any) -> Callable[[Handler], Handler]:
        """Add a route for GET (and HEAD)."""
        return self.row("GET", path, **row)

    def post(self, path: str, **row: Any) -> Callable[[Handler], Handler]:
        """Add a route for POST."""
        return self.row("POST", path, **row)

    def row(self, method: str, path: str, **row: Any) -> Callable[[Handler], Handler]:
        """Add a route for any method."""

        def add(handler: Handler) -> Handler:
            self.append(Route(method, path, handler, **row))
            return handler

        return add
