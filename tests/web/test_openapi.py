"""`openapi.json` says all that a machine may ask for and all that it may be answered, as the tables have it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import pytest
import schemathesis

from sk.auth.account import Reason
from sk.auth.authority import SCOPES
from sk.web.app import all_routes
from sk.web.openapi import problems_of
from sk.web.problems import CHALLENGES, OF_AIOHTTP, PROBLEMS, TYPE_PREFIX
from sk.web.routes import Route, dialect_of
from tests.refusals import Office, description
from tests.world import World

SK = Path(__file__).parent.parent.parent / "sk"
MACHINE_ROUTES = [
    route for route in all_routes(trial=True) if dialect_of(route.path) != "pages" and route.allow.who != "citizen"
]
NAMES = [f"{route.method} {route.path}" for route in MACHINE_ROUTES]
each_machine_route = pytest.mark.parametrize("route", MACHINE_ROUTES, ids=NAMES)


def described(route: Route) -> dict[str, Any]:
    """Return what the description says about a route."""
    operation: dict[str, Any] = description()["paths"][route.path][route.method.lower()]
    return operation


def parts_of(value: object) -> Iterator[dict[str, Any]]:
    """Yield every object within a document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts_of(inner)


def test_the_description_is_openapi() -> None:
    schemathesis.openapi.from_dict(description()).validate()  # against the schema of OpenAPI 3.1 itself
    assert description()["openapi"].startswith("3.1.")


def test_every_schema_in_it_is_json_schema() -> None:
    for schema in description()["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_reference_in_it_leads_somewhere() -> None:
    for part in parts_of(description()):
        found: Any = description()
        for name in part.get("$ref", "#").split("/")[1:]:
            found = found[name]


def test_machines_are_told_of_machine_routes_and_of_no_page() -> None:
    told = {f"{method.upper()} {path}" for path, methods in description()["paths"].items() for method in methods}
    assert told == set(NAMES)


def test_every_operation_has_a_name_of_its_own_and_a_sentence() -> None:
    operations = [described(route) for route in MACHINE_ROUTES]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"].endswith(".") for operation in operations)


@each_machine_route
def test_every_route_says_who_may_call_it(route: Route) -> None:
    assert route.allow.who in ("anybody", "machine")
    who = [{"client": [route.allow.scope]}] if route.allow.who == "machine" else []
    assert described(route)["security"] == who


def test_the_way_to_a_token_names_every_scope_that_a_route_asks_for() -> None:
    flow = description()["components"]["securitySchemes"]["client"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"].endswith("/oauth/token")
    assert flow["scopes"].keys() == {route.allow.scope for route in MACHINE_ROUTES if route.allow.scope}
    assert flow["scopes"].keys() <= set(SCOPES)


@each_machine_route
def test_every_answer_of_a_route_is_described(route: Route) -> None:
    responses = described(route)["responses"]
    statuses = {*route.answers, *(PROBLEMS[name].status for name in problems_of(route))}
    assert set(responses) == set(map(str, statuses))
    assert all(answer["content"] and "X-Request-ID" in answer["headers"] for answer in responses.values())
    for status, answer in route.answers.items():
        assert set(answer.headers) <= set(responses[str(status)]["headers"])


@each_machine_route
def test_every_problem_that_a_route_can_answer_is_told_under_its_status(route: Route) -> None:
    for name in problems_of(route):
        content = described(route)["responses"][str(PROBLEMS[name].status)]["content"]
        if dialect_of(route.path) == "oauth":  # which has codes of its own
            assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/OAuthErrorOut"}
        else:
            types = content["application/problem+json"]["schema"]["allOf"][1]["properties"]["type"]["enum"]
            assert TYPE_PREFIX + name in types


@each_machine_route
def test_every_parameter_of_a_route_is_described(route: Route) -> None:
    told = {(parameter["in"], parameter["name"]) for parameter in described(route).get("parameters", [])}
    in_path = {("path", name.partition("}")[0]) for name in route.path.split("{")[1:]}
    assert told == {*in_path, *(("query", query.name) for query in route.query)}


def test_the_body_of_a_notice_is_described_part_by_part() -> None:
    body = description()["paths"]["/api/v1/notices"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert list(body["schema"]["properties"]) == ["notice", "attachment"]
    assert body["encoding"]["notice"]["contentType"] == "application/json"
    assert "application/pdf" in body["encoding"]["attachment"]["contentType"]


def problems_named_in_the_code() -> set[str]:
    """Return every type that the code names: `problem="…"` in a call, `problem = "…"` in a class.

    Whoever follows a log from outside has names of his own, which no server answers.
    """
    files = [file for file in SK.rglob("*.py") if file.name not in {"watch.py", "audit.py"}]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    values = [node.value for node in nodes if isinstance(node, ast.keyword) and node.arg == "problem"]
    values += [
        node.value for node in nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "problem"
    ]
    return {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}


def test_every_problem_that_the_code_names_is_in_the_table_and_the_other_way_round() -> None:
    named = problems_named_in_the_code()
    assert named | set(get_args(Reason)) | set(OF_AIOHTTP.values()) == set(PROBLEMS)


def test_every_problem_that_a_route_names_is_in_the_table() -> None:
    assert {name for route in MACHINE_ROUTES for name in route.problems} | set(CHALLENGES) <= set(PROBLEMS)


async def test_the_description_is_there_for_everybody(world: World) -> None:
    async with world.http.get(f"{world.base_url}/api/v1/openapi.json") as answer:
        told = await answer.json()
    assert answer.status == 200
    assert told["servers"] == [{"url": world.base_url}]
    assert told["paths"] == description()["paths"]


async def test_the_type_of_a_problem_is_an_address_that_explains_it(office: Office) -> None:
    for name, problem in PROBLEMS.items():
        answer = await office.get(TYPE_PREFIX + name)
        assert answer.json() == {"type": TYPE_PREFIX + name, "title": problem.title, "status": problem.status}
    (await office.get(TYPE_PREFIX + "bad-luck")).says("not-found", path="/problems/{name}", method="GET")
