"""`sk demo`: it plays the whole story and checks every step, or says which one failed."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import aiohttp
import pytest

from sk.clock import SystemClock
from sk.demo.story import Failed, Story
from tests import catcher
from tests.platforms import Embedded
from tests.process import Process, run_sk
from tests.world import World

LIMIT_SECONDS = 20
STEPS = ["accepted", "bereitgestellt", "benachrichtigt", "abgerufen"]


def test_the_demo_plays_the_whole_story_in_time_and_once_more_in_the_same_folder(tmp_path: Path) -> None:
    citizens = []
    for _ in range(2):
        began = monotonic()
        done = run_sk(tmp_path, {}, "demo", "--once", "--json", "--data", "data")
        took = monotonic() - began

        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert [step["step"] for step in told["timeline"]] == STEPS
        assert took < LIMIT_SECONDS
        citizens.append(told["username"])

    assert citizens == ["erika", "erika-2"]
    kept = json.loads((tmp_path / "data" / "authority-log.json").read_text())
    assert len(kept["checkpoints"]) > 1  # the authority has followed the log from one time to the other


def test_the_demo_fails_if_the_mail_is_not_in_its_catcher(tmp_path: Path, elsewhere: str) -> None:
    done = run_sk(tmp_path, {"SK_MAIL": elsewhere}, "demo", "--once")

    assert done.returncode == 1
    assert "the citizen was told by e-mail" in done.stdout
    assert done.stderr.splitlines()[-1].startswith("sk: the mail is in the catcher: /dev/mail answered 200")


def test_the_demo_says_in_one_sentence_which_step_failed(tmp_path: Path) -> None:
    done = run_sk(tmp_path, {"SK_ATTACHMENT_MAX_BYTES": "1"}, "demo", "--once", "--json")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(
        "sk: the authority posts a notice: POST /api/v1/notices answered 422"
    )
    assert "Traceback" not in done.stderr


async def test_a_button_that_is_missing_a_refusal_and_silence_are_failures_of_their_step(platform: Embedded) -> None:
    erika, somebody = platform.cast(), platform.cast("somebody")
    story = Story(platform.base_url, erika, lambda _: None)
    async with aiohttp.ClientSession() as http:
        notice, bescheid = await story.post(http, SystemClock().now())

        with pytest.raises(Failed, match=r"^the citizen opens the notice: the page /postfach has no button"):
            await Story(platform.base_url, somebody, lambda _: None).read(http, notice, bescheid)
        with pytest.raises(Failed, match=r"^the citizen logs in: "):
            await Story(platform.base_url, erika._replace(password="wrong"), lambda _: None).read(
                http, notice, bescheid
            )
        with pytest.raises(Failed, match=r"^the authority reads what became of the notice: "):
            await Story(platform.base_url, erika._replace(kid="wrong"), lambda _: None).look_back(http, notice)
        platform.end()
        with pytest.raises(Failed, match=r"^the mail is in the catcher: "):
            await story.look_at_mail(http)


async def test_the_page_of_mails_says_where_they_are_if_another_catcher_takes_them(world: World) -> None:
    async with world.browser() as browser:
        assert "catcher://" in (await browser.open("/dev/mail")).text


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Return the URL of a mail catcher that the platform does not know from inside."""
    process = Process(tmp_path, "catcher", (catcher.__file__, str(tmp_path)), {})
    try:
        process.start()
        yield process.ready()
    finally:
        process.forget()
