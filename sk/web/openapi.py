"""The description of the HTTP interface for machines, as OpenAPI 3.1.

It is put together from what the application itself runs on: the route tables, the models that validate and answer,
and the table of problems. Nothing in it is written down a second time.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version
from inspect import getdoc
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sk.web.oauth import OAuthErrorOut
from sk.web.problems import CHALLENGES, MEDIA_TYPE, PROBLEMS, TYPE_PREFIX, ProblemOut
from sk.web.routes import Answer, Form, Multipart, Query, Route, dialect_of

Json = dict[str, Any]
Mode = Literal["validation", "serialization"]
JSON = "application/json"
CLIENT = "client"
ABOUT = """Errors are problem details (RFC 9457): go by `type`, which is stable and explains itself when it is fetched;
`field` names the field. `/oauth/token` tells errors as RFC 6749 has it. What is not HTTP is refused with a bare 400.

After a 503, or without an answer, nothing was lost: send the same again. A notice is accepted once however often its
`reference` is sent. What is refused leaves nothing behind.

JSON is UTF-8, no name stands twice in an object, and numbers are whole."""
HEADERS: Mapping[str, Json] = {
    "X-Request-ID": {
        "description": "the id under which our logs know this request",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "seconds to wait before trying again",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "what is wrong with the token, if it is about the token (RFC 6750)",
        "schema": {"type": "string"},
    },
}


def describe(routes: Iterable[Route], base_url: str) -> Json:
    """Return the description of those routes that are for machines."""
    told = [route for route in routes if dialect_of(route.path) != "pages" and route.allow.who != "citizen"]
    paths: defaultdict[str, Json] = defaultdict(dict)
    for route in told:
        paths[route.path][route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "sk: a postbox for citizens, for the machines of authorities",
            "version": version("sk-postbox"),
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
            "description": ABOUT,
        },
        "servers": [{"url": base_url}],
        "paths": dict(paths),
        "components": {
            "schemas": _schemas(told),
            "headers": dict(HEADERS),
            "securitySchemes": {CLIENT: _security_scheme(told, base_url)},
        },
    }


def problems_of(route: Route) -> list[str]:
    """Return every type of problem that a route can answer: its own, and those that its kind brings along.

    The kinds are those of `admission` and `body`: who may call, whether there is a body, a parameter, a store behind.
    """
    names = {"internal", *route.problems}
    if route.method != "GET":
        names |= {"foreign-page"}
    if route.allow.who == "machine":
        names |= {"unauthorized", "wrong-scope"}
    if route.allow.who == "machine" or route.body:
        names |= {"damaged", "unavailable", "key-missing"}
    if "{" in route.path:
        names |= {"not-found"}
    if route.body:
        names |= {"malformed", "too-slow", "too-large"}
    if isinstance(route.body, Multipart):
        names |= {"unsupported-type"}
    if route.query or isinstance(route.body, Multipart):
        names |= {"invalid"}
    return [name for name in PROBLEMS if name in names]


def _operation(route: Route) -> Json:
    summary, _, about = (getdoc(route.handler) or "").partition("\n\n")
    operation: Json = {"operationId": getattr(route.handler, "__name__", ""), "summary": summary}
    if about:
        operation["description"] = about
    machine = route.allow.who == "machine"
    operation["security"] = [{CLIENT: [route.allow.scope]}] if machine else []
    if parameters := [*map(_path_parameter, re.findall(r"{(\w+)}", route.path)), *map(_query_parameter, route.query)]:
        operation["parameters"] = parameters
    if route.body:
        operation["requestBody"] = {"required": True, "content": _body(route.body)}
    operation["responses"] = _responses(route)
    return operation


def _path_parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _query_parameter(query: Query) -> Json:
    parameter: Json = {"name": query.name, "in": "query", "required": query.required, "schema": dict(query.schema)}
    return {**parameter, "description": query.about} if query.about else parameter


def _body(body: Form | Multipart) -> Json:
    if isinstance(body, Form):
        return {"application/x-www-form-urlencoded": {"schema": _ref(body.model)}}
    files = {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
    return {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "description": f"The part {body.part} comes first, then one part {body.files} for each file, in order.",
                "properties": {body.part: _ref(body.model), body.files: files},
                "required": [body.part],
                "additionalProperties": False,
            },
            "encoding": {body.part: {"contentType": JSON}, body.files: {"contentType": ", ".join(body.types)}},
        }
    }


def _responses(route: Route) -> Json:
    """Return every answer by its status: those with a body of their own, and the problems."""
    problems: defaultdict[int, list[str]] = defaultdict(list)
    for name in problems_of(route):
        problems[PROBLEMS[name].status].append(name)
    statuses = sorted({*route.answers, *problems})
    return {str(status): _response(route, status, problems[status]) for status in statuses}


def _response(route: Route, status: int, problems: Sequence[str]) -> Json:
    """Return one answer: as the route declares it, or as problems are told under its path."""
    answer = route.answers.get(status)
    if answer is None and dialect_of(route.path) == "oauth":
        answer = Answer(OAuthErrorOut, " ".join(PROBLEMS[name].title for name in problems))
    headers: Json = {"X-Request-ID": _header("X-Request-ID")}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = _header("Retry-After")
    if answer:
        headers |= {name: _own_header(what) for name, what in answer.headers.items()}
        about = answer.about or HTTPStatus(status).phrase
        return {"description": about, "headers": headers, "content": _content(answer.body)}
    if CHALLENGES.keys() & set(problems):
        headers["WWW-Authenticate"] = _header("WWW-Authenticate")
    about = "\n".join(f"- `{TYPE_PREFIX}{name}` {PROBLEMS[name].title}" for name in problems)
    return {"description": about, "headers": headers, "content": _problem_content(status, problems)}


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


def _own_header(about: str) -> Json:
    return {"description": about, "required": True, "schema": {"type": "string"}}


def _content(body: type[BaseModel] | str) -> Json:
    if isinstance(body, str):
        return {body: {"schema": {"type": "object"} if body == JSON else {}}}
    return {JSON: {"schema": _ref(body)}}


def _problem_content(status: int, names: Sequence[str]) -> Json:
    """Return the body of a problem of one of these types, with the facts that they tell."""
    more = {fact: {"type": "string"} for name in names for fact in PROBLEMS[name].more}
    types = {"enum": [TYPE_PREFIX + name for name in names]}
    this = {"properties": {"type": types, "status": {"const": status}, **more}}
    return {MEDIA_TYPE: {"schema": {"allOf": [_ref(ProblemOut), this]}}}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schemas(routes: Sequence[Route]) -> Json:
    """Return the schema of every model that a route takes or answers, by its name."""
    taken: set[type[BaseModel]] = {route.body.model for route in routes if route.body}
    given: set[type[BaseModel]] = {ProblemOut, OAuthErrorOut}
    for answer in (answer for route in routes for answer in route.answers.values()):
        given |= {answer.body} if isinstance(answer.body, type) else set()
    modes: list[tuple[type[BaseModel], Mode]] = [(model, "validation") for model in taken]
    modes += [(model, "serialization") for model in given]
    return _definitions(frozenset(modes))


@lru_cache(maxsize=1)
def _definitions(modes: frozenset[tuple[type[BaseModel], Mode]]) -> Json:
    _, definitions = models_json_schema([*modes], ref_template="#/components/schemas/{model}")
    return dict(sorted(definitions["$defs"].items()))


def _security_scheme(routes: Sequence[Route], base_url: str) -> Json:
    """Return how a client gets a token, and what each scope opens."""
    opens: defaultdict[str, list[str]] = defaultdict(list)
    for route in routes:
        if route.allow.who == "machine":
            opens[route.allow.scope].append(f"{route.method} {route.path}")
    scopes = {name: ", ".join(opens[name]) for name in sorted(opens)}
    about = "The client shows who it is by an assertion that it signs (private_key_jwt, RFC 7523)."
    flow = {"tokenUrl": f"{base_url}/oauth/token", "scopes": scopes}
    return {"type": "oauth2", "description": about, "flows": {"clientCredentials": flow}}
