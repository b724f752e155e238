"""Tours through the pages of an account: making one, getting in, and what is chosen there."""

import re
from urllib.parse import parse_qs, urlsplit

import pyotp

from tests.auth.people import ERIKA, newest_path
from tests.auth.writing import newest_link
from tests.pages.visit import Visit
from tests.workers.cases import REFUSED
from tests.world import A_FILE, a_notice

SIMULATOR = "/dev/ausweis"
BACK = re.compile(r"<RefreshAddress>([^<]+)")


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
    await visit.open(await way_back(visit))
    await visit.seen("card-wait")
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


async def the_account(visit: Visit) -> None:
    """See the pages of an account."""
    erika = await visit.world.citizen()
    authority = await visit.world.authority()
    await authority.post(a_notice(erika.handle), [A_FILE])
    await visit.world.settle()
    await visit.log_in(erika)
    await visit.see(
        {
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
        }
    )
    await visit.send("/konto/loeschen/bestaetigen")
    await visit.seen("erasure-unsure")
    await visit.open("/konto/sicherheit/passwort")
    await visit.send("/konto/sicherheit/passwort", password="kurz")
    await visit.seen("password-errors")
    await visit.open("/konto/email")
    await visit.send("/konto/email", email="keine")
    await visit.seen("email-errors")
    await visit.open("/konto/loeschen/bestaetigen")
    await visit.send("/konto/loeschen/bestaetigen", sicher="ja")
    await visit.seen("erasure-asked")


async def getting_in(visit: Visit) -> None:
    """Log in with a code as well, late and wrongly, and set a new password instead of a forgotten one."""
    erika = await visit.world.citizen()
    await visit.log_in(erika)
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
    await visit.open("/passwort-vergessen")
    await visit.send("/passwort-vergessen", username=erika.username)
    await visit.world.settle()
    await visit.open(newest_path(visit.world))
    await visit.seen("forgotten-new")
    await visit.send("/passwort-vergessen/neu", password="kurz")
    await visit.seen("forgotten-new-errors")
    await visit.send("/passwort-vergessen/neu", password="vier Esel tragen Kaffee")
    await visit.seen("forgotten-done")


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
    await visit.open(newest_link(visit.world))
    await visit.seen("second-address-code")
    await visit.send("/konto/email/bestaetigen")
    await visit.seen("second-address-done")
    await visit.open("/konto/benachrichtigung/zweite-adresse")
    await visit.seen("second-address-changed")
    await visit.world.settle()
    visit.world.mails.trouble += [REFUSED] * 2
    await (await visit.world.authority()).post(a_notice(erika.handle), [A_FILE])
    await visit.world.settle()
    await visit.see(
        {
            "/postfach": "postbox-unreachable",
            "/konto": "account-unreachable",
            "/konto/benachrichtigung": "notifications-unreachable",
        }
    )


async def einwilligungen(visit: Visit) -> None:
    """Choose authorities, agree, except one, and withdraw."""
    stadt, kreis = await visit.world.authority("Stadt Köln"), await visit.world.authority("Kreis Düren")
    here = "/konto/einwilligungen"
    await visit.log_in(await visit.world.citizen(einwilligung=False))
    await visit.open(here)
    await visit.seen("einwilligungen-none")
    await visit.send(f"{here}#gefunden", suche="Amt")
    await visit.seen("einwilligungen-nothing-found")
    await visit.send(f"{here}#gefunden", suche="köln")
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


async def to_the_simulator(visit: Visit) -> None:
    """Go on to the simulator, as a trial offers it."""
    await visit.page.locator(f'a[href^="{SIMULATOR}"]').click()


async def way_back(visit: Visit) -> str:
    """Return where an eID-Client comes back to, as its token says: whoever goes there before it has to wait."""
    link = await visit.page.locator(f'a[href^="{SIMULATOR}"]').get_attribute("href")
    [token_address] = parse_qs(urlsplit(link or "").query)["tcTokenURL"]
    async with visit.world.http.get(token_address) as answer:
        found = BACK.search(await answer.text())
    assert found
    return found[1]
