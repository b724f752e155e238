"""Attacks on log-ins by SAML, each by its name: each ends on a page of ours, nothing goes anywhere, nothing is kept."""

import base64
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pygamlastan import core

from sk.auth.authorization import ABOUT, REQUEST_URI, TEXT_MAX, Asked
from sk.auth.consent import Consent
from sk.auth.errands import StoredErrand, open_errand
from sk.auth.portal_log_in import PortalLogIn
from sk.errors import Damaged
from sk.xmldsig import DS, RSA_PSS_SHA256, RSA_SHA256, sign_bytes
from tests.auth.portals import BACK, Software, a_portal
from tests.fakes import WallClock
from tests.portals.saml.services import (
    METADATA,
    RELAY,
    SIGN_ON,
    Service,
    a_service,
    fields_of,
    leaving,
    post,
    say,
    sign_by,
    visit,
)
from tests.saml.asking import Change, changed, forged
from tests.saml.forgeries import FORGERIES
from tests.saml.parties import party
from tests.saml.wrappings import WRAPPINGS
from tests.security.tab import Answer, Tab, open_tab
from tests.web.pages import words_of
from tests.world import World, open_world

PATH = f"{SIGN_ON}?"
WRONG = "Diese Anfrage eines Online-Dienstes gilt nicht"
UNKNOWN = "Diesen Online-Dienst kennen wir nicht"
EVIL = "https://evil.example/acs"


async def refused(world: World, answer: Answer, words: str = WRONG) -> bool:
    """Check that a request has ended on a page of ours, leads nowhere and has left nothing behind; it is true then."""
    assert answer.status == 400, (answer.status, answer.text)
    assert words in words_of(answer.text)
    assert "Location" not in answer.headers
    assert "SAMLResponse" not in answer.text
    assert await world.web.store.scan(StoredErrand) == []
    return True


async def anybody(world: World) -> Tab:
    """Return a browser of somebody who is logged in."""
    return await open_tab(world, await world.citizen())


async def asked_at(path: str, world: World) -> Asked:
    """Return what was kept of a request that led to a page."""
    errand = await open_errand(ABOUT, Asked, path.rpartition("/")[2], world.web)
    return errand.content


def written(service: Service, said: Callable[[str], str] = str, **options: object) -> tuple[str, bytes, str]:
    """Return a request changed before it was signed: as it is, signed in itself, and as an address."""
    request = service.request(**options)
    text = said(request.to_xml())
    return text, service.signed(text, request.id), service.address(text)


def issued_by(service: Service, entity: str) -> Callable[[str], str]:
    """Return how a request says that it is somebody else's."""
    return lambda text: text.replace(f">{service.entity}<", f">{entity}<")


# Who has signed


