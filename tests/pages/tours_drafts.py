"""Tours of writing by hand: the form, the page on which it is checked, and what another one releases or returns."""

from urllib.parse import urlsplit

from sk.client import AuthorityClient, File
from tests.pages.visit import Visit
from tests.postbox.drafts import MESSAGE, filled_in
from tests.strangers import a_pdf
from tests.world import Citizen

LAWS = ("ozg-9", "vwvfg-41-2a", "sgbx-37-2a", "ao-122a")
ACT = File("Bescheid über Wohngeld.pdf", a_pdf(3))


async def writing(visit: Visit) -> None:
    """Write something, first wrongly, look at its file, change it, and send it."""
    town, erika = await visit.world.authority("Gemeinde Kleinstadt", laws=LAWS), await visit.world.citizen()
    home = f"/behoerde/{town.client_id}"
    await visit.log_in_strongly(await visit.world.member(town, "post", username="karl"))
    await visit.open(f"{home}/entwuerfe")
    await visit.seen("drafts-none")
    await visit.open(f"{home}/schreiben")
    await visit.seen("draft-form")
    await visit.send(f"{home}/schreiben", to="gibt es nicht")
    await visit.seen("draft-recipient-refused")
    await choose(visit, File("programm.exe", b"MZ"))
    await visit.send(f"{home}/schreiben", **filled_in(erika.handle, subject="", land="BY"))
    await visit.seen("draft-incomplete")
    await choose(visit, ACT)
    await visit.send(await form(visit), subject="Bescheid über Wohngeld")
    await visit.seen("draft-checked")
    here = visit.page.url
    await visit.see({f"{here}/dateien/1/ansehen": "draft-preview", f"{here}/bearbeiten": "draft-to-change"})
    await visit.send(await form(visit), law="vwvfg-41-2a", minimum_trust="high")
    await visit.seen("draft-waits-for-abruf")
    await visit.open(f"{here}/bearbeiten")
    await visit.send(await form(visit), case="")
    await visit.open(here)
    await visit.seen("draft-not-ready")
    await visit.open(f"{home}/entwuerfe")
    await visit.seen("drafts")
    await visit.open(f"{here}/bearbeiten")
    await visit.send(await form(visit), case="50.2-0815", text="Guten Tag,\nanbei Ihr Bescheid.")
    await visit.send(f"{path(visit)}/senden")
    await visit.seen("draft-sent")


async def four_eyes(visit: Visit) -> None:
    """Write what another one has to release, return it, change it, and release it."""
    town = await visit.world.authority("Gemeinde Kleinstadt", four_eyes=True)
    home = f"/behoerde/{town.client_id}"
    karl = await visit.world.member(town, "post", "approve", username="karl")
    rosa = await visit.world.member(town, "approve", username="rosa")
    await visit.log_in_strongly(rosa)
    await visit.open(f"{home}/freigabe")
    await visit.seen("waiting-none")
    await submitted(visit, town, karl)
    await visit.seen("drafts-submitted")
    await visit.page.locator("main .subject").click()
    await visit.seen("draft-waiting")
    here = visit.page.url
    await visit.open(f"{here}/bearbeiten")
    await visit.seen("draft-waiting-to-change")
    await visit.log_in_strongly(rosa)
    await visit.open(f"{home}/freigabe")
    await visit.seen("waiting")
    await visit.page.locator("main .subject").click()
    await visit.seen("draft-to-approve")
    await visit.send(f"{path(visit)}/zurueckgeben")
    await visit.seen("draft-return-without-remark")
    await visit.send(f"{path(visit).removesuffix('/zurueckgeben')}/zurueckgeben", remark="Bitte das Datum prüfen.")
    await visit.seen("waiting-returned")
    await visit.log_in_strongly(karl)
    await visit.open(here)
    await visit.seen("draft-returned")
    await visit.send(f"{path(visit)}/vorlegen")
    await visit.log_in_strongly(rosa)
    await visit.open(here)
    page = visit.page
    await page.evaluate("document.querySelector('main form[action$=freigeben] [name=seen]').value = 'etwas anderes'")
    await visit.send(f"{path(visit)}/freigeben")
    await visit.seen("draft-changed-meanwhile")
    await visit.open(here)
    await visit.send(f"{path(visit)}/freigeben")
    await visit.seen("draft-approved")


async def submitted(visit: Visit, town: AuthorityClient, writer: Citizen) -> None:
    """Write a message and give it to whoever releases it."""
    home, erika = f"/behoerde/{town.client_id}", await visit.world.citizen()
    await visit.log_in_strongly(writer)
    await visit.open(f"{home}/schreiben")
    await visit.send(f"{home}/schreiben", **filled_in(erika.handle, **MESSAGE, subject="Ihr Antrag ist da"))
    await visit.send(f"{path(visit)}/vorlegen")


def path(visit: Visit) -> str:
    """Return where somebody is."""
    return urlsplit(visit.page.url).path


async def form(visit: Visit) -> str:
    """Return where the form with files on a page leads to."""
    return str(await visit.page.locator("main form[enctype]").get_attribute("action"))


async def choose(visit: Visit, file: File) -> None:
    """Choose a file."""
    await visit.page.set_input_files(
        "input[name=files]", {"name": file.name, "mimeType": file.type, "buffer": file.data}
    )
