"""A tour through the pages of one document in a safe: in each of its states, and what can be done with it."""

from datetime import date, timedelta

from sk.safe.expiry import expires
from sk.safe.folder_steps import add_folder
from sk.safe.steps import label
from tests.pages.visit import Visit
from tests.safe.documents import PDF, change_entry, damage, put, row_of
from tests.security.intruder import intrusion
from tests.strangers import a_photo

HERE = "/safe/dokumente"


async def a_document(visit: Visit) -> None:
    """See documents with and without pictures, change one, throw it away, and find some damaged."""
    world = visit.world
    erika = await world.citizen(trust="low")
    account_id, today = erika.account.id, date(2026, 11, 23)
    school = await add_folder(account_id, "Schule und Ausbildung", "", world.web)
    year = await add_folder(account_id, "Abitur 2026", school, world.web)
    await add_folder(account_id, "Wohnen", "", world.web)
    passport, text = await put(world, erika, "Reisepass.pdf", PDF), await put(world, erika, "Notizen.txt", folder=year)
    over, secret = (
        await put(world, erika, "Aufenthaltstitel.jpg", a_photo()),
        await put(world, erika, "Bescheid.pdf", PDF),
    )
    broken, gone = await put(world, erika, "Alt.pdf", PDF), await put(world, erika, "Verloren.txt")
    for number in range(2, 7):
        await put(world, erika, f"Zeugnis-{number}.pdf", PDF[: -number or None], document=text)
    await expires(account_id, over, today - timedelta(days=1), world.web)
    await expires(account_id, passport, today + timedelta(days=30), world.web)
    await label(account_id, text, "Schule, Kinder, sehr wichtig und nicht zu verlieren", world.web)
    await world.settle()
    await change_entry(world, erika, secret, level="high", issued_by="Stadt Musterstadt")
    with intrusion(world) as intruder:
        intruder.change("document", broken, locked=intruder.read("document", text)["locked"])
    damage(world, (await row_of(world, gone)).objects[0])
    await visit.log_in(erika)
    await visit.see(
        {
            f"{HERE}/{passport}": "document-picture",
            f"{HERE}/{text}": "document-versions",
            f"{HERE}/{over}": "document-expired",
            f"{HERE}/{secret}": "document-high",
            f"{HERE}/{broken}": "document-damaged",
            f"{HERE}/{gone}/datei": "document-bytes-damaged",
            f"{HERE}/{passport}/ansehen": "document-preview",
        }
    )
    await visit.open(f"{HERE}/{text}")
    for closed in await visit.page.locator("summary").all():
        await closed.click()
    await visit.seen("document-forms")
    for form, field, name in (
        ("name", "name", "a/b"),
        ("gueltig-bis", "expires_on", ""),
        ("stichworte", "labels", "x" * 60),
    ):
        await visit.open(f"{HERE}/{text}")
        for closed in await visit.page.locator("summary").all():
            await closed.click()
        await visit.send(f"{HERE}/{text}/{form}", **{field: name})
        await visit.seen(f"document-{form}-sent")
    await visit.open(f"{HERE}/{text}")
    await visit.page.locator("summary").last.click()
    await visit.send(f"{HERE}/{text}/fassung")
    await visit.seen("document-no-file")
    await visit.page.set_input_files(
        "input[name=files]", {"name": "Zeugnis.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    await visit.send(f"{HERE}/{text}/fassung")
    await visit.page.wait_for_url("**?gesagt=fassung")
    await visit.seen("document-new-version")
    await visit.send(f"{HERE}/{text}/wegwerfen")
    await visit.seen("document-in-trash")
