"""What it means to be refused: one answer that the description knows, with a stable type, and nothing stored."""

import json
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema_rs
from aiohttp.test_utils import TestServer

from sk.client import AuthorityClient, File
from sk.web.app import all_routes, make_app
from sk.web.openapi import describe
from sk.web.problems import MEDIA_TYPE, PROBLEMS, TYPE_PREFIX
from tests.world import Citizen, World

NOTICES = "/api/v1/notices"
PUBLISHED = (
    "SELECT (SELECT json_extract(body, '$.size') FROM document WHERE kind = 'log_head')"
    " IS (SELECT json_extract(body, '$.size') FROM document WHERE kind = 'checkpoint')"
)
TABLES = ("document", "entry", "event")
Notice = dict[str, Any] | bytes


@dataclass(frozen=True)
class Answer:
    """An answer as it came over the wire."""

    status: int
    headers: Any
    body: bytes

    @property
    def type(self) -> str:
        """The media type."""
        return str(self.headers["Content-Type"]).partition(";")[0]

    def json(self) -> dict[str, Any]:
        """Return the body, read."""
        told: dict[str, Any] = json.loads(self.body)
        return told

    def says(self, problem: str, field: str = "", *, path: str = NOTICES, method: str = "POST") -> dict[str, Any]:
        """Check that this is the one problem, about the one field, and as described; return it."""
        told = self.json()
        expected = {"type": TYPE_PREFIX + problem, "status": PROBLEMS[problem].status, "title": PROBLEMS[problem].title}
        assert {**told, **expected} == told, told
        assert (self.status, self.type, told.get("field", "")) == (told["status"], MEDIA_TYPE, field), told
        assert " " in told["detail"], "a sentence says what is wrong"
        assert all(told.get(fact) for fact in PROBLEMS[problem].more)
        self.is_described(path, method)
        return told

    def is_described(self, path: str = NOTICES, method: str = "POST") -> None:
        """Check that the description of a route foresees this answer, body and headers."""
        described = description()["paths"][path][method.lower()]["responses"][str(self.status)]
        schema = {**described["content"][self.type]["schema"], "components": description()["components"]}
        jsonschema_rs.validator_for(schema).validate(self.json())
        shared = description()["components"]["headers"]
        for name, own in described["headers"].items():
            assert self.headers.get(name) or not shared.get(name, own).get("required"), f"{name} is missing"


@cache
def description() -> dict[str, Any]:
    """Return what `openapi.json` says."""
    return describe(all_routes(trial=True), "http://localhost")


@dataclass(frozen=True)
class Desk:
    """Where an authority posts from: a platform, a token, and somebody to write to."""

    http: aiohttp.ClientSession
    base_url: str
    data: Path
    token: str
    handle: str

    async def get(self, path: str) -> Answer:
        """Ask for something, with the token."""
        async with self.http.get(self.base_url + path, headers=self._with_token()) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def send(
        self, body: bytes | Mapping[str, str] | aiohttp.FormData, path: str = NOTICES, **headers: str
    ) -> Answer:
        """Post any body, with the token unless the headers say otherwise."""
        told = {**self._with_token(), **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with self.http.post(self.base_url + path, data=body, headers=told) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def post(self, notice: Notice, files: Sequence[File] = (), query: str = "") -> Answer:
        """Post a notice with files; what it declares of them is true unless it says otherwise."""
        if isinstance(notice, dict):
            notice = json.dumps({"attachments": [file.declared() for file in files], **notice}).encode()
        return await self.send(
            parts(("notice", notice), *(("attachment", file.data) for file in files)), NOTICES + query
        )

    async def is_refused(
        self, notice: Notice, files: Sequence[File] = (), query: str = "", *, problem: str, field: str = ""
    ) -> dict[str, Any]:
        """Post a notice, check that it is refused for one reason and that nothing is stored; return the problem."""
        async with nothing_stored(self.data):
            answer = await self.post(notice, files, query)
        return answer.says(problem, field)

    def _with_token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Office(Desk):
    """A desk on a platform that lives within the test."""

    world: World
    authority: AuthorityClient
    citizen: Citizen

    @asynccontextmanager
    async def with_other(self, **services: Any) -> AsyncIterator["Office"]:
        """Have the same platform served with some of its services exchanged."""
        async with TestServer(make_app(replace(self.world.web, **services))) as server:
            yield replace(self, base_url=str(server.make_url("")).rstrip("/"))


async def open_office(world: World, **card: Any) -> Office:
    """Register an authority and a citizen, and get a token."""
    authority, citizen = await world.authority(**card), await world.citizen()
    desk = (world.http, world.base_url, world.data, await authority.token(), citizen.handle)
    return Office(*desk, world, authority, citizen)


@asynccontextmanager
async def nothing_stored(data: Path) -> AsyncIterator[None]:
    """Check that store and object store hold after the block what they held before it, byte for byte."""
    before = stored(data)
    yield
    assert stored(data) == before


def stored(data: Path) -> frozenset[object]:
    """Return every row of the store, and every object, also one that is half written."""
    with closing(sqlite3.connect(f"file:{data}/store.db?mode=ro", uri=True)) as db:
        rows = [(table, *row) for table in TABLES for row in db.execute(f"SELECT * FROM {table}")]  # noqa: S608 - ours
    return frozenset((*rows, *objects(data)))


def is_quiet(data: Path) -> bool:
    """Tell whether nothing is written any more unasked: all is in the log and published, and no event is due."""
    with closing(sqlite3.connect(f"file:{data}/store.db?mode=ro", uri=True)) as db:
        waiting = db.execute("SELECT count(*) FROM entry WHERE name = 'unsequenced'").fetchone()[0]
        due = db.execute("SELECT count(*) FROM event WHERE due <= ?", (time.time() * 1_000_000,)).fetchone()[0]
        return not waiting and not due and bool(db.execute(PUBLISHED).fetchone()[0])


def objects(data: Path) -> list[tuple[str, int]]:
    """Return the objects, also those that are half written, with their sizes; one that goes meanwhile is gone."""
    found = list[tuple[str, int]]()
    for file in (data / "objects").rglob("*"):
        with suppress(FileNotFoundError):
            found += [(str(file), file.stat().st_size)] if file.is_file() else []
    return found


def parts(*named: tuple[str, bytes]) -> aiohttp.FormData:
    """Return a multipart body of these parts, in this order."""
    form = aiohttp.FormData(default_to_multipart=True)
    for name, data in named:
        form.add_field(name, BytesIO(data), filename=name, content_type="application/octet-stream")
    return form
