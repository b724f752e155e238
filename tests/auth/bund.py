"""People with a BundID: an identity provider that nobody here wrote says who they are, and our browser goes there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree

from sk.demo.browser import Browser, Form, Page
from sk.saml.names import MD, REDIRECT, SAMLP
from sk.saml.signature import key_info
from sk.xmldsig import spelled
from tests.auth.people import newest_path
from tests.fakes import FakeClock
from tests.saml.parties import party
from tests.saml.provider import BPK2, ENTITY, SIGN_ON, Taken, answer, taken
from tests.world import World, open_world

LEVEL = "STORK-QAA-Level-"
OID = "urn:oid:"
LEVEL_NAME = f"{OID}1.2.40.0.10.2.1.1.261.94"
GIVEN_NAME, SURNAME, TITLE = f"{OID}2.5.4.42", f"{OID}2.5.4.4", f"{OID}0.9.2342.19200300.100.1.40"
BIRTH_NAME, BIRTHDATE = f"{OID}1.2.40.0.10.2.1.1.225566", f"{OID}1.2.40.0.10.2.1.1.55"
BIRTHPLACE, NATIONALITY = f"{OID}1.3.6.1.5.5.7.9.2", f"{OID}1.2.40.0.10.2.1.1.225577"
STREET, POSTAL_CODE, CITY, COUNTRY = (
    *(f"{OID}2.5.4.16", f"{OID}2.5.4.17", f"{OID}2.5.4.7"),
    f"{OID}1.2.40.0.10.2.1.1.225599",
)
BUTTONS = {
    "/anmelden": "Mit BundID anmelden",
    "/konto": "BundID verbinden",
    "/registrieren": "Mit BundID anlegen",
}


@dataclass(frozen=True)
class Person:
    """What BundID says of somebody, by what they have logged in with there."""

    attributes: Mapping[str, str]
    level: str = f"{LEVEL}4"
    trust: str = "HOCH"


ERIKA = Person({
    BPK2: "k2jBT0cykDVqiKWia1VMzqmntTu-EwGskIYlcCIGt_8",
    LEVEL_NAME: f"{LEVEL}4",
    GIVEN_NAME: "ERIKA",
    SURNAME: "MUSTERMANN",
    BIRTH_NAME: "GABLER",
    BIRTHDATE: "1964-08-12",
    BIRTHPLACE: "BERLIN",
    NATIONALITY: "D",
    STREET: "HEIDESTRAẞE 17",
    POSTAL_CODE: "51147",
    CITY: "KÖLN",
    COUNTRY: "DE",
})  # fmt: skip
"""She shows her ID card there."""
BY_ELSTER = Person(
    {
        name: value
        for name, value in ERIKA.attributes.items()
        if name not in (LEVEL_NAME, BIRTH_NAME, BIRTHPLACE, NATIONALITY)
    },
    level=f"{LEVEL}3",
    trust="SUBSTANTIELL",
)
"""The same one, by her ELSTER certificate, which knows less of her."""
BY_NAME = Person({BPK2: ERIKA.attributes[BPK2]}, level=f"{LEVEL}1", trust="UNTERGEORDNET")
"""The same one, by user name and password."""


def changed(person: Person, changes: Mapping[str, str]) -> Person:
    """Return somebody of whom something else is said."""
    return replace(person, attributes={**person.attributes, **changes})


MAX = changed(ERIKA, {BPK2: "another-one", GIVEN_NAME: "MAX", BIRTHDATE: "1981-03-02"})


def metadata_file(folder: Path, sign_on: str = SIGN_ON) -> Path:
    """Write down what the identity provider says of itself; return the file."""
    role = MD(
        "IDPSSODescriptor",
        MD("KeyDescriptor", key_info(party("bundid").certificate), use="signing"),
        MD("SingleSignOnService", Binding=REDIRECT, Location=sign_on),
        protocolSupportEnumeration=SAMLP.uri,
    )
    folder.mkdir(exist_ok=True)
    file = folder / "bundid.xml"
    file.write_bytes(etree.tostring(MD("EntityDescriptor", role, entityID=ENTITY)))
    return file


def known_there(folder: Path, sign_on: str = SIGN_ON) -> dict[str, str]:
    """Return the settings by which an installation and BundID know each other."""
    return {"bundid": str(metadata_file(folder, sign_on)), "bundid_key": party("konto").files(folder / "key")}


@asynccontextmanager
async def world_with_bundid(
    folder: Path, clock: FakeClock, *, sign_on: str = SIGN_ON, **settings: Any
) -> AsyncIterator[World]:
    """Open a platform at which people log in by BundID."""
    async with open_world(folder / "data", clock, **known_there(folder, sign_on), **settings) as opened:
        yield opened


@dataclass(frozen=True)
class Bund:
    """BundID, as far as a platform knows it."""

    world: World

    async def metadata(self) -> bytes:
        """Return what the platform says of itself."""
        async with self.world.http.get(f"{self.world.base_url}/bundid/metadata") as answered:
            answered.raise_for_status()
            return await answered.read()

    async def asked(self, browser: Browser, page: Page, label: str) -> Taken:
        """Press a button that leads to BundID; return what it is asked for."""
        left = await browser.send(page.form(label))
        [address] = [link for link in left.links.values() if link.startswith(SIGN_ON)]
        return taken(address, await self.metadata())

    async def asked_at(self, browser: Browser, path: str) -> Taken:
        """Open a page, and press its button that leads to BundID."""
        return await self.asked(browser, await browser.open(path), BUTTONS[path])

    def answer(self, asked: Taken, person: Person = ERIKA, **otherwise: Any) -> Form:
        """Return the form in which an answer comes, right but for what is said otherwise."""
        base = self.world.base_url
        right = {
            "level": person.level,
            "attributes": person.attributes,
            "trust": person.trust,
            "service": f"{base}/bundid/metadata",
            "consumer": f"{base}/bundid/antwort",
        }
        raw = answer(asked.request.id, self.world.clock.now(), **{**right, **otherwise})
        return Form("/bundid/antwort", {"SAMLResponse": spelled(raw), "RelayState": ""})

    async def go(self, browser: Browser, page: Page, label: str, person: Person = ERIKA) -> Page:
        """Press a button, log in at BundID, and come back; return the page that follows."""
        return await browser.send(self.answer(await self.asked(browser, page, label), person))

    async def go_from(self, browser: Browser, path: str, person: Person = ERIKA) -> Page:
        """Open a page, and do the same from there."""
        return await self.go(browser, await browser.open(path), BUTTONS[path], person)

    async def registered(self, browser: Browser, person: Person = ERIKA) -> None:
        """Register and confirm."""
        page = await self.go_from(browser, "/registrieren", person)
        assert page.url == "/registrieren/ausweis", page.text
        page = await browser.send(page.form("Weiter"), email="erika@example.org", language="de")
        await browser.send(page.form("Konto anlegen"))
        await self.world.settle()
        page = await browser.open(newest_path(self.world))
        await browser.send(page.form("Konto bestätigen"))
