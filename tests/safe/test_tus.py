"""Uploads that go on where they broke off, step by step, as the specification of tus 1.0.0 has it."""

import hashlib
from base64 import b64encode

import pytest

from sk.safe.upload import STREAMS_MAX
from sk.safe.upload_steps import own_upload
from tests.safe.uploads import BYTES, Uploader, bytes_of, is_empty, is_problem, kept_in, objects_in
from tests.world import Citizen, World

DATA = bytes(range(256)) * 400


def checksum(algorithm: str, data: bytes) -> dict[str, str]:
    """Return the header that says what the checksum of some bytes is."""
    digest = hashlib.new(algorithm, data, usedforsecurity=False).digest()
    return {"Upload-Checksum": f"{algorithm} {b64encode(digest).decode()}"}


async def test_what_comes_in_one_go_is_a_document(world: World, erika: Citizen, tus: Uploader) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")

    answer = await tus.patch(path, 0, DATA)

    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(DATA))), answer.text
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert len(await objects_in(world)) == 1


async def test_what_comes_in_parts_is_one_document(world: World, erika: Citizen, tus: Uploader) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")

    for start in range(0, len(DATA), 30_000):
        answer = await tus.patch(path, start, DATA[start : start + 30_000])
        assert answer.status == 204, answer.text
        assert answer.headers["Upload-Offset"] == str(await tus.offset(path))

    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    entry = (await kept_in(world, erika))["Zeugnis.bin"]
    assert (entry.size, entry.versions) == (len(DATA), 1)


async def test_a_client_is_told_what_can_be_done_whichever_version_it_speaks(tus: Uploader) -> None:
    answer = await tus.tab.ask("OPTIONS", "/safe/tus", headers={"Tus-Resumable": "0.2.2"})

    told = {name: answer.headers[name] for name in answer.headers if name.startswith("Tus-")}
    assert (answer.status, told) == (
        204,
        {
            "Tus-Resumable": "1.0.0",
            "Tus-Version": "1.0.0",
            "Tus-Extension": "creation,checksum,expiration,termination",
            "Tus-Checksum-Algorithm": "sha256,sha1",
            "Tus-Max-Size": "1073741824",
        },
    )


@pytest.mark.parametrize("version", ["1.0.1", "0.2.2", "", None])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
async def test_nothing_is_done_for_a_client_of_another_version(tus: Uploader, method: str, version: str | None) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    sent = {"Content-Type": BYTES, "Upload-Offset": "0", "Upload-Length": "5", "Upload-Metadata": "filename eA=="}
    spoken = {"Tus-Resumable": version} if version is not None else {}
    headers = {"X-CSRF-Token": tus.tab.csrf, **sent, **spoken}

    answer = await tus.tab.ask(method, "/safe/tus" if method == "POST" else path, headers=headers)

    assert (answer.status, answer.headers["Tus-Version"], answer.headers["Tus-Resumable"]) == (412, "1.0.0", "1.0.0")
    assert method == "HEAD" or is_problem(answer, "tus-version")
    assert await tus.offset(path) == 0


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"Upload-Offset": "0"}, "upload-offset"),
        ({"Upload-Offset": "101"}, "upload-offset"),
        ({"Upload-Offset": "x"}, "malformed"),
        ({"Upload-Offset": ""}, "malformed"),
        ({"Content-Type": "application/octet-stream"}, "unsupported-type"),
        ({"Upload-Checksum": "crc32 AAAA"}, "malformed"),
        ({"Upload-Checksum": "sha1 ä"}, "malformed"),
        ({"Upload-Checksum": "sha1"}, "checksum-mismatch"),
        (checksum("sha1", b"other"), "checksum-mismatch"),
        (checksum("sha256", b"other"), "checksum-mismatch"),
    ],
)
async def test_what_does_not_fit_changes_nothing(
    world: World, erika: Citizen, tus: Uploader, changes: dict[str, str], problem: str
) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    await tus.patch(path, 0, DATA[:100])
    before = await objects_in(world)

    assert is_problem(await tus.patch(path, 100, DATA[100:200], **changes), problem)

    assert await tus.offset(path) == 100
    assert await objects_in(world) == before
    assert (await tus.patch(path, 100, DATA[100:])).status == 204
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_what_has_the_checksum_that_came_with_it_is_taken(
    world: World, erika: Citizen, tus: Uploader, algorithm: str
) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    answer = await tus.patch(path, 0, DATA, **checksum(algorithm, DATA))

    assert answer.status == 204
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


