"""Logging in to a portal that speaks SAML 2.0: its software, pygamlastan, nobody here wrote, and it judges."""

import base64
from datetime import timedelta

import pytest
from pygamlastan import SamlError, core, crypto

from sk.auth.handles import handle_towards
from sk.auth.portal_log_in import pairwise_sub
from sk.demo.browser import Form
from tests.portals.saml.services import (
    METADATA,
    RELAY,
    SIGN_ON,
    Binding,
    a_service,
    fields_of,
    known,
    leaving,
    provider,
    response_in,
    say,
)
from tests.saml.parties import party
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import World

LEVEL = "http://eidas.europa.eu/LoA/"
PSEUDONYM, QAA = "urn:oid:1.3.6.1.4.1.25484.494450.3", "urn:oid:1.2.40.0.10.2.1.1.261.94"
GIVEN, FAMILY, MAIL = "urn:oid:2.5.4.42", "urn:oid:2.5.4.4", "urn:oid:0.9.2342.19200300.100.1.3"
BINDINGS: tuple[Binding, ...] = ("redirect", "form")


async def test_our_metadata_says_to_others_where_and_how_to_ask(world: World) -> None:
    ours = await provider(world)

    there = world.base_url + SIGN_ON
    assert (ours.entity_id, ours.is_idp(), ours.is_sp()) == (world.base_url + METADATA, True, False)
    assert {(one.binding, one.location) for one in ours.single_sign_on_services()} == {
        (core.BINDING_HTTP_REDIRECT, there),
        (core.BINDING_HTTP_POST, there),
    }
    assert ours.name_id_formats("idp") == [core.NAMEID_PERSISTENT]
    assert len(ours.signing_certificates("idp")) == 1
    assert ours.encryption_certificates("idp") == []


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize("reader", ["", "reader"], ids=["signed", "signed and encrypted"])
async def test_a_portal_learns_who_has_logged_in_and_what_they_agreed_to(
    binding: Binding, reader: str, world: World
) -> None:
    service = await a_service(world, reader=party(reader) if reader else None)
    erika = await known(world, await world.citizen())
    request = service.request()

    page = await service.log_in(await open_tab(world, erika), request, binding)
    form = leaving(page)
    told = await service.judged(form, request)

    name = pairwise_sub(erika.account.id, service.card, world.web)
    assert (form.action, form.fields["RelayState"]) == (service.back, RELAY)
    assert ("aes256-gcm" in response_in(form), GIVEN in response_in(form)) == (bool(reader), not reader)
    assert (told.name_id, told.name_id_format, told.sp_name_qualifier) == (
        name,
        core.NAMEID_PERSISTENT,
        service.entity,
    )
    assert told.authn_context_class_ref == f"{LEVEL}high"
    assert told.attributes_dict() == {
        GIVEN: ["Erika"],
        FAMILY: ["Mußtermänn"],
        MAIL: ["erika@example.org"],
        PSEUDONYM: [name],
        QAA: ["STORK-QAA-Level-4"],
    }


async def test_what_is_encrypted_can_be_read_with_the_portals_key_alone(world: World) -> None:
    service = await a_service(world, reader=party("reader"))
    page = await service.log_in(await open_tab(world, await world.citizen()), service.request())
    keys = crypto.KeysManager()
    keys.add_key_pem(party("a stranger").key_pem, "decrypt")

    with pytest.raises(SamlError):
        crypto.SamlDecryptor(keys).decrypt(response_in(leaving(page)))


