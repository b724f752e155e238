"""Tours through taking the safe along, and bringing it back."""

from playwright.async_api import FilePayload

from sk.events import ImportDue
from sk.safe import import_steps
from tests.pages.visit import Visit
from tests.safe.importing.imports import a_zip
from tests.safe.safes import put
from tests.world import SOON, Citizen

IMPORT = "/safe/import"
FILES = {
    "Zeugnisse/Abitur.txt": b"gut",
    "Zeugnisse/Master.txt": b"sehr gut",
    "Briefe/" + "Sehr" + "langer" * 45 + "Name.txt": b"x",
    "Briefe/leer.txt": b"",
}


async def taking_along(visit: Visit) -> None:
    """Take everything along, or the safe, in both forms."""
    erika = await visit.world.citizen()
    await put(visit.world, erika, "Zeugnis.txt")
    await visit.log_in(erika)
    await visit.see({"/konto/export": "export-account", "/safe/export": "export-safe"})
    await visit.page.fill("[name=passphrase]", "vier Wörter, die niemand errät")
    await visit.page.fill("[name=again]", "drei Wörter")
    await visit.page.locator("main button").last.click()
    await visit.page.wait_for_load_state()
    await visit.seen("export-errors")


async def bringing_back(visit: Visit) -> None:
    """Import what can be imported and what cannot, and see how far it is."""
    erika = await visit.world.citizen()
    await visit.log_in(erika)
    await visit.open(IMPORT)
    await visit.seen("import")
    await _send(visit, b"age-encryption.org/v1\n-> scrypt ")
    await visit.seen("import-errors")
    await _send(visit, a_zip(FILES))
    await visit.seen("import-waiting")
    await _one_file(visit, erika)
    await visit.page.reload()
    await visit.seen("import-going-on")
    await visit.world.settle()
    await visit.page.locator("h2").first.wait_for()  # the page finds out by itself
    await visit.seen("import-done")
    await _send(visit, a_zip({**FILES, "Briefe/leer.txt": b"voll"}))
    await visit.send(f"{IMPORT}/abbrechen")
    await visit.seen("import-given-up")
    await _send(visit, a_zip({str(number): bytes(10_000_000) for number in range(11)}))
    await visit.world.settle()
    await visit.open(IMPORT)
    await visit.seen("import-trap")


async def _send(visit: Visit, data: bytes) -> None:
    file = FilePayload(name="export.zip", mimeType="application/zip", buffer=data)
    await visit.page.set_input_files("[name=file]", file)
    await visit.send(IMPORT)


async def _one_file(visit: Visit, who: Citizen) -> None:
    """Let one file be taken out of the archive, and no more yet."""
    at_a_time, import_steps.AT_A_TIME_SECONDS = import_steps.AT_A_TIME_SECONDS, 0
    visit.world.clock.advance(seconds=1)
    for event in await visit.world.web.store.take_due("test", visit.world.clock.now(), limit=100, lease=SOON):
        if isinstance(event, ImportDue) and event.account_id == who.account.id:
            await import_steps.go_on(event, visit.world.web)
    await visit.world.web.store.release("test")
    import_steps.AT_A_TIME_SECONDS = at_a_time
