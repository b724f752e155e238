"""Tours to what scripts show: a form with files while it is sent, and a list that renews itself."""

from tests.pages.visit import Visit
from tests.world import A_FILE, a_notice

SLOW = 20_000
"""Bytes a second."""
COME_BACK = "document.dispatchEvent(new Event('visibilitychange'))"


async def sending(visit: Visit) -> None:
    """Send a file over a slow network, and break off."""
    notice = await visit.world.delivered(reply=True)
    here = f"/postfach/{notice.notice_id}"
    await visit.log_in(notice.citizen)
    await visit.open(here)
    await visit.send(here)
    await visit.open(f"{here}/antwort")
    scan = {"name": "Scan.pdf", "mimeType": "application/pdf", "buffer": A_FILE.data.ljust(2_000_000, b" ")}
    await visit.page.set_input_files("input[name=files]", scan)  # type: ignore[arg-type]
    network = await visit.page.context.new_cdp_session(visit.page)
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW}
    await network.send("Network.emulateNetworkConditions", limits)
    await visit.page.fill("[name=text]", "Guten Tag, anbei die Bescheinigung.")
    await visit.page.locator("form[data-upload] [type=submit]").click()
    while await visit.page.locator("progress").evaluate("bar => bar.value") < 2:
        await visit.page.wait_for_timeout(50)
    await visit.seen("reply-sending")
    await visit.page.locator("[data-upload-abort]").click()
    await visit.seen("reply-broken-off")


async def renewing(visit: Visit) -> None:
    """See a notice come while one looks at the list, and be logged out there."""
    erika, authority = await visit.world.citizen(), await visit.world.authority()
    await visit.log_in(erika)
    await authority.post(a_notice(erika.handle))
    await visit.world.settle()
    await visit.page.evaluate(COME_BACK)
    await visit.page.locator("[data-news]:not(:empty)").wait_for()
    await visit.seen("postbox-news")
    await visit.forget("session")
    await visit.page.evaluate(COME_BACK)
    await visit.page.locator("[data-news] a").wait_for()
    await visit.seen("postbox-logged-out")
