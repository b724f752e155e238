"""The description drives a fuzzer against a served platform: whatever it sends, the answer is one that is described."""

import asyncio
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import SerializationNotPossible
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sk.client import File
from sk.doctor import examine
from sk.postbox.notice import Notice
from tests.fakes import WallClock
from tests.refusals import NOTICES
from tests.world import open_world

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
POST = (NOTICES, "POST")
EACH = 100
Change = Callable[[Case[Any]], None]


class Fuzzer:
    """Sends what the description allows, and what it does not, and holds every answer to it."""

    def __init__(self, base_url: str, token: str) -> None:
        """Read the description as any client does."""
        self.http = requests.Session()
        self.schema = schemathesis.openapi.from_url(f"{base_url}/api/v1/openapi.json")
        self.token = {"Authorization": f"Bearer {token}"}
        self.sent: Counter[tuple[str, str, int]] = Counter()

    def send(self, path: str, method: str, mode: GenerationMode, number: int, change: Change, *, token: bool) -> None:
        """Send requests of one kind; what cannot be wrong, because it takes nothing, is not sent wrongly."""

        @settings(
            max_examples=number,
            derandomize=True,  # the same requests in every run, so that a failure is one for everybody
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=self.schema[path][method].as_strategy(generation_mode=mode))
        def send(case: Case[Any]) -> None:
            change(case)
            try:
                response = case.call(session=self.http, headers=self.token if token else None, timeout=30)
            except SerializationNotPossible:
                reject()  # what has no form as multipart cannot be sent
            self.sent[path, method, response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        try:
            send()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, (path, method)


def as_it_is(case: Case[Any]) -> None:
    """Change nothing, but do not wait: `wait` may be a minute."""
    if "wait" in case.query:
        case.query["wait"] = 0


def made_true(handle: str) -> Change:
    """Return what makes a notice acceptable: a recipient who exists, the sizes and digests of the files that follow.

    Other content gets another reference; the same again is a replay.
    """

    def change(case: Case[Any]) -> None:
        body = cast("dict[str, Any]", case.body)
        notice: dict[str, Any] = body["notice"]
        files = [text.encode().replace(b"\0", b"") or b"-" for text in body.get("attachment", [])][:20]
        names = [declared["name"] for declared in notice.get("attachments", [])] + ["anlage.txt"] * len(files)
        notice["attachments"] = [File(*of, "text/plain").declared() for of in zip(names, files, strict=False)]
        notice |= {"to": handle, "publish_at": None}
        notice |= {"law": "ozg-9"} if notice["kind"] == "verwaltungsakt" else {}
        notice["reference"] = f"{notice['reference'][:90]} {sha256(repr(notice).encode()).hexdigest()[:16]}"
        case.query = {}
        case.body = cast("Any", {"notice": notice, "attachment": files})

    return change


@pytest.mark.timeout(300)  # it keeps a core busy for half a minute, and may have to share it
async def test_whatever_a_machine_sends_is_answered_as_described(tmp_path: Path) -> None:
    async with open_world(tmp_path / "data", WallClock()) as world:
        authority, citizen = await world.authority(), await world.citizen()
        fuzzer = await asyncio.to_thread(Fuzzer, world.base_url, await authority.token())
        await asyncio.to_thread(drive, fuzzer, citizen.handle)
        notices = await world.web.store.scan(Notice)
        findings = [found async for found in examine(world.web, all_days=True) if not found.is_remark]

    posted = {status: number for (path, method, status), number in fuzzer.sent.items() if (path, method) == POST}
    assert fuzzer.sent.total() >= 2000
    assert sum(posted.values()) == 300
    assert posted[202] == len(notices) >= 100
    assert findings == []


def drive(fuzzer: Fuzzer, handle: str) -> None:
    """Send 300 notices, half of them made true, and 1,700 other requests, half of them without a token."""
    good, bad = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    fuzzer.send(*POST, good, 150, made_true(handle), token=True)
    fuzzer.send(*POST, good, 50, as_it_is, token=True)
    fuzzer.send(*POST, bad, 50, as_it_is, token=True)
    fuzzer.send(*POST, good, 25, as_it_is, token=False)
    fuzzer.send(*POST, bad, 25, as_it_is, token=False)
    others = [(path, method.upper()) for path in fuzzer.schema for method in fuzzer.schema[path]]
    others.remove(POST)
    for (path, method), mode, token in product(others, (good, bad), (True, False)):
        fuzzer.send(path, method, mode, EACH, as_it_is, token=token)
