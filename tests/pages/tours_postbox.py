"""Tours through a postbox: notices in each of their states, what came with them, and replies to them."""

from sk.client import File
from tests.pages.visit import Visit
from tests.strangers import a_pdf, a_photo
from tests.world import A_FILE, a_notice


async def notices(visit: Visit) -> None:
    """See notices under several laws, in each of their states."""
    world = visit.world
    erika = await world.citizen()
    authority = await world.authority(laws=("ozg-9", "vwvfg-41-2a", "sgbx-37-2a", "ao-122a"))

    async def post(**changes: object) -> str:
        status, answer = await authority.post(a_notice(erika.handle, **changes), [A_FILE])
        assert status == 202, answer
        await world.settle()
        return str(answer["id"])

    lapsed = await post(law="vwvfg-41-2a", subject="Baugenehmigung für eine Garage")
    world.clock.advance(days=12)
    await world.settle()
    withdrawn = await post(subject="Bescheid über Wohngeld")
    token = {"Authorization": f"Bearer {await authority.token()}"}
    async with world.http.post(f"{world.base_url}/api/v1/notices/{withdrawn}/withdraw", headers=token) as answer:
        assert answer.status == 200
    await world.settle()
    await visit.log_in(erika)
    unread = {
        "notice-lapsed": lapsed,
        "notice-withdrawn": withdrawn,
        "notice-waits": await post(law="vwvfg-41-2a", subject="Erlaubnis zum Sammeln"),
        "notice-unread": await post(),
        "notice-high": await post(minimum_trust="high", subject="Bescheid, den nur Sie lesen"),
    }
    read = {
        "notice": await post(subject="Bescheid über Ihren Antrag auf Wohngeld"),
        "notice-widerspruch": await post(law="sgbx-37-2a", rechtsbehelf="widerspruch-sgg", subject="Elterngeld"),
        "notice-none": await post(rechtsbehelf="none", subject="Ernennung"),
        "notice-year": await post(belehrung=False, subject="Bescheid ohne Belehrung"),
        "notice-message": await post(
            kind="message", law=None, rechtsbehelf=None, belehrung=None, subject="Wir ziehen um"
        ),
    }
    await visit.open("/postfach")
    await visit.seen("postbox")
    for name, id_ in unread.items():
        await visit.open(f"/postfach/{id_}")
        await visit.seen(name)
    for name, id_ in read.items():
        await visit.open(f"/postfach/{id_}")
        await visit.send(f"/postfach/{id_}")
        await world.settle()
        await visit.open(f"/postfach/{id_}")
        for closed in await visit.page.locator("summary").all():
            await closed.click()
        await visit.seen(name)
    await visit.open(f"/postfach/{read['notice']}/nachweis")
    await visit.seen("proof")
    world.clock.advance(days=60)
    await world.settle()
    await visit.log_in(erika)
    await visit.seen("postbox-later")
    await visit.open(f"/postfach/{read['notice']}")
    await visit.seen("notice-over")


async def shelves(visit: Visit) -> None:
    """Put a notice away, look only at those of one authority, and search."""
    notice = await visit.world.delivered(subject="Bescheid über Ihre Ernennung")
    ernennung = notice.notice_id
    await visit.log_in(notice.citizen)
    await visit.open(f"/postfach/{ernennung}")
    await visit.send(f"/postfach/{ernennung}")
    await visit.open("/postfach?ablage=archiv")
    await visit.seen("archive-empty")
    await visit.open(f"/postfach/{ernennung}")
    await visit.send(f"/postfach/{ernennung}/archiv")
    await visit.open("/postfach?ablage=archiv")
    await visit.seen("archive")
    await visit.open(f"/postfach/{ernennung}")
    await visit.seen("notice-archived")
    await visit.open(f"/postfach?von={notice.authority.client_id}")
    await visit.seen("postbox-of-one")
    for words in ("Bescheid", "Kraniche"):
        await visit.open("/postfach")
        await visit.send("/postfach/suche", suche=words)
        await visit.seen(f"search-{words.lower()}")


async def previews(visit: Visit) -> None:
    """Look at what came with a notice."""
    erika, authority = await visit.world.citizen(), await visit.world.authority()
    files = [A_FILE, File("bescheid-mit-anlagen.pdf", a_pdf(7)), File("garten.jpg", a_photo(), "image/jpeg")]
    _, answer = await authority.post(a_notice(erika.handle), files)
    await visit.world.settle()
    await visit.log_in(erika)
    here = f"/postfach/{answer['id']}"
    await visit.open(here)
    await visit.send(here)
    await visit.seen("notice-with-previews")
    await visit.see(
        {
            f"{here}/dateien/1/ansehen": "preview-none",
            f"{here}/dateien/2/ansehen": "preview-first",
            f"{here}/dateien/2/ansehen?ab=6": "preview-last",
            f"{here}/dateien/3/ansehen": "preview-photo",
        }
    )


async def evidence(visit: Visit) -> None:
    """Have evidence verified that is valid, and some that is not."""
    delivered = await visit.world.delivered()
    url = f"{visit.world.base_url}/api/v1/notices/{delivered.notice_id}/evidence.json"
    token = {"Authorization": f"Bearer {await delivered.authority.token()}"}
    async with visit.world.http.get(url, headers=token) as answer:
        bundle = await answer.read()
    changed = bundle.replace(b'"index":', b'"index":1', 1)
    for name, content in {"valid": bundle, "unreadable": b"{}", "changed": changed}.items():
        await visit.open("/nachweis-pruefen")
        await visit.page.set_input_files(
            "input[name=bundle]", {"name": "nachweis.json", "mimeType": "application/json", "buffer": content}
        )
        await visit.page.set_input_files(
            "input[name=files]", {"name": A_FILE.name, "mimeType": "application/pdf", "buffer": A_FILE.data}
        )
        await visit.send("/nachweis-pruefen")
        await visit.seen(f"verify-{name}")


async def replying(visit: Visit) -> None:
    """Reply to a notice, first wrongly, and read again what was sent."""
    notice = await visit.world.delivered(reply=True)
    here = f"/postfach/{notice.notice_id}"
    await visit.log_in(notice.citizen)
    await visit.open(here)
    await visit.send(here)
    await visit.seen("notice-to-reply-to")
    await visit.open(f"{here}/antwort")
    await visit.seen("reply-form")
    await choose(visit, "programm.exe")
    await visit.send(f"{here}/antwort", text="Guten Tag, anbei die Bescheinigung.")
    await visit.seen("reply-refused")
    await choose(visit, "Bescheinigung.pdf")
    await visit.send(f"{here}/antwort")
    await visit.seen("notice-replied-to")
    await visit.open(f"{here}/antworten/1")
    await visit.seen("reply")


async def choose(visit: Visit, name: str) -> None:
    """Choose a file of a name to be sent."""
    await visit.page.set_input_files(
        "input[name=files]", {"name": name, "mimeType": "application/pdf", "buffer": A_FILE.data}
    )
