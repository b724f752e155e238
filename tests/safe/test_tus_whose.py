"""Uploads of others are as unknown as none; and whoever writes into the database gains nothing by it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from sk.auth.journal import belongs_to
from sk.safe.upload import Upload
from tests.safe.uploads import BYTES, Uploader, bytes_of, is_problem, kept_in, objects_in, uploader
from tests.security.alarms import Alarms
from tests.security.intruder import Intruder, intrusion
from tests.security.tab import Answer
from tests.world import Citizen, World

DATA = bytes(range(256)) * 400
HALF = 30_000


async def ask_all(tus: Uploader, path: str, **headers: str | None) -> dict[str, Answer]:
    """Send every request that there is, with other headers than right ones; None leaves one out."""
    right = {**tus.headers, "Content-Type": BYTES, "Upload-Offset": str(HALF), "Upload-Length": "5"}
    changed = {**right, "Upload-Metadata": "filename eA==", **{n.replace("_", "-"): v for n, v in headers.items()}}
    sent = {name: value for name, value in changed.items() if value is not None}
    told = {}
    for method, to in (("OPTIONS", "/safe/tus"), ("POST", "/safe/tus"), ("HEAD", path), ("PATCH", path)):
        data = DATA[HALF:] if method == "PATCH" else None
        told[method] = await tus.tab.ask(method, to, headers=sent, data=data)
    for method in ("DELETE", "PATCH"):
        override = {**sent, "X-HTTP-Method-Override": method}
        told[f"POST {method}"] = await tus.tab.ask("POST", path, headers=override)
    told["DELETE"] = await tus.tab.ask("DELETE", path, headers=sent)
    return told


async def begun(world: World) -> tuple[Citizen, Uploader, str]:
    """Have somebody upload a half; return who, with what client, and where to."""
    erika = await world.citizen()
    tus = await uploader(world, erika)
    path = await tus.begun(len(DATA), "Zeugnis.bin")
    await tus.patch(path, 0, DATA[:HALF])
    return erika, tus, path


async def goes_on(world: World, erika: Citizen, tus: Uploader, path: str) -> bool:
    """Check that an upload is still where it was, and becomes what it should; it is true then."""
    assert await tus.offset(path) == HALF
    assert (await tus.patch(path, HALF, DATA[HALF:])).status == 204
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert len(await kept_in(world, erika)) == 1
    return True


async def test_an_upload_of_somebody_else_is_as_unknown_as_none(world: World) -> None:
    erika, tus, path = await begun(world)
    mallory = await uploader(world, await world.citizen("mallory"))

    told = await ask_all(mallory, path)
    unknown = await ask_all(mallory, f"/safe/tus/{'a' * 26}")

    statuses = {name: answer.status for name, answer in told.items()}
    assert statuses == {"OPTIONS": 204, "POST": 201, **dict.fromkeys(list(told)[2:], 404)}
    assert statuses == {name: answer.status for name, answer in unknown.items()}
    assert {told[name].body for name in ("PATCH", "DELETE")} == {unknown["PATCH"].body}
    assert await goes_on(world, erika, tus, path)


async def test_whoever_is_not_logged_in_does_nothing(world: World) -> None:
    erika, tus, path = await begun(world)
    nobody = replace(tus, tab=replace(tus.tab, token=""))

    told = await ask_all(nobody, path)

    assert {answer.status for answer in told.values()} == {403}
    assert all(is_problem(answer, "not-logged-in") for name, answer in told.items() if name != "HEAD")
    assert told["HEAD"].headers["Tus-Resumable"] == "1.0.0"
    assert await goes_on(world, erika, tus, path)


async def test_a_session_that_has_ended_is_none_and_the_next_one_goes_on(world: World) -> None:
    erika, tus, path = await begun(world)
    world.clock.advance(minutes=31)

    assert {answer.status for answer in (await ask_all(tus, path)).values()} == {403}

    assert await goes_on(world, erika, await uploader(world, erika), path)


@pytest.mark.parametrize("token", [None, "", "x" * 43], ids=["none", "empty", "made up"])
async def test_what_comes_without_the_token_of_the_session_does_nothing(world: World, token: str | None) -> None:
    erika, tus, path = await begun(world)
    looked_at = ("OPTIONS", "HEAD")

    told = await ask_all(tus, path, X_CSRF_Token=token)

    assert all(is_problem(answer, "stale-form") for name, answer in told.items() if name not in looked_at)
    assert [told[name].status for name in looked_at] == [204, 200]
    assert await goes_on(world, erika, tus, path)


async def test_nor_with_that_of_another_session(world: World) -> None:
    erika, tus, path = await begun(world)
    other = await uploader(world, await world.citizen("mallory"))

    told = await ask_all(tus, path, X_CSRF_Token=other.tab.csrf)

    assert all(is_problem(answer, "stale-form") for name, answer in told.items() if name not in ("OPTIONS", "HEAD"))
    assert await goes_on(world, erika, tus, path)


@pytest.mark.parametrize("site", [{"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://page.example"}])
async def test_what_another_site_sends_does_nothing(world: World, site: dict[str, str | None]) -> None:
    erika, tus, path = await begun(world)

    told = await ask_all(tus, path, **site)

    assert all(is_problem(answer, "foreign-page") for name, answer in told.items() if name != "HEAD")
    assert await goes_on(world, erika, tus, path)


def claim_others(intruder: Intruder, upload_id: str, _: str, others: list[str]) -> None:
    """Let an upload own what is somebody else's, too."""
    intruder.change("upload", upload_id, objects=[*intruder.read("upload", upload_id)["objects"], *others])


