"""What must be true of every notice, whatever happened while it was posted."""

import asyncio
from collections import Counter
from collections.abc import Collection
from time import monotonic
from typing import Any

import aiohttp

from sk.client import AuthorityClient
from sk.crypto.keyring import load_keys
from sk.demo.browser import Browser
from sk.demo.story import Cast
from sk.evidence.sequence import log_head, signed_head
from sk.evidence.spelling import hash_of
from sk.evidence.statement import Statement
from sk.evidence.steps import STEPS, TYP
from sk.store.port import Store
from tests.contract.peer import open_objects, open_store
from tests.evidence.whole import check_whole_log
from tests.faults.crowd import Crowd, Posting
from tests.platforms import Platform
from tests.process import run_sk

DELIVERED = ["accepted", "bereitgestellt", "benachrichtigt"]
PATIENCE_SECONDS = 120
Event = dict[str, Any]


async def settled_feed(authority: AuthorityClient, known: Collection[str]) -> dict[str, list[Event]]:
    """Return what the feed tells of each notice, when all that are known or shown have come to their end."""
    told: dict[str, list[Event]] = {}
    after: dict[str, str] = {}
    deadline = monotonic() + PATIENCE_SECONDS
    while not (told.keys() >= set(known) and all(events[-1]["step"] == DELIVERED[-1] for events in told.values())):
        assert monotonic() < deadline, Counter(events[-1]["step"] for events in told.values())
        _, page = await authority.get("/api/v1/events", wait="5", **after)
        for event in page["events"]:
            told.setdefault(event["notice_id"], []).append(event)
        after = {"after": page["cursor"]}
    return told


async def check_all(platform: Platform, crowd: Crowd, authority: AuthorityClient) -> dict[str, list[Event]]:
    """Check what was posted against feed, timelines, statements and mails, and that nobody's bytes are left."""
    told = await settled_feed(authority, {posting.answers[0]["id"] for posting in crowd.acknowledged})
    check_feed(crowd, told)
    check_chains(platform, told)
    await check_log(platform)
    await check_timelines(authority, told)
    check_mails(platform, told)
    check_objects(platform)
    return told


def check_feed(crowd: Crowd, told: dict[str, list[Event]]) -> None:
    """Check that an acknowledged notice is there once and went each step once, and that one never sent whole is not.

    One that was sent, and whose sender never heard of it, may be there: then it is in no way less than the others.
    """
    assert {tuple(event["step"] for event in events) for events in told.values()} == {tuple(DELIVERED)}
    ids = {events[0]["reference"]: notice_id for notice_id, events in told.items()}
    assert len(ids) == len(told)
    assert ids.keys() <= {posting.reference for posting in crowd.postings if posting.sent_whole}
    for posting in crowd.acknowledged:
        first = posting.answers[0]
        assert all(answer == first for answer in posting.answers)
        assert first["id"] == ids[posting.reference]
        assert first["receipt"] == told[first["id"]][0]["evidence"]


def check_chains(platform: Platform, told: dict[str, list[Event]]) -> None:
    """Check that a notice's statements are signed by who may, without a gap, and that each holds the one before."""
    signers = load_keys(platform.folder / "keys", ["web"], only_these=False).signers
    for notice_id, events in told.items():
        previous = ""
        for number, event in enumerate(events, 1):
            says = signers.verify(event["evidence"], typ=TYP, use=STEPS[event["step"]].signed_by)
            stands = (event["step"], notice_id, number, previous)
            assert (says["step"], says["notice"], says["number"], says["previous"]) == stands
            previous = hash_of(event["evidence"])


async def check_log(platform: Platform) -> None:
    """Check, once all of it is published, that the log is whole: each statement once, in order, as anchors have it."""
    signers = load_keys(platform.folder / "keys", ["web"], only_these=False).signers
    async with open_store(platform.store_url) as store, open_objects(platform.objects_url) as objects:
        deadline = monotonic() + PATIENCE_SECONDS
        while not await _is_published(store):
            assert monotonic() < deadline
            await asyncio.sleep(0.1)
        await check_whole_log(store, objects, signers)


async def _is_published(store: Store) -> bool:
    if await store.find(Statement, "unsequenced", "", limit=1):
        return False
    return (await signed_head(store)).size == (await log_head(store)).size


async def check_timelines(authority: AuthorityClient, told: dict[str, list[Event]]) -> None:
    """Check that each notice itself tells the same as the feed."""
    for notice_id, events in told.items():
        _, notice = await authority.get(f"/api/v1/notices/{notice_id}")
        assert notice["status"] == "bereitgestellt"
        assert [step["evidence"] for step in notice["timeline"]] == [event["evidence"] for event in events]


def check_mails(platform: Platform, told: dict[str, list[Event]]) -> None:
    """Check that there is a mail for each notice; where there are two, they have one Message-ID."""
    sent = Counter(str(mail["Message-ID"]) for mail in platform.mails())
    assert sent.keys() == {f"<{notice_id}@localhost>" for notice_id in told}


def check_objects(platform: Platform) -> None:
    """Check that no object is missing, and that the doctor removes what is nobody's and then finds nothing more."""
    first = run_sk(platform.folder, platform.environment, "doctor", "--repair", "--all-days")
    *findings, last = first.stdout.splitlines()
    assert all(finding.endswith(" is nobody's: mended") for finding in findings), first.stdout
    again = run_sk(platform.folder, platform.environment, "doctor", "--all-days")
    assert (last, again.returncode, again.stdout) == ("all well", 0, "all well\n"), first.stderr + again.stderr
    incoming = platform.folder / "objects" / "incoming"
    assert not incoming.exists() or list(incoming.iterdir()) == []


async def check_documents(platform: Platform, players: Cast, postings: list[Posting]) -> None:
    """Check that the citizen downloads what was posted, as far as it stands on the first page."""
    async with aiohttp.ClientSession() as http:
        browser = Browser(http, platform.base_url)
        postbox = await browser.log_in(players.username, players.password)
        for posting in postings:
            for form in postbox.forms:
                if form.label == posting.notice["subject"]:
                    opened = await browser.send(form)
                    assert await browser.download(opened.links[posting.file.name]) == posting.file.data