async def test_every_datum_has_the_name_that_bundid_has_for_it(world: World) -> None:
    claims = ("name", "birth_family_name", "birthdate", "address", "phone_number", "postbox_handle")
    service, erika = await a_service(world, claims=claims), await known(world, await world.citizen())

    told = await service.told(await open_tab(world, erika))

    assert told.attributes_dict() == {
        GIVEN: ["Erika"],
        FAMILY: ["Mußtermänn"],
        "urn:oid:1.2.40.0.10.2.1.1.225566": ["Gabler"],
        "urn:oid:1.2.40.0.10.2.1.1.55": ["1964-08-12"],
        "urn:oid:2.5.4.16": ["Heidestraße 17"],
        "urn:oid:2.5.4.17": ["51147"],
        "urn:oid:2.5.4.7": ["Köln"],
        "urn:oid:1.2.40.0.10.2.1.1.225599": ["DE"],
        "urn:oid:2.5.4.20": ["+49 221 1234567"],
        "urn:oid:2.5.4.18": [handle_towards(erika.account, service.card.authority, world.web)],
        PSEUDONYM: [told.name_id],
        QAA: ["STORK-QAA-Level-4"],
    }
    assert {one.name_format for one in told.attributes} == {core.ATTRNAME_FORMAT_URI}


async def test_the_page_names_the_portal_and_what_it_would_be_told(world: World) -> None:
    service, erika = (
        await a_service(world, purpose="um einen Platz zu finden"),
        await known(world, await world.citizen()),
    )
    tab = await open_tab(world, erika)

    said = words_of((await tab.get(await service.send_off(tab, service.request()))).text)

    assert "Anmelden bei Kita-Portal" in said
    assert "um einen Platz zu finden" in said
    assert "Mußtermänn" in said
    assert "Köln" not in said


async def test_whoever_is_not_logged_in_does_that_first_and_comes_back(world: World) -> None:
    service, erika = await a_service(world), await world.citizen()
    async with world.browser() as browser:
        request = service.request()
        sent = await browser.send(Form(SIGN_ON, dict(fields_of(service.signed(request.to_xml(), request.id)))))
        page = await browser.send(sent.form("Anmelden"), username=erika.username, password=erika.password)

    assert sent.url == "/anmelden"
    assert page.url.startswith("/portal/")
    assert page.form("Zustimmen und weiter").action == page.url


@pytest.mark.parametrize("binding", BINDINGS)
async def test_whoever_does_not_agree_is_led_back_and_nothing_is_told(binding: Binding, world: World) -> None:
    service, tab = await a_service(world, reader=party("reader")), await open_tab(world, await world.citizen())
    request = service.request()
    path = await service.send_off(tab, request, binding)

    page = await say(tab, path, "nein")

    assert await service.codes(page, request) == ("Responder", "RequestDenied")
    assert leaving(page).fields["RelayState"] == RELAY
    assert (await tab.get(path)).status == 404


async def test_whoever_has_agreed_is_not_asked_again_for_the_same_but_for_more(world: World) -> None:
    service, tab = await a_service(world), await open_tab(world, await world.citizen())
    first = await service.told(tab)

    again = service.request()
    same = await tab.get(await service.send_off(tab, again))
    more = await service.changed(claims=("given_name", "family_name", "email", "phone_number"))
    asked = await tab.get(await more.send_off(tab, more.request()))

    assert (await service.judged(leaving(same), again)).name_id == first.name_id
    assert "Zustimmen und weiter" in asked.text


async def test_portals_of_two_authorities_know_nobody_by_the_same_name(world: World) -> None:
    here, there = await a_service(world), await a_service(world, host="andere.example", signer="another service")
    erika, otto = [await open_tab(world, await world.citizen(name)) for name in ("erika", "otto")]

    names = [(await service.told(tab)).name_id for service in (here, there) for tab in (erika, otto)]

    assert len(set(names)) == 4
    assert (await here.told(erika)).name_id == names[0]


async def test_a_passive_request_is_answered_without_asking_anybody(world: World) -> None:
    service, tab = await a_service(world), await open_tab(world, await world.citizen())
    first, second = service.request(is_passive=True), service.request(is_passive=True)

    before = await service.send(tab, first)
    name = (await service.told(tab)).name_id
    after = await service.send(tab, second)

    assert await service.codes(before, first) == ("Responder", "NoPassive")
    assert (await service.judged(leaving(after), second)).name_id == name


