"""Whole tables are held to: who may call which route, which handler serves which event, who imports whom."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sk.auth.authority import SCOPES
from sk.crypto.keyring import ROLES
from sk.events import Event, NoticeEvent, WatchEvent
from sk.evidence.steps import STEPS
from sk.owners import OWNERS
from sk.store.port import declared_kinds
from sk.web.app import all_routes
from sk.workers.table import CONSUMERS, HANDLERS, WORKERS

ROOT = Path(__file__).parent.parent
NOUNS = {"sk.clock", "sk.disk", "sk.errors", "sk.events", "sk.ids", "sk.log", "sk.sockets"}
PORTS = {"sk.store.port", "sk.objects.port", "sk.bus.port", "sk.mail.port"}
ADAPTERS = {
    "sk.store.sqlite",
    "sk.store.mongo",
    "sk.objects.files",
    "sk.objects.s3",
    "sk.bus.local",
    "sk.bus.rabbit",
    "sk.mail.smtp",
}
BY_MAIL = {"/konto/email", "/konto/email/bestaetigen"}
"""Pages of an account to which a mail leads: the code in its link says whose."""
PERSONAL = ("/postfach", "/safe", "/abmelden", "/konto", "/behoerde")
PAGES = ("pages", "api", "tokens", "feed", "evidence", "intake", "simulator_page")
"""How modules end that answer requests, and may know the web."""
OUTERMOST = ("sk.commands", "sk.cli", "sk.__main__", "sk.demo", "sk.up")
LIBRARIES_OF_ONE_ADAPTER = {"minio": "sk.objects.s3", "aio_pika": "sk.bus.rabbit", "pymongo": "sk.store.mongo"}


@cache
def modules() -> dict[str, Path]:
    """Return every module of the package by its name."""
    files = (ROOT / "sk").rglob("*.py")
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imports(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@cache
def ours(file: Path) -> set[str]:
    """Return those of our modules that a file imports."""
    return {name for name in imports(file) if name in modules()}


def test_nouns_import_nothing_but_nouns() -> None:
    for name in NOUNS:
        assert ours(modules()[name]) <= NOUNS | {"sk"}, name


def test_ports_know_no_domain() -> None:
    for name in PORTS:
        assert ours(modules()[name]) <= NOUNS | {"sk"}, name


def test_cryptography_knows_no_domain() -> None:
    for name, file in modules().items():
        if name.startswith("sk.crypto."):
            assert all(used in NOUNS or used.startswith("sk.crypto") for used in ours(file)), name


def test_adapters_are_picked_in_one_place() -> None:
    for name, file in modules().items():
        if name != "sk.services":
            picked = ours(file) & ADAPTERS
            assert not picked or name in ADAPTERS or name.startswith(("sk.store.", "sk.objects.", "sk.bus.")), name


def test_nobody_imports_the_command_line() -> None:
    for name, file in modules().items():
        if not name.startswith(OUTERMOST):
            assert not [used for used in ours(file) if used.startswith(OUTERMOST)], name


def test_workers_hold_nothing_of_the_web() -> None:
    for name, file in modules().items():
        if name.startswith("sk.workers."):
            assert not [used for used in ours(file) if used.startswith("sk.web")], name


def test_what_answers_no_requests_knows_nothing_of_the_web() -> None:
    for name, file in modules().items():
        if name.startswith(("sk.auth.", "sk.postbox.", "sk.safe.", "sk.evidence.")) and not name.endswith(PAGES):
            assert not [used for used in ours(file) if used.startswith("sk.web")], name


def users_of(library: str) -> set[str]:
    """Return the modules that import a library."""
    return {name for name, file in modules().items() for used in imports(file) if used.split(".")[0] == library}


def test_motor_which_is_feature_frozen_is_imported_in_one_module() -> None:
    assert users_of("motor") == {"sk.store.mongo"}


@pytest.mark.parametrize(("library", "adapter"), LIBRARIES_OF_ONE_ADAPTER.items())
def test_a_library_behind_a_port_is_imported_by_its_adapter_alone(library: str, adapter: str) -> None:
    users = users_of(library)
    assert users
    assert all(name == adapter or name.startswith(f"{adapter}_") for name in users)


def test_bytes_of_strangers_are_parsed_in_modules_that_import_nothing_of_ours_but_their_limits() -> None:
    assert users_of("PIL") == users_of("pypdfium2") == {"sk.render.job"}
    assert users_of("zipfile") == {"sk.render.unpack", "sk.zipped"}  # the other one makes archives
    for name in ("job", "unpack"):
        assert ours(modules()[f"sk.render.{name}"]) == {"sk.render.confined"}
    assert ours(modules()["sk.render.confined"]) == set()


def test_the_process_that_starts_it_knows_neither_store_nor_keys() -> None:
    known, new = set[str](), {"sk.commands.render"}
    while new:
        known |= new
        new = {used for name in new for used in ours(modules()[name])} - known

    commands = {"sk.commands.render", "sk.commands.common"}
    assert known <= NOUNS | commands | {"sk.process", "sk.render.serve", "sk.renderer"}


def test_every_event_has_a_handler() -> None:
    only_inherited: set[type[Event]] = {NoticeEvent, WatchEvent}
    assert set(HANDLERS) == set(Event.types.values()) - only_inherited


def test_everything_that_has_objects_is_backed_up_and_looked_at() -> None:
    having = {name for name, kind in declared_kinds().items() if "objects" in kind.model_fields}

    assert having == set(OWNERS)


def test_every_worker_is_one_that_can_be_started() -> None:
    assert set(CONSUMERS) < set(WORKERS)
    assert set(ROLES) - {"web"} <= set(WORKERS)


def test_every_scope_that_a_route_asks_for_can_be_had() -> None:
    asked = {route.allow.scope for route in all_routes(trial=True) if route.allow.who == "machine"}
    assert asked <= set(SCOPES)


def test_every_page_of_a_person_and_every_machine_route_is_behind_a_check() -> None:
    for route in all_routes(trial=True):
        if route.path.startswith("/api/v1/") and route.path != "/api/v1/openapi.json":
            assert route.allow.who == "machine", route.path
        if route.path.startswith(PERSONAL) and route.path not in BY_MAIL:
            assert route.allow.who == "citizen", route.path
        if route.path.startswith("/dev/"):
            assert route.allow.who in ("loopback", "trial"), route.path


def test_routes_for_a_trial_are_not_there_elsewhere() -> None:
    elsewhere = all_routes(trial=False)
    assert not [route for route in elsewhere if route.allow.who in ("loopback", "trial")]
    assert not [route for route in elsewhere if route.path.startswith("/dev/")]


def test_every_step_is_signed_by_a_key_that_one_role_alone_holds() -> None:
    for step, (key, *_) in STEPS.items():
        assert len([role for role, keys in ROLES.items() if key in keys]) == 1, step


def test_kinds_of_aggregates_have_names_of_their_own() -> None:
    kinds = [cls.__name__ for cls in declared_kinds().values()]
    assert len(kinds) == len(set(kinds))
