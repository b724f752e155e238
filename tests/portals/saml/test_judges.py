"""xmlsec1 agrees with every signature that we make, and the schemas of SAML 2.0 with every message and our metadata."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from pygamlastan import crypto

from sk.saml.names import SAML, SAMLP
from sk.xml import Element
from sk.xmldsig import DS
from tests.portals.saml.services import METADATA, Service, a_service, known, leaving, response_in, say
from tests.saml.judges import fault, xmlsec_agrees
from tests.saml.parties import metadata_of, party
from tests.security.tab import open_tab
from tests.world import World

CLAIMS = ("name", "birth_family_name", "birthdate", "address", "phone_number", "email", "postbox_handle")
ASSERTION = SAML.tag("Assertion")


async def answered(world: World, *, said: str = "ja", reader: str = "") -> tuple[Service, str]:
    """Have somebody log in to a portal, and return what it is answered."""
    service = await a_service(world, reader=party(reader) if reader else None, claims=CLAIMS)
    tab = await open_tab(world, await known(world, await world.citizen()))
    path = await service.send_off(tab, service.request())
    return service, response_in(leaving(await say(tab, path, said)))


def decrypted(text: str) -> str:
    """Return an answer with the assertion in it that pygamlastan has found."""
    keys = crypto.KeysManager()
    keys.add_key_pem(party("reader").key_pem, "decrypt")
    return crypto.SamlDecryptor(keys).decrypt(text)


def alone(text: str) -> Element:
    """Return an assertion as a document of its own."""
    (found,) = etree.fromstring(text.encode()).iter(ASSERTION)
    return etree.fromstring(etree.tostring(found, with_tail=False))


async def test_xmlsec1_agrees_with_the_signatures_of_a_response_and_of_its_assertion(
    world: World, tmp_path: Path
) -> None:
    _, text = await answered(world)

    assert xmlsec_agrees(etree.fromstring(text.encode()), party("provider"), tmp_path)
    assert xmlsec_agrees(alone(text), party("provider"), tmp_path)


async def test_xmlsec1_agrees_with_the_signature_of_an_assertion_that_was_encrypted(
    world: World, tmp_path: Path
) -> None:
    _, text = await answered(world, reader="reader")

    assert xmlsec_agrees(etree.fromstring(text.encode()), party("provider"), tmp_path)
    assert xmlsec_agrees(alone(decrypted(text)), party("provider"), tmp_path)


async def test_xmlsec1_agrees_with_the_signature_of_a_refusal(world: World, tmp_path: Path) -> None:
    _, text = await answered(world, said="nein")

    assert xmlsec_agrees(etree.fromstring(text.encode()), party("provider"), tmp_path)


async def test_xmlsec1_takes_neither_what_was_changed_nor_what_a_stranger_is_said_to_have_signed(
    world: World, tmp_path: Path
) -> None:
    _, text = await answered(world)
    changed = text.replace("Erika", "Erik")

    assert not xmlsec_agrees(etree.fromstring(changed.encode()), party("provider"), tmp_path)
    assert not xmlsec_agrees(alone(changed), party("provider"), tmp_path)
    assert not xmlsec_agrees(alone(text), party("a stranger"), tmp_path)


@pytest.mark.parametrize(("said", "reader"), [("ja", ""), ("ja", "reader"), ("nein", "")])
async def test_a_response_is_as_the_schemas_have_it(said: str, reader: str, world: World) -> None:
    _, text = await answered(world, said=said, reader=reader)

    assert fault(text) == ""


async def test_what_is_encrypted_is_as_the_schemas_have_it(world: World) -> None:
    _, text = await answered(world, reader="reader")

    assert fault(etree.tostring(alone(decrypted(text)))) == ""


async def test_our_metadata_is_as_the_schemas_have_it_and_not_signed(world: World) -> None:
    async with world.http.get(world.base_url + METADATA) as answer:
        raw = await answer.read()

    assert (answer.status, answer.content_type) == (200, "application/samlmetadata+xml")
    assert fault(raw) == ""
    assert list(etree.fromstring(raw).iter(DS.tag("Signature"))) == []


def test_what_services_of_these_tests_say_of_themselves_is_as_the_schemas_have_it() -> None:
    certificate = party("reader").certificate

    assert fault(metadata_of()) == ""
    assert fault(metadata_of(encryption=[certificate], consumers=["https://a.example/", "https://b.example/"])) == ""


def _without_version(root: Element) -> None:
    del root.attrib["Version"]


def _without_status(root: Element) -> None:
    (status,) = root.findall(SAMLP.tag("Status"))
    root.remove(status)


def _issuer_behind_all_else(root: Element) -> None:
    root.append(root[0])


def _value_without_its_attribute(root: Element) -> None:
    next(root.iter(SAML.tag("Attribute"))).attrib.pop("Name")


@pytest.mark.parametrize(
    "change", [_without_version, _without_status, _issuer_behind_all_else, _value_without_its_attribute]
)
async def test_the_schemas_find_what_is_wrong(change: Callable[[Element], None], world: World) -> None:
    _, text = await answered(world)
    root = etree.fromstring(text.encode())

    change(root)

    assert fault(etree.tostring(root)) != ""