async def test_unsigned_request(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    text, _, address = written(service)

    assert await refused(world, await post(tab, text.encode()))
    for left_out in ("Signature", "SigAlg"):
        kept = [part for part in address.removeprefix(PATH).split("&") if not part.startswith(f"{left_out}=")]
        assert await refused(world, await visit(tab, PATH + "&".join(kept)))


async def test_request_that_is_signed_in_itself_in_an_address(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, _ = written(service)

    assert await refused(world, await visit(tab, PATH + urlencode({"SAMLRequest": deflated(message)})))


async def test_signature_of_an_address_in_a_form(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    text, _, address = written(service)
    beside = dict(part.split("=", 1) for part in address.removeprefix(PATH).split("&"))

    assert await refused(world, await post(tab, text.encode(), SigAlg=RSA_SHA256, Signature=beside["Signature"]))


async def test_request_signed_by_a_stranger(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    stranger = Service(world, service.card, party("a stranger"))
    _, message, address = written(stranger)

    assert await refused(world, await post(tab, message))
    assert await refused(world, await visit(tab, address))


async def test_request_signed_by_another_portal(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    other = await a_service(world, host="other.example", signer="another service")
    _, message, address = written(Service(world, service.card, other.party))

    assert await refused(world, await post(tab, message))
    assert await refused(world, await visit(tab, address))


async def test_request_signed_with_the_key_that_is_for_encryption(world: World) -> None:
    service, tab = await a_service(world, reader=party("reader")), await anybody(world)
    _, message, address = written(Service(world, service.card, party("reader")))

    assert await refused(world, await post(tab, message))
    assert await refused(world, await visit(tab, address))


async def test_request_of_an_issuer_that_nobody_has_registered(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    for issuer in ("https://evil.example", "", f"{service.entity}/", service.entity.upper(), service.card.portal):
        _, message, address = written(service, issued_by(service, issuer))

        assert await refused(world, await post(tab, message), UNKNOWN)
        assert await refused(world, await visit(tab, address), UNKNOWN)


async def test_request_without_an_issuer(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, _, address = written(service, lambda text: text.replace(f"<saml:Issuer>{service.entity}</saml:Issuer>", ""))

    assert await refused(world, await visit(tab, address))


# XML signatures


@pytest.mark.parametrize("wrapping", WRAPPINGS.values(), ids=WRAPPINGS)
async def test_signature_wrapping(wrapping: Change, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, _ = written(service)

    wrapped = changed(message, wrapping)

    assert wrapped != message
    answer = await post(tab, wrapped)
    assert await refused(world, answer, UNKNOWN if UNKNOWN in answer.text else WRONG)
    assert (await post(tab, message)).status == 303, "the genuine one was not spent by this"


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_another_way_to_sign(forgery: Change, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, _ = written(service)
    try:
        raw = forged(message, forgery, service.party)
    except Damaged:  # it has no canonical form that could be signed
        raw = changed(message, forgery)

    assert await refused(world, await post(tab, raw))


@pytest.mark.parametrize("said", [{"digest": f"{DS.uri}sha1"}, {"uri": ""}], ids=["SHA-1", "the whole document"])
async def test_another_way_to_sign_by_other_software(said: dict[str, str], world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    request = service.request()

    message = sign_by(service.party, request.to_xml(), request.id, **said)

    assert await refused(world, await post(tab, message))


# The signature of an address


def deflated(message: bytes) -> str:
    """Return a message as addresses have it, before it is quoted."""
    packer = zlib.compressobj(wbits=-15)
    return base64.b64encode(packer.compress(message) + packer.flush()).decode()


def signed_address(service: Service, parts: Mapping[str, str], algorithm: str = RSA_SHA256, **beside: str) -> str:
    """Return an address with these parts, as they are, signed; beside them stands what is not signed."""
    said = "&".join(f"{name}={value}" for name, value in {**parts, "SigAlg": quote(algorithm, safe="")}.items())
    signature = base64.b64encode(sign_bytes(said.encode(), service.party.key)).decode()
    return f"{PATH}{said}&Signature={quote(signature, safe='')}" + "".join(f"&{n}={v}" for n, v in beside.items())


def parts_of(address: str) -> dict[str, str]:
    """Return the parts of an address, as they are spelled."""
    return dict(part.split("=", 1) for part in address.removeprefix(PATH).split("&"))


def of_parts(parts: Mapping[str, str]) -> str:
    """Return an address of parts."""
    return PATH + "&".join(f"{name}={value}" for name, value in parts.items())


async def test_the_address_that_the_next_attacks_begin_with_is_taken(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    text, _, _ = written(service)
    parts = {"SAMLRequest": quote(deflated(text.encode()), safe=""), "RelayState": "x%2Fy+z"}

    path = (await visit(tab, signed_address(service, parts, lang="de"))).headers["Location"]

    assert (await asked_at(path, world)).state == "x/y z"


@pytest.mark.parametrize("name", ["SAMLRequest", "RelayState", "SigAlg", "Signature"])
async def test_parameter_twice(name: str, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, _, address = written(service)
    _, _, other = written(service)
    twice = f"{name}={parts_of(other)[name]}"

    assert await refused(world, await visit(tab, f"{address}&{twice}"))
    assert await refused(world, await visit(tab, f"{PATH}{twice}&{address.removeprefix(PATH)}"))


async def test_relay_state_that_was_changed_left_out_or_put_there_after_signing(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    parts = parts_of(written(service)[2])
    bare = {name: value for name, value in parts.items() if name != "RelayState"}
    without = signed_address(service, {"SAMLRequest": parts["SAMLRequest"]})

    assert await refused(world, await visit(tab, of_parts({**parts, "RelayState": "evil"})))
    assert await refused(world, await visit(tab, of_parts({**parts, "RelayState": ""})))
    assert await refused(world, await visit(tab, of_parts(bare)))
    assert await refused(world, await visit(tab, f"{without}&RelayState=evil"))
    assert (await visit(tab, without)).status == 303


async def test_request_of_one_address_with_the_signature_of_another(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    first, second = [parts_of(written(service)[2]) for _ in range(2)]

    assert await refused(world, await visit(tab, of_parts({**first, "Signature": second["Signature"]})))
    assert await refused(world, await visit(tab, of_parts({**first, "SAMLRequest": second["SAMLRequest"]})))


@pytest.mark.parametrize(
    "algorithm",
    [
        "",
        "none",
        f"{DS.uri}rsa-sha1",
        f"{DS.uri}hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        RSA_PSS_SHA256,
        RSA_SHA256.upper(),
    ],
)
async def test_algorithm_of_an_address_that_is_another_than_was_used(algorithm: str, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    parts = parts_of(written(service)[2])
    named = {name: parts[name] for name in ("SAMLRequest", "RelayState")}

    assert await refused(world, await visit(tab, of_parts({**parts, "SigAlg": quote(algorithm, safe="")})))
    assert await refused(world, await visit(tab, signed_address(service, named, algorithm)))


async def test_parameters_that_are_signed_in_another_order(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    parts = parts_of(written(service)[2])
    turned = {"RelayState": parts["RelayState"], "SAMLRequest": parts["SAMLRequest"]}

    assert await refused(world, await visit(tab, signed_address(service, turned)))


@pytest.mark.parametrize("name", ["SAMLResponse", "samlrequest", "SAMLart"])
async def test_message_under_another_name(name: str, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    parts = parts_of(written(service)[2])

    assert await refused(world, await visit(tab, signed_address(service, {name: parts["SAMLRequest"]})))
    assert await refused(world, await tab.ask("POST", SIGN_ON, data={name: fields_of(b"<x/>")["SAMLRequest"]}))


async def test_spelling_that_is_another_than_was_signed(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    parts = parts_of(written(service)[2])
    spelled_anew = parts["SAMLRequest"].replace("%2B", "%2b").replace("%2F", "/").replace("%3D", "=")

    assert await refused(world, await visit(tab, of_parts({**parts, "RelayState": "%77" + parts["RelayState"][1:]})))
    if spelled_anew != parts["SAMLRequest"]:
        assert await refused(world, await visit(tab, of_parts({**parts, "SAMLRequest": spelled_anew})))


# What was meant for another time, place or portal


async def test_replay(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    text, message, address = written(service)
    assert (await visit(tab, address)).status == 303
    kept = await world.web.store.scan(StoredErrand)

    answers = [await visit(tab, address), await post(tab, message), await visit(tab, service.address(text, "again"))]

    assert [answer.status for answer in answers] == [400] * 3
    assert all(WRONG in words_of(answer.text) for answer in answers)
    assert await world.web.store.scan(StoredErrand) == kept


async def test_request_of_one_portal_is_not_spent_by_another_that_uses_its_id(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    other = await a_service(world, host="other.example", signer="another service")

    answers = [await visit(tab, written(one, request_id="_same")[2]) for one in (other, service)]

    assert [answer.status for answer in answers] == [303, 303]


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24, 60 * 24 * 365])
async def test_request_that_is_old_or_from_the_future(minutes: int, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    at = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    _, message, address = written(service, made_at(at))

    assert await refused(world, await post(tab, message))
    assert await refused(world, await visit(tab, address))


@pytest.mark.parametrize("at", ["", "now", "0", "2026-11-23", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_moment_that_is_none(at: str, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, address = written(service, made_at(at))

    assert await refused(world, await post(tab, message))
    assert await refused(world, await visit(tab, address))


async def test_moment_without_a_zone(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, _ = written(service, made_at(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")))

    assert await refused(world, await post(tab, message))


def made_at(moment: str) -> Callable[[str], str]:
    """Return how a request is made at another moment."""

    def change(text: str) -> str:
        before, _, rest = text.partition('IssueInstant="')
        return f'{before}IssueInstant="{moment}"{rest.partition(chr(34))[2]}'

    return change


async def test_request_that_was_meant_for_another_provider(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    here = world.base_url + SIGN_ON
    for there in ("https://other.example/sso", here + "/", here + "?x", world.base_url, here.upper(), "", None):
        _, message, address = written(service, destination=there)

        assert await refused(world, await post(tab, message))
        assert await refused(world, await visit(tab, address))


@pytest.mark.parametrize(
    "address",
    [
        EVIL,
        "https://portal.example/saml/acs/",
        "https://portal.example/saml/acs?x=1",
        "https://portal.example/saml/acs#x",
        "http://portal.example/saml/acs",
        "https://portal.example.evil.example/saml/acs",
        "https://portal.example@evil.example/saml/acs",
        "https://PORTAL.example/saml/acs",
        "https://portal.example:443/saml/acs",
        "https://portal.example/saml/./acs",
        "https://portal.example/saml%2facs",
        "//portal.example/saml/acs",
        " https://portal.example/saml/acs",
        "javascript:alert(1)",
    ],
)
async def test_address_that_is_not_in_the_metadata_whoever_signs(address: str, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, redirect = written(service, acs_url=address)
    _, unsigned, _ = written(Service(world, service.card, party("a stranger")), acs_url=address)

    for answer in (await post(tab, message), await visit(tab, redirect), await post(tab, unsigned)):
        assert await refused(world, answer)
        assert "evil.example" not in answer.text
        assert "evil.example" not in answer.headers["Content-Security-Policy"]


async def test_index_that_is_not_in_the_metadata(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    for index in (1, 7, 65535):
        _, message, _ = written(service, acs_url=None, acs_index=index, protocol_binding=None)

        assert await refused(world, await post(tab, message))


async def test_address_of_another_portal(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    other = await a_service(world, host="other.example", signer="another service")
    _, message, _ = written(service, acs_url=other.back)

    assert await refused(world, await post(tab, message))


async def test_address_that_was_taken_out_of_the_metadata_in_the_meantime(world: World) -> None:
    service, tab = (
        await a_service(world, consumers=("https://portal.example/a", "https://portal.example/b")),
        await anybody(world),
    )
    assert service.card.saml
    left = service.card.saml.model_copy(update={"consumers": service.card.saml.consumers[:1]})
    await service.changed(saml=left, redirect_uris=service.card.redirect_uris[:1])
    _, message, _ = written(service, acs_url="https://portal.example/b")

    assert await refused(world, await post(tab, message))


# What is no message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<samlp:AuthnRequest ", '<!DOCTYPE x [<!ENTITY e "evil">]><samlp:AuthnRequest '),
        ("<samlp:AuthnRequest ", '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><samlp:AuthnRequest '),
        ("<samlp:AuthnRequest ", "<!-- x --><samlp:AuthnRequest "),
        ("<samlp:AuthnRequest ", "<?x y?><samlp:AuthnRequest "),
        ("</saml:Issuer>", "<!-- x --></saml:Issuer>"),
        ("</saml:Issuer>", "&e;</saml:Issuer>"),
        ("</saml:Issuer>", "<x/></saml:Issuer>"),
        ("</samlp:AuthnRequest>", ""),
        ("</samlp:AuthnRequest>", "</samlp:AuthnRequest>more"),
        ("samlp:AuthnRequest", "samlp:LogoutRequest"),
        ('Version="2.0"', 'Version="1.1"'),
        ('Version="2.0"', ""),
    ],
)
async def test_message_that_others_might_read(before: str, after: str, world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    request = service.request()
    text = request.to_xml().replace(before, after)
    assert text != request.to_xml()

    assert await refused(world, await visit(tab, service.address(text)))
    assert await refused(world, await post(tab, text.encode()))


async def test_entities_that_grow(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    lines = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    text = f'<!DOCTYPE x [<!ENTITY e0 "evil">{lines}]><x>&e9;</x>'

    assert await refused(world, await visit(tab, service.address(text)))
    assert await refused(world, await post(tab, text.encode()))
    assert await refused(world, await post(tab, text.encode("utf-16")))


async def test_message_that_is_deep(world: World) -> None:
    tab = await anybody(world)

    assert await refused(world, await post(tab, b"<x>" * 200 + b"</x>" * 200))


async def test_bomb_that_is_small_until_it_is_unpacked(world: World) -> None:
    tab = await anybody(world)
    for size in (300_000, 4_000_000):
        bomb = PATH + urlencode({"SAMLRequest": deflated(b"<x>" + b" " * size + b"</x>")})

        assert len(bomb) < 8000
        assert await refused(world, await visit(tab, bomb))


async def test_packed_message_with_something_behind_it_or_without_its_end(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    packed = base64.b64decode(deflated(written(service)[0].encode()))
    for raw in (packed + b"more", packed[:-1], packed[:40], b"", zlib.compress(b"<x/>"), written(service)[0].encode()):
        message = quote(base64.b64encode(raw).decode(), safe="")

        assert await refused(world, await visit(tab, signed_address(service, {"SAMLRequest": message})))


@pytest.mark.parametrize("said", ["", "%%%", "ä", "!", "QQ", "PHg+", "\x00", "=" * 8, "PHgvPg==\u2028"])
async def test_field_that_is_no_message(said: str, world: World) -> None:
    tab = await anybody(world)

    assert await refused(world, await tab.ask("POST", SIGN_ON, data={"SAMLRequest": said, "RelayState": RELAY}))
    assert await refused(world, await visit(tab, PATH + urlencode({"SAMLRequest": said})))


async def test_nothing_at_all(world: World) -> None:
    tab = await anybody(world)

    assert await refused(world, await tab.ask("POST", SIGN_ON))
    assert await refused(world, await visit(tab, SIGN_ON))
    assert await refused(world, await visit(tab, PATH + "&&&="))


async def test_message_that_is_larger_than_any_is(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, _ = written(service)
    large = await post(tab, message.replace(b"</samlp:AuthnRequest>", b" " * 500_000 + b"</samlp:AuthnRequest>"))
    long = await visit(tab, PATH + urlencode({"SAMLRequest": "A" * 20_000}))

    assert (large.status, long.status) == (413, 400)
    assert await world.web.store.scan(StoredErrand) == []


# Portals that are none, or are portals in another way


async def test_disabled_portal(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, address = written(service)
    path = (await visit(tab, written(service)[2])).headers["Location"]
    await service.changed(disabled=True)

    pages = [await post(tab, message), await visit(tab, address), await tab.get(path), await say(tab, path, "ja")]

    assert [page.status for page in pages] == [400] * 4
    assert all(UNKNOWN in words_of(page.text) for page in pages)
    assert await world.web.store.scan(Consent) == []


async def test_portal_of_openid_connect_in_saml(world: World) -> None:
    portal, service, tab = await a_portal(world), await a_service(world), await anybody(world)
    for entity in (portal.id, BACK, "https://portal.example"):
        _, message, _ = written(service, issued_by(service, entity))

        assert await refused(world, await post(tab, message), UNKNOWN)


async def test_portal_of_saml_at_the_tokens_of_openid_connect(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    await service.told(tab)
    posing = Software(world, service.card)
    pushed = {"client_id": service.card.portal, "request_uri": f"{REQUEST_URI}x"}

    for answer in (await posing.push(), await posing.redeem("x"), await posing.refresh("x.y")):
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
    back = {"client_id": service.card.portal, "redirect_uri": service.back, "response_type": "code"}
    for said in (pushed, back):
        page = await tab.get(f"/oauth/authorize?{urlencode(said)}")
        assert (page.status, page.headers.get("Location")) == (400, None)
    assert await world.web.store.scan(PortalLogIn) == []
    assert await world.web.store.scan(StoredErrand) == []


async def test_saml_where_none_is_spoken(tmp_path: Path) -> None:
    async with open_world(tmp_path / "without", WallClock()) as world:
        service, tab = await a_service(world), await anybody(world)
        _, message, address = written(service)

        pages = [await tab.get(METADATA), await post(tab, message), await visit(tab, address)]

        assert [page.status for page in pages] == [404] * 3
        assert await world.web.store.scan(StoredErrand) == []


# Between the request and the answer


async def test_answer_to_the_request_of_somebody_else_who_looks_over_the_shoulder(world: World) -> None:
    service, erika = await a_service(world), await anybody(world)
    otto = await open_tab(world, await world.citizen("otto"))
    request = service.request()
    path = await service.send_off(erika, request)

    first = await say(otto, path, "ja")
    second = await say(erika, path, "ja")

    assert (first.status, second.status) == (200, 404)
    assert (await service.judged(leaving(first), request)).name_id


async def test_words_of_a_portal_that_would_do_something_on_the_page(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    hostile = "\"'><script>alert(1)</script>&lt;{{ 7*7 }}\u202e"
    _, message, _ = written(service)

    path = (await post(tab, message, hostile)).headers["Location"]
    page = await say(tab, path, "ja")

    assert leaving(page).fields["RelayState"] == hostile
    assert "<script>" not in page.text


async def test_request_for_an_answer_about_somebody_certain(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    subject = "<saml:Subject><saml:NameID>erika</saml:NameID></saml:Subject>"
    _, message, address = written(service, lambda text: text.replace("</saml:Issuer>", f"</saml:Issuer>{subject}"))

    assert await refused(world, await post(tab, message))
    assert await refused(world, await visit(tab, address))


async def test_relay_state_without_end(world: World) -> None:
    service, tab = await a_service(world), await anybody(world)
    _, message, _ = written(service)

    assert await refused(world, await post(tab, message, "x" * (TEXT_MAX + 1)))


# Whatever is changed


@pytest.fixture
async def parties(world: World) -> tuple[Service, Tab]:
    """Return a service and a browser, the same for each example of a test."""
    return await a_service(world), await anybody(world)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
async def test_whatever_byte_of_a_form_is_changed_the_request_is_the_same_or_refused(
    place: int, byte: int, world: World, parties: tuple[Service, Tab]
) -> None:
    service, tab = parties
    request = service.request()
    message = service.signed(request.to_xml(), request.id)
    at = place % len(message)

    answer = await post(tab, message[:at] + bytes([byte]) + message[at + 1 :])

    assert await is_the_same_or_refused(answer, request, world)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), byte=st.sampled_from([one for one in range(33, 127) if chr(one) != "#"]))
async def test_whatever_byte_of_an_address_is_changed_the_request_is_the_same_or_refused(
    place: int, byte: int, world: World, parties: tuple[Service, Tab]
) -> None:
    service, tab = parties
    request = service.request()
    query = service.address(request.to_xml()).removeprefix(PATH)
    at = place % len(query)

    answer = await visit(tab, PATH + query[:at] + chr(byte) + query[at + 1 :])

    assert await is_the_same_or_refused(answer, request, world)


async def is_the_same_or_refused(answer: Answer, request: core.AuthnRequest, world: World) -> bool:
    """Tell whether a request was refused, or taken as it was made."""
    if answer.status != 303:
        return answer.status == 400 and "Location" not in answer.headers
    kept = await asked_at(answer.headers["Location"], world)
    assert (kept.prompts, kept.demanded, kept.says_stork) == ((), "low", False)
    return (kept.saml, kept.redirect_uri, kept.state) == (request.id, request.assertion_consumer_service_url, RELAY)
