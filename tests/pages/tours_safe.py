"""Tours through the safe: its lists, folders, trash, and what is uploaded."""

from datetime import timedelta

from playwright.async_api import FilePayload

from sk.clock import local_day
from sk.safe.safe import open_safe
from tests.pages.visit import SAFE_MAX, Visit
from tests.safe.documents import change_entry
from tests.safe.safes import A_DOCUMENT, LONG, put, put_folder, trash
from tests.strangers import a_pdf, a_photo
from tests.web.pages import BIDI
from tests.world import Citizen

SLOW = 20_000
"""Bytes a second."""


async def the_safe(visit: Visit) -> None:
    """See a safe that is empty, make folders, and look at documents of every kind."""
    world, erika = visit.world, await visit.world.citizen()
    await visit.log_in(erika)
    await visit.open("/safe")
    await visit.seen("safe-empty")
    await visit.send("/safe/ordner", name="Steuer")
    await visit.seen("safe-folder-new")
    steuer = visit.page.url.partition("/ordner/")[2].partition("?")[0]
    year = await put_folder(world, erika, "2025", steuer)
    await put_folder(world, erika, LONG)
    await put(world, erika, "Bescheid.pdf", folder=year)
    await _some_documents(visit, erika)
    await world.settle()
    await visit.see(
        {
            "/safe": "safe",
            "/safe?sortierung=name": "safe-by-name",
            f"/safe/ordner/{steuer}": "safe-folder",
            f"/safe/ordner/{year}": "safe-folder-within",
            f"/safe/ordner/{year}/name": "safe-folder-to-change",
        }
    )
    await visit.send(f"/safe/ordner/{year}/name", name="a/b")
    await visit.seen("safe-folder-errors")
    await visit.send(f"/safe/ordner/{year}/name", name="2026")
    await visit.seen("safe-folder-renamed")
    await visit.open("/safe")
    await visit.send("/safe/ordner", name="steuer")
    await visit.seen("safe-folder-taken")
    await visit.open(f"/safe/ordner/{year}/name")
    await visit.send(f"/safe/ordner/{year}/loeschen")
    await visit.seen("safe-folder-deleted")


async def _some_documents(visit: Visit, who: Citizen) -> None:
    """Put documents into a safe: of other kinds, with long names, with days on which they end."""
    world, today = visit.world, local_day(visit.world.clock.now())
    await put(world, who, LONG, labels="w" * 50)
    await put(world, who, "Klang.mp3", b"ID3\3" + bytes(4096))
    await put(world, who, "Zeugnis.pdf", a_pdf(1))
    await put(world, who, "Garten.jpg", a_photo())
    over, soon, later = [
        await put(world, who, name, labels="Ausweise, Auto") for name in ("Pass", "Visum", "Führerschein")
    ]
    await change_entry(world, who, over, expires_on=today - timedelta(days=1))
    await change_entry(world, who, soon, expires_on=today + timedelta(days=56))
    await change_entry(world, who, later, expires_on=today + timedelta(days=57))
    issued = await put(world, who, "Meldebescheinigung.pdf")
    await change_entry(world, who, issued, issued_by=f"Stadt Musterstadt {BIDI}")
    turned = await put(world, who, "rechnung.pdf")
    await change_entry(world, who, turned, name=f"Rechnung {BIDI}")


async def many_documents(visit: Visit) -> None:
    """Go from page to page, and search."""
    world, erika = visit.world, await visit.world.citizen()
    for number in range(1, 61):
        await put(world, erika, f"Rechnung {number}.pdf", labels="Strom" if number < 3 else "")
    await visit.log_in(erika)
    await visit.see({"/safe?sortierung=name": "safe-many", "/safe?seite=2": "safe-many-last"})
    await visit.open("/safe")
    await visit.send("/safe/suche", suche="strom")
    await visit.seen("safe-search-label")
    await visit.send("/safe/suche", suche="rechnung pdf")
    await visit.seen("safe-search-many")
    await visit.page.locator("button[name=seite]").click()
    await visit.seen("safe-search-many-last")
    await visit.send("/safe/suche", suche="Kraniche")
    await visit.seen("safe-search-nothing")


async def the_trash(visit: Visit) -> None:
    """Throw documents away, take one back, and delete one for good."""
    world, erika = visit.world, await visit.world.citizen()
    ids = [await put(world, erika, name) for name in ("Vertrag.pdf", "Quittung.pdf", LONG)]
    await visit.log_in(erika)
    await visit.open("/safe/papierkorb")
    await visit.seen("safe-trash-empty")
    for id_ in ids:
        await trash(world, erika, id_)
    await visit.open("/safe/papierkorb")
    await visit.seen("safe-trash")
    await visit.send(f"/safe/dokumente/{ids[0]}/zurueckholen")
    await visit.seen("safe-trash-taken-back")
    await visit.open(f"/safe/dokumente/{ids[1]}/endgueltig")
    await visit.seen("safe-delete")
    await visit.send(f"/safe/dokumente/{ids[1]}/endgueltig")
    await visit.seen("safe-trash-deleted")


async def uploading(visit: Visit) -> None:
    """Upload by script: wait, be refused, break off; and be refused without it."""
    erika = await visit.world.citizen()
    await visit.log_in(erika)
    await visit.open("/safe")
    await _choose(visit, ("Leer.txt", b""), ("Zeugnis.pdf", A_DOCUMENT))
    await visit.page.locator("[data-safe-upload] [type=submit]").press("Enter")
    await visit.page.locator("[data-safe-list] li").wait_for()
    await visit.seen("safe-upload-refused")
    network = await visit.page.context.new_cdp_session(visit.page)
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW}
    await network.send("Network.emulateNetworkConditions", limits)
    large = A_DOCUMENT.ljust(2_000_000, b" ")
    await _choose(visit, ("Scan.pdf", large), (LONG, large), ("Wartet.pdf", large))
    await visit.page.locator("[data-safe-upload] [type=submit]").press("Enter")
    while await visit.page.locator("progress").first.evaluate("bar => bar.value") < 2:
        await visit.page.wait_for_timeout(50)
    await visit.seen("safe-uploading")
    await visit.open("/safe")
    await _choose(visit, ("Leer.txt", b""), ("Zeugnis.pdf", A_DOCUMENT))
    await visit.page.locator("[data-safe-upload]").evaluate("form => form.submit()")
    await visit.page.wait_for_url("**/hochladen")
    await visit.seen("safe-upload-refused-plain")
    opened = await open_safe(erika.account.id, visit.world.web)
    await put(visit.world, erika, "Film.mp4", bytes(SAFE_MAX - opened.contents.used))
    await visit.open("/safe")
    await visit.seen("safe-full")
    await _choose(visit, ("Zeugnis.pdf", A_DOCUMENT))
    await visit.page.locator("[data-safe-upload]").evaluate("form => form.submit()")
    await visit.page.wait_for_url("**/hochladen")
    await visit.seen("safe-full-refused")


async def _choose(visit: Visit, *files: tuple[str, bytes]) -> None:
    """Choose files to be uploaded."""
    await visit.page.set_input_files(
        "input[name=files]", [FilePayload(name=name, mimeType="application/pdf", buffer=data) for name, data in files]
    )
