"""The main job, in one process: from the authority's POST to the citizen's browser."""

from tests.world import A_FILE, World


async def test_a_notice_reaches_the_citizen_who_reads_what_was_posted(world: World) -> None:
    notice = await world.delivered()
    async with world.browser(notice.citizen) as browser:
        postbox = await browser.open("/postfach")
        opened = await browser.send(postbox.form("Bescheid über Ihren Antrag"))

        assert await browser.download(opened.links[A_FILE.name]) == A_FILE.data

    await world.settle()
    _, shown = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")
    assert [step["step"] for step in shown["timeline"]] == ["accepted", "bereitgestellt", "benachrichtigt", "abgerufen"]
    assert world.mails.sent[0]["To"] == f"{notice.citizen.username}@example.org"
