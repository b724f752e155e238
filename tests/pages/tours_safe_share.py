"""Tours through shares: granted, looked at, fetched from, used up, ended and over."""

from sk.client import AuthorityClient
from sk.safe.safe import open_safe
from sk.safe.steps import throw_away
from tests.pages.visit import Visit
from tests.postbox.proofs import fetched
from tests.safe.documents import PDF, change_entry, put
from tests.safe.safes import LONG
from tests.safe.shares import UNTIL, fetch, share
from tests.security.tab import open_tab
from tests.world import Citizen

HERE = "/safe/freigaben"
NEW = f"{HERE}/neu"


async def sharing(visit: Visit) -> None:
    """Grant a share: with mistakes, with a look at what it comes to, and with second thoughts."""
    world, erika = visit.world, await visit.world.citizen()
    await visit.log_in(erika)
    await visit.see({HERE: "shares-none", NEW: "share-nobody"})
    authority = await world.authority()
    await world.authority("Landesamt für Soziales und Versorgung")
    await visit.see({NEW: "share-nothing"})
    document = await put(world, erika, "Personalausweis.pdf", PDF)
    await put(world, erika, LONG, PDF)
    await put(world, erika, "Zeugnis.txt")
    await visit.open(f"{NEW}?dokument={document}")
    await visit.seen("share-form")
    await visit.send(NEW, recipient=authority.client_id, until="2026-11-01")
    await visit.seen("share-form-errors")
    await visit.page.locator("[name=documents]").first.uncheck()
    await visit.send(NEW, purpose="Antrag auf Wohngeld", until="2028-01-01")
    await visit.seen("share-form-long")
    await visit.send(NEW, until=str(UNTIL))
    await visit.seen("share-form-empty")
    await visit.page.locator("[name=documents]").first.check()
    await visit.page.locator("[name=documents]").last.check()
    await visit.send(NEW)
    await visit.seen("share-check")
    await visit.send(NEW)
    await visit.seen("share-changed")
    await visit.send(NEW)
    await visit.page.locator('button[value="share"]').click()
    await visit.seen("share-granted")


async def shares(visit: Visit) -> None:
    """See shares in all states, and end one."""
    world, notice = visit.world, await fetched(visit.world)
    erika, authority = notice.citizen, await world.authority("Landesamt für Soziales und Versorgung")
    document, other = await put(world, erika, "Personalausweis.pdf", PDF), await put(world, erika, LONG, PDF)
    issued = await _taken_over(visit, erika, notice.notice_id)
    over = await share(world, erika, authority, [document], until=UNTIL.replace(month=11, day=23))
    world.clock.advance(days=1)
    running = await share(
        world,
        erika,
        authority,
        [document, other],
        purpose="Antrag auf Wohngeld für die Wohnung in der Hauptstraße 1, Musterstadt",
    )
    used_up = await share(world, erika, notice.authority, [document], fetches=1)
    gone = await share(world, erika, authority, [issued], fetches=1)
    await _fetch(visit, authority, running, 1, 1)
    await _fetch(visit, notice.authority, used_up, 1)
    await throw_away(erika.account.id, issued, world.web)
    await world.settle()
    await visit.log_in(erika)
    await visit.see(
        {
            HERE: "shares",
            f"{HERE}/{running}": "share-running",
            f"{HERE}/{used_up}": "share-used-up",
            f"{HERE}/{over}": "share-over",
            f"{HERE}/{gone}": "share-gone",
            "/konto/protokoll": "journal-of-shares",
            f"{HERE}/{running}/beenden": "share-end",
        }
    )
    await visit.send(f"{HERE}/{running}/beenden")
    await visit.seen("share-ended")


async def sharing_what_demands_a_card(visit: Visit) -> None:
    """Come to the form with a password, from a document that a password does not open."""
    world, erika = visit.world, await visit.world.citizen(trust="low")
    await world.authority()
    document = await put(world, erika, "Bescheid.pdf", PDF)
    await change_entry(world, erika, document, level="high")
    await visit.log_in(erika)
    await visit.see({f"{NEW}?dokument={document}": "share-level-alone"})
    await put(world, erika, "Zeugnis.pdf", PDF)
    await visit.see({f"{NEW}?dokument={document}": "share-level"})


async def _taken_over(visit: Visit, who: Citizen, notice_id: str) -> str:
    """Put the attachment of a notice into the safe, and return the id of the document."""
    before = {*(await open_safe(who.account.id, visit.world.web)).contents.entries}
    await (await open_tab(visit.world, who)).post(f"/postfach/{notice_id}/in-den-safe")
    document_id: str
    [document_id] = {*(await open_safe(who.account.id, visit.world.web)).contents.entries} - before
    return document_id


async def _fetch(visit: Visit, authority: AuthorityClient, share_id: str, *numbers: int) -> None:
    for number in numbers:
        assert (await fetch(visit.world, authority, share_id, number)).status == 200
        visit.world.clock.advance(seconds=61)
