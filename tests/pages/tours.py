"""The tours: ways through all pages, each in every state that it has. What a tour does not visit, nobody checks."""

from collections.abc import Awaitable, Callable, Mapping

import pyotp

from sk.client import File
from tests.auth.people import ERIKA, newest_path
from tests.auth.test_notification_settings import code_in
from tests.pages.visit import Visit
from tests.strangers import a_pdf, a_photo
from tests.workers.cases import REFUSED
from tests.world import A_FILE, a_notice

Tour = Callable[[Visit], Awaitable[None]]
SIMULATOR = "/dev/ausweis"


async def strangers(visit: Visit) -> None:
    """See what anybody sees."""
    for path, name in {
        "/": "home",
        "/anmelden": "log-in",
        "/aktivieren": "activate",
        "/passwort-vergessen": "forgotten",
        "/nachweis-pruefen": "verify",
        "/gibt/es/nicht": "not-found",
        "/registrieren/bestaetigen": "register-mail",
        "/registrieren/bestaetigen?code=x": "register-code-gone",
        "/passwort-vergessen/neu?code=x": "forgotten-code-gone",
        "/konto/email?code=x": "email-code-gone",
        "/dev/mail": "dev-mail",
        "/barrierefreiheit": "accessibility",
        "/barrierefreiheit?gesagt=danke": "accessibility-thanks",
        "/leichte-sprache": "plain-language",
        "/datenschutz": "privacy",
        "/impressum": "imprint",
    }.items():
        await visit.open(path)
        await visit.seen(name)
    await visit.open("/anmelden")
    await visit.send("/anmelden", username="niemand", password="stimmt nicht")
    await visit.seen("log-in-refused")
    await visit.open("/aktivieren")
    await visit.send("/aktivieren", code="x", password="kurz")
    await visit.seen("activate-refused")
    await visit.open("/passwort-vergessen")
    await visit.send("/passwort-vergessen", username="niemand")
    await visit.seen("forgotten-mail")
    await visit.open("/barrierefreiheit")
    await visit.send("/barrierefreiheit")
    await visit.seen("accessibility-errors")
    await visit.open("/anmelden")
    await visit.forget("form")
    await visit.send("/anmelden", username="niemand", password="stimmt nicht")
    await visit.seen("log-in-stale")


async def registering(visit: Visit) -> None:
    """Register with a password, and raise the trust level with the card."""
    await visit.open("/registrieren")
    await visit.seen("register")
    await visit.send(
        "/registrieren", **{**ERIKA, "username": "e!", "given_names": "Erika™", "password": "passwordpassword"}
    )
    await visit.seen("register-errors")
    await visit.send("/registrieren", **ERIKA)
    await visit.seen("register-check")
    await visit.send("/registrieren/pruefen")
    await visit.world.settle()
    await visit.open(newest_path(visit.world))
    await visit.seen("register-confirm")
    await visit.send("/registrieren/bestaetigen")
    await visit.seen("register-done")
    await visit.open("/anmelden")
    await visit.send("/anmelden", username=ERIKA["username"], password=ERIKA["password"])
    await visit.seen("postbox-empty")
    await visit.open("/konto")
    await visit.seen("account-low")
    await visit.send("/ausweis")
    await visit.seen("card")
    await to_the_simulator(visit)
    await visit.seen("simulator")
    await visit.send(SIMULATOR, persona="soeren")
    await visit.seen("card-compare")
    await visit.send("/ausweis/abgleich")
    await visit.seen("account-high")
    await visit.open("/konto/daten")
    await visit.send("/konto/daten", phone="☎")
    await visit.seen("account-data-errors")


