"""What must be true of a notice that somebody has tampered with."""

from sk.demo.browser import Form
from tests.security.alarms import Alarms
from tests.security.intruder import Intruder
from tests.world import A_FILE, Delivered, World

CONTENT = ("Bescheid über Ihren Antrag", "anbei Ihr Bescheid", "32.4-0815", A_FILE.name)


async def assert_damaged(world: World, notice: Delivered, intruder: Intruder, alarms: Alarms, *content: str) -> None:
    """Assert that nobody gets anything of a notice, that all are told so, and that no Abruf is recorded."""
    path, before = f"/postfach/{notice.notice_id}", intruder.ids("statement")
    async with world.browser(notice.citizen) as browser:
        listed = await browser.open("/postfach")
        by_button = Form(path, listed.form("Abmelden").fields)
        told = [await browser.open(path), await browser.send(by_button), await browser.open(f"{path}/dateien/1")]
    status, answer = await notice.authority.get(f"/api/v1/notices/{notice.notice_id}")

    assert [page.status for page in told] == [403, 403, 403], told[0].text
    assert all("beschädigt" in page.text for page in told)
    assert "Beschädigte Nachricht" in listed.text
    shown = "".join(page.text for page in (listed, *told))
    assert [words for words in (*CONTENT, *content) if words in shown] == []
    assert (status, answer["type"]) == (403, "/problems/notice-damaged")
    assert set(alarms.raised()) == {"notice-damaged"}
    assert alarms.failures() == []
    assert intruder.ids("statement") == before