async def test_more_than_was_announced_is_refused_and_what_came_before_stays(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    await tus.patch(path, 0, DATA[:100])

    assert is_problem(await tus.patch(path, 100, DATA[100:] + b"x"), "attachment-size")

    assert await tus.offset(path) == 100
    assert (await tus.patch(path, 100, DATA[100:])).status == 204
    assert is_problem(await tus.patch(path, len(DATA), b"x"), "attachment-size")
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


async def test_whoever_sends_nothing_changes_nothing(world: World, erika: Citizen, tus: Uploader) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    for offset, data in ((0, b""), (0, DATA[:100]), (100, b""), (100, DATA[100:]), (len(DATA), b"")):
        answer = await tus.patch(path, offset, data)
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(offset + len(data)))

    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert len(await objects_in(world)) == 2


async def test_a_client_that_waits_to_send_is_not_asked_for_what_is_refused(tus: Uploader) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    async with tus.sending(path, 7, len(DATA), b"", Expect="100-continue") as wire:
        assert (await wire.answer()).status == 409
    async with tus.sending(path, 0, len(DATA), b"", Expect="100-continue") as wire:
        assert await wire.reader.readline() == b"HTTP/1.1 100 Continue\r\n"


async def test_an_upload_comes_in_so_many_parts_and_no_more(world: World, erika: Citizen, tus: Uploader) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    await tus.patch(path, 0, DATA[:1])
    upload, plan, safe = await own_upload(path.rpartition("/")[2], erika.account.id, world.web)
    many = plan.model_copy(update={"streams": plan.streams * STREAMS_MAX})
    upload.keep(erika.account.id, many, safe.own)
    await world.web.store.save(upload)

    assert is_problem(await tus.patch(path, STREAMS_MAX, DATA[STREAMS_MAX:]), "too-many-parts")

    assert await tus.offset(path) == STREAMS_MAX


async def test_a_client_that_can_only_post_says_what_it_means(world: World, erika: Citizen, tus: Uploader) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    sent = {**tus.headers, "Content-Type": BYTES, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    answer = await tus.tab.ask("POST", path, headers=sent, data=DATA)
    assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(len(DATA)))

    asked = {**tus.headers, "X-HTTP-Method-Override": "HEAD"}
    assert (await tus.tab.ask("POST", path, headers=asked)).headers["Upload-Offset"] == str(len(DATA))
    for method in ("POST", "PATCH"):  # whatever the method is
        told = await tus.tab.ask(method, path, headers={**tus.headers, "X-HTTP-Method-Override": "PUT"})
        assert is_problem(told, "method-not-allowed")
        assert told.headers["Allow"] == "DELETE,HEAD,PATCH"
    assert is_problem(await tus.tab.ask("POST", path, headers=tus.headers), "method-not-allowed")
    gone = await tus.tab.ask("PATCH", path, headers={**tus.headers, "X-HTTP-Method-Override": "DELETE"})
    assert (gone.status, (await tus.head(path)).status) == (204, 404)
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA


async def test_what_is_given_up_is_gone_with_its_bytes_and_its_room(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    await tus.patch(path, 0, DATA[:100])

    answer = await tus.delete(path)

    assert (answer.status, answer.body) == (204, b"")
    assert is_problem(await tus.patch(path, 100, DATA[100:]), "not-found")
    assert is_problem(await tus.delete(path), "not-found")
    head = await tus.head(path)
    assert (head.status, "Upload-Offset" in head.headers) == (404, False)
    assert await is_empty(world, erika)


async def test_what_an_upload_has_become_stays_when_that_is_given_up(
    world: World, erika: Citizen, tus: Uploader
) -> None:
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    await tus.patch(path, 0, DATA)

    assert (await tus.delete(path)).status == 204

    await world.settle()
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert (await tus.head(path)).status == 404