async def cards(visit: Visit) -> None:
    """Come with a card that nobody is known by."""
    await visit.open("/anmelden")
    await visit.send("/ausweis")
    await to_the_simulator(visit)
    await visit.send(SIMULATOR, choice="cancel")
    await visit.seen("card-failed")
    await visit.send("/ausweis")
    await to_the_simulator(visit)
    await visit.send(SIMULATOR, persona="amelie")
    await visit.seen("card-unknown")
    await visit.open("/registrieren/ausweis")
    await visit.seen("register-card")
    await visit.send("/registrieren/ausweis", email="keine")
    await visit.seen("register-card-errors")
    await visit.open("/ausweis")
    await visit.seen("card-begun")


async def mails(visit: Visit) -> None:
    """Choose how to be written to, and have a mail come back."""
    erika = await visit.world.citizen()
    await visit.log_in(erika)
    await visit.open("/konto/benachrichtigung/satz")
    await visit.send("/konto/benachrichtigung/satz", phrase="dieb.example")
    await visit.seen("phrase-errors")
    await visit.send("/konto/benachrichtigung/satz", phrase="drei Kraniche über Hamm")
    await visit.seen("phrase-chosen")
    await visit.world.settle()
    await visit.open("/konto/benachrichtigung/zweite-adresse")
    await visit.send("/konto/benachrichtigung/zweite-adresse", email="erika@example.org")
    await visit.seen("second-address-errors")
    await visit.send("/konto/benachrichtigung/zweite-adresse", email="zweite@example.org")
    await visit.seen("second-address-asked")
    await visit.world.settle()
    await visit.open(f"/konto/email?code={code_in(visit.world.mails.sent[-1])}")
    await visit.seen("second-address-code")
    await visit.send("/konto/email/bestaetigen")
    await visit.seen("second-address-done")
    await visit.open("/konto/benachrichtigung/zweite-adresse")
    await visit.seen("second-address-changed")
    await visit.world.settle()
    visit.world.mails.trouble += [REFUSED] * 2
    await (await visit.world.authority()).post(a_notice(erika.handle), [A_FILE])
    await visit.world.settle()
    for path, name in {"/postfach": "postbox", "/konto": "account", "/konto/benachrichtigung": "notifications"}.items():
        await visit.open(path)
        await visit.seen(f"{name}-unreachable")


async def the_account(visit: Visit) -> None:
    """See the pages of an account, and have it erased."""
    erika = await visit.world.citizen()
    authority = await visit.world.authority()
    await authority.post(a_notice(erika.handle), [A_FILE])
    await visit.world.settle()
    await visit.log_in(erika)
    for path, name in {
        "/konto": "account",
        "/konto/daten": "account-data",
        "/konto/email": "email",
        "/konto/benachrichtigung": "notifications",
        "/konto/benachrichtigung/satz": "phrase",
        "/konto/benachrichtigung/zweite-adresse": "second-address",
        "/konto/protokoll": "journal",
        "/konto/sicherheit": "security",
        "/konto/sicherheit/passwort": "password",
        "/konto/sicherheit/passkeys": "passkeys",
        "/konto/sicherheit/app": "app-off",
        "/konto/loeschen": "erasure",
        "/konto/loeschen/bestaetigen": "erasure-confirm",
    }.items():
        await visit.open(path)
        await visit.seen(name)
    await visit.send("/konto/loeschen/bestaetigen")
    await visit.seen("erasure-unsure")
    await visit.open("/konto/sicherheit/passwort")
    await visit.send("/konto/sicherheit/passwort", password="kurz")
    await visit.seen("password-errors")
    await visit.open("/konto/email")
    await visit.send("/konto/email", email="keine")
    await visit.seen("email-errors")
    await visit.open("/konto/sicherheit/app")
    await visit.send("/konto/sicherheit/app")
    await visit.seen("app-begun")
    await visit.send("/konto/sicherheit/app/bestaetigen", code="000000")
    await visit.seen("app-refused")
    secret = (await visit.page.locator(".secret").inner_text()).replace(" ", "")
    code = pyotp.TOTP(secret).at(visit.world.clock.now())
    await visit.send("/konto/sicherheit/app/bestaetigen", code=code)
    await visit.seen("recovery-codes")
    await visit.open("/konto/sicherheit/app")
    await visit.seen("app-on")
    await visit.open("/konto/loeschen/bestaetigen")
    await visit.send("/konto/loeschen/bestaetigen", sicher="ja")
    await visit.seen("erasure-asked")
    visit.world.clock.advance(minutes=10)
    await visit.open("/konto/sicherheit/passwort")
    await visit.seen("log-in-again")
    await visit.send("/anmelden/erneut", password="stimmt nicht")
    await visit.seen("log-in-again-refused")
    await visit.forget("session")
    await visit.log_in(erika)
    await visit.seen("log-in-code")
    await visit.send("/anmelden/code", code="111111")
    await visit.seen("log-in-code-refused")


