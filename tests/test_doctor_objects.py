"""`sk doctor --objects` says of a store that is in order that it will do, and of every other why it will not."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from aiohttp import web

from sk.doctor_objects import examine_objects, verdict
from sk.doctor_objects_checks import Sizes
from sk.finding import Finding
from sk.objects.files import open_files
from sk.objects.port import ObjectStore, Remark, new_object_name
from sk.objects.s3 import open_s3
from tests.faulty_objects import (
    ChangesBytes,
    FailsFor,
    Faulty,
    ForgetsNames,
    KeepsWhatIsDeleted,
    LosesParts,
    RepeatsNames,
    SaysNothing,
    ShowsWhatBrokeOff,
    TruncatesRanges,
    answer_busily,
    answer_carelessly,
    ends_uploads,
    lifecycle,
    serving,
    xml,
)
from tests.process import run_sk
from tests.servers import Servers

TODAY = date(2026, 11, 23)
SMALL = Sizes(part=20_000, large=300_000, at_once=4, listed=20)


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[ObjectStore]:
    """Return an object store in a folder."""
    async with open_files(tmp_path / "objects") as objects:
        yield objects


async def looked_at(objects: ObjectStore | Faulty, sizes: Sizes = SMALL) -> tuple[list[Finding], list[Finding]]:
    """Return what is wrong with a store, and what is not."""
    found = [finding async for finding in examine_objects(cast("ObjectStore", objects), TODAY, sizes)]
    return [one for one in found if not one.is_remark], [one for one in found if one.is_remark]


def about(findings: list[Finding]) -> list[str]:
    return [finding.sentence.partition(":")[0] for finding in findings]


async def everything(objects: ObjectStore) -> list[str]:
    """Return all names that the check has, and what it leaves unfinished."""
    return [*[name async for name in objects.listed("check/")], *await objects.unfinished()]


async def test_a_folder_will_do_and_nothing_is_left_in_it(files: ObjectStore) -> None:
    broken, kept = await looked_at(files)

    assert broken == []
    assert {"an object of four parts", "ranges", "a list of 20", "syncing", "room", "cleaning up"} < set(about(kept))
    assert verdict(broken).startswith("the object store will do:")
    assert await everything(files) == []


async def test_a_real_s3_server_will_do_and_nothing_is_left_on_it(servers: Servers) -> None:
    server = servers.shared("s3")
    url = server.url()
    async with open_s3(url) as objects:
        broken, kept = await looked_at(objects, Sizes(large=12_000_000, at_once=2, listed=40))

    assert broken == []
    said = {finding.sentence.partition(": ")[0]: finding.sentence.partition(": ")[2] for finding in kept}
    assert said["somebody with a wrong secret"] == "is refused (403 SignatureDoesNotMatch)"
    assert said["somebody without a key"].startswith("is refused")
    assert said["a bucket that is not there"].endswith("(404 NoSuchBucket)")
    assert said["bytes with a wrong digest"] == "are not taken (400 BadDigest)"
    assert said["an upload that nobody ends"].endswith("until then it is listed as begun")
    bucket = server.folder / "data" / url.partition("?")[0].rpartition("/")[2]
    assert [path for path in bucket.rglob("*") if path.is_file()] == []


async def test_a_folder_in_which_nothing_can_be_renamed_is_told_why(tmp_path: Path) -> None:
    with TemporaryDirectory(dir="/dev/shm") as elsewhere:
        (tmp_path / "incoming").symlink_to(elsewhere)
        async with open_files(tmp_path) as objects:
            broken, _ = await looked_at(objects)

    said = [finding.sentence for finding in broken]
    assert "a small object: the object store's folder refuses: Invalid cross-device link" in said
    assert said[-1].startswith("names: ")
    assert said[-1].endswith("put both on one")


async def test_what_is_there_stays_and_no_search_among_the_days_sees_the_check(files: ObjectStore) -> None:
    theirs, data = new_object_name(TODAY), os.urandom(1000)
    await files.put(theirs, data)

    async for finding in examine_objects(files, TODAY, SMALL):
        assert await files.days() == [TODAY], finding
        assert [name async for name in files.names(TODAY)] == [theirs], finding
    assert b"".join([block async for block in files.read(theirs)]) == data


@pytest.mark.parametrize(
    ("kind", "sizes", "expected"),
    [
        (TruncatesRanges, SMALL, ["ranges"]),
        (ForgetsNames, Sizes(part=1000, large=1000, at_once=1), ["a list of 1,100"]),
        (RepeatsNames, Sizes(part=1000, large=1000, at_once=1), ["a list of 1,100"]),
        (ShowsWhatBrokeOff, SMALL, ["a wrong length", "an upload that breaks off"]),
        (
            LosesParts,
            Sizes(part=999, large=300_000, at_once=4, listed=20),
            [
                "a small object",
                "an object of two parts",
                "an object of four parts",
                "ranges",
                "4 at once",
                "a large object of 0 MB",
            ],
        ),
    ],
)
async def test_a_store_that_breaks_a_promise_will_not_do_and_is_told_which(
    kind: type[Faulty], sizes: Sizes, expected: list[str], files: ObjectStore
) -> None:
    faulty = kind(files)
    if isinstance(faulty, LosesParts):
        faulty.part = sizes.part
    broken, kept = await looked_at(faulty, sizes)

    assert about(broken) == expected
    assert len(kept) > 8
    assert verdict(broken).startswith(f"the object store will not do, because of: {'; '.join(expected)}. ")
    assert await everything(files) == []


async def test_the_sentence_says_what_was_asked_for_and_what_came(files: ObjectStore) -> None:
    [ranges], _ = await looked_at(TruncatesRanges(files))
    assert ranges.sentence.startswith("ranges: bytes 1,000 to 2,000 of 41,000 were asked for, and 999 others came")

    [length, *_], _ = await looked_at(ShowsWhatBrokeOff(files))
    assert "an object with 39,999 bytes of 40,000 can be seen, with 10 bytes" in length.sentence


async def test_a_store_that_gives_back_other_bytes_is_told(files: ObjectStore) -> None:
    broken, _ = await looked_at(ChangesBytes(files))

    assert "an object of one part" in about(broken)
    assert "their SHA-256 is not the same" in broken[0].sentence


async def test_a_store_that_deletes_nothing_is_told_and_so_is_that_the_check_is_still_there(files: ObjectStore) -> None:
    broken, _ = await looked_at(KeepsWhatIsDeleted(files))

    assert about(broken) == ["deleting", "cleaning up"]
    assert "objects that were deleted are still listed under check/objects-" in broken[1].sentence


async def test_an_answer_that_nobody_can_read_is_a_finding_and_ends_nothing(files: ObjectStore) -> None:
    broken, kept = await looked_at(SaysNothing(files))

    assert "a small object: its answer cannot be read (ValueError('not well-formed'))" in [
        finding.sentence for finding in broken
    ]
    assert {"ranges", "cleaning up"} < set(about(kept))
    assert await everything(files) == []


async def test_a_store_that_is_away_for_a_while_is_told_and_nothing_is_left(files: ObjectStore) -> None:
    broken, _ = await looked_at(FailsFor(files, after=10, times=3))

    assert [finding.sentence for finding in broken] == ["a list of 20: the object store does not answer: SlowDown"]
    await asyncio.sleep(0.2)  # whatever still comes would have come
    assert await everything(files) == []


@pytest.mark.parametrize("after", [1, 4, 9, 14])
async def test_a_check_that_is_ended_half_way_leaves_nothing(files: ObjectStore, after: int) -> None:
    async with aclosing(examine_objects(files, TODAY, SMALL)) as findings:
        for _ in range(after):
            await anext(findings)

    assert await everything(files) == []


async def test_what_a_killed_check_has_left_is_removed_a_day_later_and_what_another_does_now_is_not(
    files: ObjectStore,
) -> None:
    left, running = "check/objects-2026-11-21-killed-1", "check/objects-2026-11-22-goes-on-1"
    for name in (left, running, "check/of-a-process-that-looks"):
        await files.put(name, b"x")

    _, kept = await looked_at(files)

    assert kept[0].sentence == "an earlier check: what it has left behind is removed (1)"
    assert await everything(files) == [running, "check/of-a-process-that-looks"]


async def test_a_store_that_refuses_everything_is_asked_nothing_more(servers: Servers) -> None:
    async with open_s3(servers.shared("s3").url().replace(":tests-secret@", ":other-secret@")) as objects:
        broken, kept = await looked_at(objects)

    assert [finding.sentence for finding in broken] == [
        "writing and deleting: the object store does not answer: SignatureDoesNotMatch"
    ]
    assert kept == []


async def test_a_store_that_is_always_busy_will_not_do() -> None:
    async with serving(answer_busily) as url, open_s3(url) as objects:
        broken, kept = await looked_at(objects)

    assert about(broken) == ["writing and deleting"]
    assert kept == []


async def remarks_of(url: str) -> dict[str, Remark]:
    """Return what an S3 server says when it is asked what only such a one can be asked."""
    async with open_s3(url) as objects:
        told = [remark async for remark in objects.examine("check/objects-")]
    return {remark.sentence.partition(":")[0]: remark for remark in told}


async def test_an_s3_server_that_anybody_may_use_and_that_keeps_and_loses_the_wrong_things_will_not_do() -> None:
    async with serving(answer_carelessly) as url:
        told = await remarks_of(url)

    assert [name for name, remark in told.items() if remark.is_harmful] == [
        "somebody with a wrong secret",
        "somebody without a key",
        "folders",
        "an upload that nobody ends",
        "rules of the bucket",
    ]
    assert "can read objects: close the bucket" in told["somebody without a key"].sentence
    assert "keeps its parts after it was taken back" in told["an upload that nobody ends"].sentence
    assert "old deletes objects when they are old enough" in told["rules of the bucket"].sentence
    assert "erasure.md" in told["older versions"].sentence
    assert "are taken" in told["bytes with a wrong digest"].sentence
    assert "will be said to be missing" in told["a bucket that is not there"].sentence


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (ends_uploads(3), "is cleared away after 3 days"),
        (f"<Filter><Prefix></Prefix></Filter>{ends_uploads(2)}", "is cleared away after 2 days"),
        (f"<Filter><Prefix>check/</Prefix></Filter>{ends_uploads(2)}", "none clears away"),
        ("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", "none clears away"),
        ("<Filter></Filter>", "are not told"),
    ],
)
async def test_the_rules_of_a_bucket_are_told_in_words(rule: str, said: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        return xml(lifecycle(rule)) if "lifecycle" in request.query else await answer_carelessly(request)

    async with serving(answer) as url:
        told = (await remarks_of(url))["rules of the bucket"]

    assert said in told.sentence
    assert not told.is_harmful


def test_the_command_asks_the_store_alone_and_leaves_no_installation_behind(tmp_path: Path) -> None:
    asked = run_sk(tmp_path, {"SK_DATA": "data"}, "doctor", "--objects")

    assert (asked.returncode, asked.stdout) == (0, "the object store will do: it keeps all that was asked of it\n")
    assert "note: a large object of 200 MB: were written in " in asked.stderr
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["objects"]
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_the_command_exits_with_1_and_says_why(tmp_path: Path, s3_url: str) -> None:
    closed = {"SK_OBJECTS": s3_url.replace(":tests-secret@", ":other-secret@")}
    asked = run_sk(tmp_path, closed, "doctor", "--objects")

    assert asked.returncode == 1
    assert asked.stdout.startswith("writing and deleting: ")
    assert "will not do, because of: writing and deleting. " in asked.stdout.splitlines()[-1]


def test_the_command_goes_alone(tmp_path: Path) -> None:
    assert "--objects goes alone" in run_sk(tmp_path, {}, "doctor", "--objects", "--repair").stderr