@pytest.mark.parametrize("binding", BINDINGS)
async def test_a_passive_request_for_somebody_who_is_not_logged_in_is_refused(binding: Binding, world: World) -> None:
    service = await a_service(world)
    nobody = await open_tab(world, await world.citizen())
    request = service.request(is_passive=True)

    page = await service.send(type(nobody)(nobody.http, nobody.base_url, "", ""), request, binding)

    assert await service.codes(page, request) == ("Responder", "NoPassive")
    assert leaving(page).fields["RelayState"] == RELAY


async def test_a_passive_request_for_a_level_that_is_not_reached_is_refused(world: World) -> None:
    service, erika = await a_service(world), await world.citizen()
    await service.told(await open_tab(world, erika))
    request = service.request(is_passive=True, authn_context_class_refs=[f"{LEVEL}high"])

    page = await service.send(await open_tab(world, erika, "low"), request)

    assert await service.codes(page, request) == ("Responder", "NoAuthnContext")


async def test_an_old_log_in_is_not_enough_for_a_portal_that_forces_a_fresh_one(world: World) -> None:
    service, erika = await a_service(world), await world.citizen()
    old = await open_tab(world, erika)
    request = service.request(force_authn=True)
    path = await service.send_off(old, request)

    sent = await old.get(path)
    pressed = await say(old, path, "ja")
    fresh = await open_tab(world, erika)
    told = await service.judged(leaving(await say(fresh, path, "ja")), request)

    assert (sent.status, sent.headers["Location"]) == (303, f"/anmelden/erneut?weiter={path}")
    assert (pressed.status, pressed.headers["Location"]) == (303, path)
    assert world.clock.now() - told.authn_instant < timedelta(minutes=1)


async def test_a_portal_that_demands_high_leads_to_the_card(world: World) -> None:
    service, erika = await a_service(world), await world.citizen()
    low, high = await open_tab(world, erika, "low"), await open_tab(world, erika, "high", means="card")
    request = service.request(authn_context_class_refs=[f"{LEVEL}high"], authn_context_comparison="minimum")
    path = await service.send_off(low, request)

    asked = words_of((await low.get(path)).text)
    forced, without = await say(low, path, "ja"), await say(low, path, "ohne")
    told = await service.judged(leaving(await say(high, path, "ja")), request)

    assert "Dafür brauchen Sie eine sicherere Anmeldung" in asked
    assert "Ohne sicherere Anmeldung weiter" not in asked
    assert [(answer.status, answer.headers["Location"]) for answer in (forced, without)] == [(303, path)] * 2
    assert told.authn_context_class_ref == f"{LEVEL}high"


@pytest.mark.parametrize(
    ("asked", "level", "said"),
    [
        ([f"{LEVEL}low"], "low", f"{LEVEL}low"),
        ([f"{LEVEL}substantial"], "substantial", f"{LEVEL}substantial"),
        (["STORK-QAA-Level-1"], "low", "STORK-QAA-Level-1"),
        (["STORK-QAA-Level-2"], "substantial", "STORK-QAA-Level-3"),
        (["STORK-QAA-Level-3", "STORK-QAA-Level-4"], "substantial", "STORK-QAA-Level-3"),
        (["STORK-QAA-Level-4"], "high", "STORK-QAA-Level-4"),
        (["urn:example:password", f"{LEVEL}low"], "low", f"{LEVEL}low"),
    ],
)
async def test_a_level_is_told_in_the_words_in_which_it_was_asked_for(
    asked: list[str], level: str, said: str, world: World
) -> None:
    service = await a_service(world)
    tab = await open_tab(world, await world.citizen(), level)  # type: ignore[arg-type]

    told = await service.told(tab, service.request(authn_context_class_refs=asked, authn_context_comparison="minimum"))

    assert told.authn_context_class_ref == said


@pytest.mark.parametrize(
    ("asked", "level", "said"),
    [
        (["STORK-QAA-Level-3"], "high", "STORK-QAA-Level-3"),
        (["STORK-QAA-Level-1", "STORK-QAA-Level-3"], "substantial", "STORK-QAA-Level-3"),
        ([f"{LEVEL}low"], "high", f"{LEVEL}low"),
    ],
)
async def test_to_a_portal_that_takes_some_levels_and_no_others_one_of_these_is_told(
    asked: list[str], level: str, said: str, world: World
) -> None:
    service = await a_service(world)
    tab = await open_tab(world, await world.citizen(), level)  # type: ignore[arg-type]

    told = await service.told(tab, service.request(authn_context_class_refs=asked, authn_context_comparison="exact"))

    assert told.authn_context_class_ref == said