async def einwilligungen(visit: Visit) -> None:
    """Choose authorities, agree, except one, and withdraw."""
    stadt, kreis = await visit.world.authority("Stadt Köln"), await visit.world.authority("Kreis Düren")
    here = "/konto/einwilligungen"
    await visit.log_in(await visit.world.citizen(einwilligung=False))
    await visit.open(here)
    await visit.seen("einwilligungen-none")
    await visit.send(here, suche="Amt")
    await visit.seen("einwilligungen-nothing-found")
    await visit.send(here, suche="köln")
    await visit.seen("einwilligungen-found")
    await visit.open(f"{here}/{stadt.client_id}")
    await visit.seen("einwilligung-none")
    await visit.send(f"{here}/{stadt.client_id}/geben")
    await visit.seen("einwilligung-given")
    await visit.open(here)
    await visit.send(f"{here}/geben")
    await visit.seen("einwilligungen-general")
    await visit.open(f"{here}/{kreis.client_id}")
    await visit.seen("einwilligung-general")
    await visit.send(f"{here}/{kreis.client_id}/widerrufen")
    await visit.seen("einwilligungen-excepted")
    await visit.open(f"{here}/{kreis.client_id}")
    await visit.seen("einwilligung-excepted")


async def the_postbox(visit: Visit) -> None:
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
    await visit.open("/postfach?ablage=archiv")
    await visit.seen("archive-empty")
    await visit.open(f"/postfach/{read['notice-none']}")
    await visit.send(f"/postfach/{read['notice-none']}/archiv")
    await visit.open("/postfach?ablage=archiv")
    await visit.seen("archive")
    await visit.open(f"/postfach/{read['notice-none']}")
    await visit.seen("notice-archived")
    await visit.open(f"/postfach?von={authority.client_id}")
    await visit.seen("postbox-of-one")
    for words in ("Bescheid", "Kraniche"):
        await visit.open("/postfach")
        await visit.send("/postfach/suche", suche=words)
        await visit.seen(f"search-{words.lower()}")
    await visit.open(f"/postfach/{read['notice']}/nachweis")
    await visit.seen("proof")
    world.clock.advance(days=60)
    await world.settle()
    await visit.log_in(erika)
    await visit.seen("postbox-later")
    await visit.open(f"/postfach/{read['notice']}")
    await visit.seen("notice-over")


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
    for path, name in {
        "1/ansehen": "none",
        "2/ansehen": "first",
        "2/ansehen?ab=6": "last",
        "3/ansehen": "photo",
    }.items():
        await visit.open(f"{here}/dateien/{path}")
        await visit.seen(f"preview-{name}")


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


async def to_the_simulator(visit: Visit) -> None:
    """Go on to the simulator, as a trial offers it."""
    await visit.page.locator(f'a[href^="{SIMULATOR}"]').click()


TOURS: Mapping[str, Tour] = {
    tour.__name__: tour
    for tour in (
        strangers,
        registering,
        cards,
        the_account,
        mails,
        einwilligungen,
        the_postbox,
        replying,
        previews,
        evidence,
    )
}