def claim_nothing(intruder: Intruder, upload_id: str, _: str, __: list[str]) -> None:
    """Let an upload own nothing."""
    intruder.change("upload", upload_id, objects=None)


def hand_over(intruder: Intruder, upload_id: str, mallory: str, _: list[str]) -> None:
    """Let an upload belong to somebody else."""
    intruder.change("upload", upload_id, belongs=mallory)


Forgery = Callable[[Intruder, str, str, list[str]], None]


@pytest.mark.parametrize("forge", [claim_others, claim_nothing, hand_over])
async def test_a_row_that_was_changed_opens_nothing_and_deletes_nobodys_objects(
    world: World, alarms: Alarms, forge: Forgery
) -> None:
    erika, tus, path = await begun(world)
    mallory = await world.citizen("mallory")
    theirs = await uploader(world, mallory)
    await theirs.patch(await theirs.begun(len(DATA), "Fremd.bin"), 0, DATA)
    before = await objects_in(world)
    own = (await world.web.store.get(Upload, path.rpartition("/")[2])).objects
    with intrusion(world) as intruder:
        foreign = [name for name in before if name not in own]
        forge(intruder, path.rpartition("/")[2], belongs_to(mallory.account.id, world.web), foreign)

    for client in (tus, theirs):
        answers = [await client.head(path), await client.patch(path, HALF, DATA[HALF:]), await client.delete(path)]
        assert {answer.status for answer in answers} <= {404, 503}
    world.clock.advance(hours=25)
    await world.settle()

    assert {*before} - {*await objects_in(world)} <= {*own}
    assert await bytes_of(world, mallory, "Fremd.bin") == DATA
    assert await kept_in(world, erika) == {}
    assert (len(alarms.raised()) >= 3, alarms.failures()) == (True, [])


@pytest.mark.parametrize("ends", [True, False], ids=["its day ends", "it is gone on with"])
async def test_a_row_that_was_brought_back_shares_no_bytes_with_what_it_has_become(
    world: World, alarms: Alarms, *, ends: bool
) -> None:
    erika, tus, path = await begun(world)
    with intrusion(world) as intruder:
        before = intruder.read("upload", path.rpartition("/")[2])
        await tus.patch(path, HALF, DATA[HALF:])
        intruder.write("upload", path.rpartition("/")[2], before)

    if not ends:
        assert is_problem(await tus.patch(path, HALF, DATA[HALF:]), "damaged")
        assert is_problem(await tus.delete(path), "damaged")
    world.clock.advance(hours=25)
    await world.settle()

    assert [*await kept_in(world, erika)] == ["Zeugnis.bin"]
    assert await bytes_of(world, erika, "Zeugnis.bin") == DATA
    assert alarms.raised()


async def test_a_row_that_is_being_finished_is_no_alarm(world: World, alarms: Alarms) -> None:
    _, tus, path = await begun(world)

    answers = await asyncio.gather(tus.patch(path, HALF, DATA[HALF:]), *(tus.head(path) for _ in range(5)))

    assert {answer.status for answer in answers} <= {200, 204, 409}
    assert alarms.raised() == []