@pytest.mark.parametrize("comparison", ["maximum", "better"])
async def test_a_portal_that_wants_no_more_than_a_level_or_more_than_it_is_refused(
    comparison: str, world: World
) -> None:
    service, tab = await a_service(world), await open_tab(world, await world.citizen())
    request = service.request(authn_context_class_refs=[f"{LEVEL}low"], authn_context_comparison=comparison)

    page = await service.send(tab, request)

    assert await service.codes(page, request) == ("Responder", "NoAuthnContext")


async def test_a_passive_request_forces_a_fresh_log_in_all_the_same(world: World) -> None:
    service, tab = await a_service(world), await open_tab(world, await world.citizen())
    await service.told(tab)
    request = service.request(is_passive=True, force_authn=True)

    page = await service.send(tab, request)

    assert await service.codes(page, request) == ("Responder", "NoPassive")


@pytest.mark.parametrize("binding", BINDINGS)
async def test_a_request_for_levels_that_nobody_here_knows_is_refused(binding: Binding, world: World) -> None:
    service, tab = await a_service(world), await open_tab(world, await world.citizen())
    request = service.request(authn_context_class_refs=[core.AUTHN_CONTEXT_KERBEROS, "hoch"])

    page = await service.send(tab, request, binding)

    assert await service.codes(page, request) == ("Responder", "NoAuthnContext")


@pytest.mark.parametrize(("said", "place"), [({}, 0), ({"acs_url": "https://portal.example/zwei"}, 1)])
async def test_the_answer_goes_where_the_portal_wants_it_among_the_addresses_of_its_metadata(
    said: dict[str, str], place: int, world: World
) -> None:
    consumers = ("https://portal.example/eins", "https://portal.example/zwei")
    service = await a_service(world, consumers=consumers)
    request = service.request(**said)

    form = leaving(await service.log_in(await open_tab(world, await world.citizen()), request))

    assert form.action == consumers[place]
    assert (await service.judged(form, request)).name_id


@pytest.mark.parametrize(("index", "place"), [(0, 0), (1, 1), (None, 0)])
async def test_an_address_of_the_metadata_may_be_named_by_its_index_or_not_at_all(
    index: int | None, place: int, world: World
) -> None:
    consumers = ("https://portal.example/eins", "https://portal.example/zwei")
    service = await a_service(world, consumers=consumers)
    request = service.request(acs_url=None, acs_index=index, protocol_binding=None)

    form = leaving(await service.log_in(await open_tab(world, await world.citizen()), request))

    assert form.action == consumers[place]


async def test_each_of_the_certificates_of_a_portal_may_have_signed(world: World) -> None:
    old, new = await a_service(world), party("the next key")
    both = old.card.saml.model_copy(update={"signing": (party("service").certificate_text, new.certificate_text)})  # type: ignore[union-attr]
    service = await old.changed(saml=both)
    tab = await open_tab(world, await world.citizen())

    names = [(await type(service)(world, service.card, one).told(tab)).name_id for one in (service.party, new)]

    assert names[0] == names[1]


async def test_the_one_who_judges_here_takes_no_answer_that_somebody_has_changed_or_that_is_one_to_another_request(
    world: World,
) -> None:
    service, erika = await a_service(world), await known(world, await world.citizen())
    request = service.request()
    form = leaving(await service.log_in(await open_tab(world, erika), request))
    changed = response_in(form).replace(">Erika<", ">Erik<").encode()

    with pytest.raises(SamlError):
        await service.judged(form, service.request())
    with pytest.raises(SamlError):
        await service.judged(Form(form.action, {"SAMLResponse": base64.b64encode(changed).decode()}), request)
    assert (await service.judged(form, request)).name_id
