"""Claims: how each datum is told, what counts as verified, and how what a portal asks for is read."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sk.auth.account import Account
from sk.auth.claims import CLAIM_NAMES, CLAIMS, KIND_MAX, KINDS_MAX, SCOPES, ClaimName, Person, Wish, read_request, told
from sk.auth.profile import Datum, FieldName, Profile
from sk.auth.trust import LEVELS, TrustLevel
from sk.errors import Invalid
from tests.auth.clients import claims_of
from tests.auth.portals import a_portal, came_back
from tests.auth.showing import registered_by_card, show_card
from tests.auth.vollmachten import named
from tests.security.tab import open_tab
from tests.world import Citizen, World

SAID_AT, READ_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC), datetime(2026, 11, 24, 7, 30, 15, tzinfo=UTC)
LEVEL = "http://eidas.europa.eu/LoA/"
KNOWN: dict[FieldName, str] = {
    "given_names": "Sören Jürgen",
    "family_names": "Öztürk-Grüßmann",
    "birth_name": "Weiß",
    "academic_title": "Dr.",
    "date_of_birth": "1981-02-28",
    "place_of_birth": "Gößweinstein",
    "nationality": "DE",
    "street": "Äußere Mühlgasse 3a",
    "postal_code": "80331",
    "city": "München",
    "country": "DE",
    "phone": "+49 89 1234567",
    "de_mail": "soeren@example.de-mail.de",
}
ADDRESS = {
    "formatted": "Äußere Mühlgasse 3a\n80331 München\nDE",
    "street_address": "Äußere Mühlgasse 3a",
    "postal_code": "80331",
    "locality": "München",
    "country": "DE",
}
FORMS: dict[ClaimName, object] = {
    "name": "Dr. Sören Jürgen Öztürk-Grüßmann",
    "given_name": "Sören Jürgen",
    "family_name": "Öztürk-Grüßmann",
    "birth_family_name": "Weiß",
    "title": "Dr.",
    "birthdate": "1981-02-28",
    "place_of_birth": {"locality": "Gößweinstein"},
    "nationalities": ["DE"],
    "address": ADDRESS,
    "phone_number": "+49 89 1234567",
    "de_mail": "soeren@example.de-mail.de",
}
BESIDE = Person(Profile(), "soeren@example.org", "ab2c", ({"kind": "Mietvertrag", "href": "/api/v1/shares/x/1"},))
"""Somebody of whom nothing is known but what is no datum of a person."""


def declared(**values: str) -> Profile:
    """Return what somebody has typed in."""
    return Profile().declared(values or KNOWN, SAID_AT)  # type: ignore[arg-type]


def read(level: TrustLevel = "high", **values: str) -> Profile:
    """Return what was read from a card."""
    return Profile().read(values or KNOWN, level, READ_AT)  # type: ignore[arg-type]


def person(profile: Profile) -> Person:
    """Return somebody with a profile."""
    return BESIDE._replace(profile=profile)


def answer(claims: object, profile: Profile) -> dict[str, object]:
    """Return what is told at userinfo to a portal that asks for some claims."""
    return told(read_request(["openid"], json.dumps(claims)).wish, "userinfo", person(profile))


def verified(profile: Profile, *names: str, **verification: object) -> object:
    """Return the verified claims that are told to a portal that asks for some under some conditions."""
    asked = {"verification": {"trust_framework": None, **verification}, "claims": dict.fromkeys(names)}
    return answer({"userinfo": {"verified_claims": asked}}, profile).get("verified_claims")


def group(claims: dict[str, object], level: str = "high", **time: str) -> dict[str, object]:
    """Return verified claims as they have to be told."""
    return {"verification": {"trust_framework": "eidas", "assurance_level": level, **time}, "claims": claims}


# What is told


def test_every_claim_that_is_made_of_data_has_a_form_here() -> None:
    assert FORMS.keys() == CLAIMS.keys() == {*CLAIM_NAMES} - {"email", "postbox_handle", "documents"}
    assert {name for names in SCOPES.values() for name in names} <= {*CLAIM_NAMES}


@pytest.mark.parametrize("profile", [declared(), read()], ids=["said", "read from a card"])
@pytest.mark.parametrize("name", FORMS)
def test_a_claim_has_one_form_wherever_it_is_from(name: ClaimName, profile: Profile) -> None:
    assert told(Wish(userinfo=(name,)), "userinfo", person(profile)) == {name: FORMS[name]}


@pytest.mark.parametrize("name", CLAIM_NAMES)
def test_of_what_is_not_known_nothing_is_told(name: ClaimName) -> None:
    nobody = Person(Profile(), "", "")

    assert told(Wish(userinfo=(name,), id_token=(name,)), "userinfo", nobody) == {}
    assert told(Wish(userinfo=(name,), id_token=(name,)), "id_token", nobody) == {}


@pytest.mark.parametrize(
    ("known", "claim"),
    [
        ({"family_names": "Weiß"}, {"name": "Weiß"}),
        ({"given_names": "Konrad", "family_names": "Weiß"}, {"name": "Konrad Weiß"}),
        ({"academic_title": "Dr.", "family_names": "Weiß"}, {"name": "Dr. Weiß"}),
        ({"city": "Köln"}, {"address": {"formatted": "Köln", "locality": "Köln"}}),
        ({"postal_code": "50667"}, {"address": {"formatted": "50667", "postal_code": "50667"}}),
        (
            {"street": "Domkloster 4", "country": "DE"},
            {"address": {"formatted": "Domkloster 4\nDE", "street_address": "Domkloster 4", "country": "DE"}},
        ),
    ],
)
def test_what_is_known_in_part_is_told_without_gaps(known: dict[str, str], claim: dict[str, object]) -> None:
    assert answer({"userinfo": dict.fromkeys(claim)}, declared(**known)) == claim


def test_an_address_for_mails_is_told_as_verified_because_nobody_else_is_written_to() -> None:
    asked = {"userinfo": {"email": None, "given_name": None}, "id_token": {"family_name": None}}
    wish = read_request(["openid"], json.dumps(asked)).wish

    assert told(wish, "userinfo", person(declared())) == {
        "given_name": "Sören Jürgen",
        "email": "soeren@example.org",
        "email_verified": True,
    }
    assert told(wish, "id_token", person(declared())) == {"family_name": "Öztürk-Grüßmann"}


def test_documents_and_the_address_of_the_postbox_are_told_as_they_are() -> None:
    wish = Wish(userinfo=("postbox_handle", "documents"))

    assert told(wish, "userinfo", BESIDE) == {
        "postbox_handle": "ab2c",
        "documents": [{"kind": "Mietvertrag", "href": "/api/v1/shares/x/1"}],
    }


def test_a_claim_is_told_where_it_was_asked_for_and_nowhere_else() -> None:
    asked = {
        "userinfo": {"given_name": None, "verified_claims": {"verification": {}, "claims": {"birthdate": None}}},
        "id_token": {"title": None, "verified_claims": {"verification": {}, "claims": {"family_name": None}}},
    }
    wish = read_request(["openid", "address"], json.dumps(asked)).wish

    assert wish.names == ("given_name", "family_name", "title", "birthdate", "address")
    assert told(wish, "userinfo", person(read())) == {
        "given_name": FORMS["given_name"],
        "address": ADDRESS,
        "verified_claims": group({"birthdate": "1981-02-28"}),
    }
    assert told(wish, "id_token", person(read())) == {
        "title": "Dr.",
        "verified_claims": group({"family_name": FORMS["family_name"]}),
    }


def test_a_wish_that_is_cut_down_asks_for_the_rest_alone_verified_or_not() -> None:
    both = {"verification": {}, "claims": {"given_name": None, "birthdate": None}}
    asked = {"userinfo": {"email": None, "title": None, "verified_claims": both}, "id_token": {"title": None}}
    wish = read_request(["openid"], json.dumps(asked)).wish

    few = wish.among(["email", "birthdate"])

    assert few.names == ("birthdate", "email")
    assert told(few, "userinfo", person(read())) == {
        "email": "soeren@example.org",
        "email_verified": True,
        "verified_claims": group({"birthdate": "1981-02-28"}),
    }
    assert told(few, "id_token", person(read())) == {}
    assert wish.among(["title"]).verified_userinfo == ()


# What counts as verified


@pytest.mark.parametrize("name", FORMS)
def test_what_was_read_from_a_card_is_verified_and_what_somebody_says_is_not(name: ClaimName) -> None:
    assert verified(read(), name) == group({name: FORMS[name]})
    assert verified(declared(), name) is None


@pytest.mark.parametrize("name", ["email", "postbox_handle", "documents"])
def test_what_no_card_says_is_never_verified(name: ClaimName) -> None:
    assert verified(read(), name) is None
    assert verified(read(), name, assurance_level={"values": [*LEVELS]}) is None


@pytest.mark.parametrize(
    ("own", "names", "left"),
    [
        ("academic_title", ["name", "given_name", "title"], {"given_name": "Sören Jürgen"}),
        ("street", ["address", "birthdate"], {"birthdate": "1981-02-28"}),
        ("country", ["address"], None),
    ],
)
def test_a_claim_that_rests_in_part_on_what_somebody_says_is_not_verified(
    own: FieldName, names: list[str], left: dict[str, object] | None
) -> None:
    rest = {name: value for name, value in KNOWN.items() if name != own}
    profile = Profile().read(rest, "high", READ_AT).declared({own: KNOWN[own]}, SAID_AT)

    assert verified(profile, *names) == (group(left) if left else None)


def test_what_a_card_leaves_out_does_not_keep_the_rest_from_being_verified() -> None:
    profile = read(given_names="Timo", family_names="Çelik", city="Bremen")

    assert verified(profile, "name", "address", "birthdate") == group(
        {"name": "Timo Çelik", "address": {"formatted": "Bremen", "locality": "Bremen"}}
    )


def test_what_was_read_together_is_told_together_and_the_rest_beside_it() -> None:
    profile = Profile(
        data={
            "given_names": Datum(value="Timo", source="card", at=READ_AT, trust="high"),
            "family_names": Datum(value="Çelik", source="card", at=READ_AT, trust="high"),
            "date_of_birth": Datum(value="1999-07-04", source="card", at=SAID_AT, trust="high"),
            "place_of_birth": Datum(value="Nürnberg", source="card", at=READ_AT, trust="substantial"),
            "phone": Datum(value="+49 1", source="self", at=READ_AT, trust="low"),
        }
    )

    names = ("given_name", "birthdate", "place_of_birth", "family_name", "phone_number")
    born_there: dict[str, object] = {"place_of_birth": {"locality": "Nürnberg"}}

    assert verified(profile, *names) == [
        group({"given_name": "Timo", "birthdate": "1999-07-04", "family_name": "Çelik"}),
        group(born_there, level="substantial"),
    ]
    assert verified(profile, *names, time=None) == [
        group({"given_name": "Timo", "family_name": "Çelik"}, time="2026-11-24T00:00:00Z"),
        group({"birthdate": "1999-07-04"}, time="2026-11-23T00:00:00Z"),
        group(born_there, level="substantial", time="2026-11-24T00:00:00Z"),
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"time": {"max_age": 10**9}},
        {"evidence": [{"type": {"value": "document"}}]},
        {"assurance_process": {"policy": {"values": ["de_gwg"]}}},
        {"verification_process": {"value": "1"}},
    ],
)
def test_what_is_wanted_under_a_condition_that_is_not_known_is_not_told(condition: dict[str, object]) -> None:
    assert verified(read(), "birthdate", **condition) is None
    assert verified(read(), "birthdate", **dict.fromkeys(condition)) is not None


@pytest.mark.parametrize(("known", "told"), [("1950-03-07", "1950-03-07"), ("1950-03", "1950"), ("1950", "1950")])
def test_a_birthdate_is_a_day_or_a_year(known: str, told: str) -> None:
    assert answer({"userinfo": {"birthdate": None}}, read(date_of_birth=known)) == {"birthdate": told}


@pytest.mark.parametrize("weaker", ["given_names", "family_names", "academic_title"])
def test_a_claim_of_several_data_is_as_sure_as_the_least_sure_of_them(weaker: FieldName) -> None:
    data = {
        name: Datum(value=KNOWN[name], source="card", at=READ_AT, trust="low" if name == weaker else "high")
        for name in CLAIMS["name"].made_of
    }

    assert verified(Profile(data=data), "name") == group({"name": FORMS["name"]}, level="low")
    assert verified(Profile(data=data), "name", assurance_level={"values": ["high", "substantial"]}) is None


@pytest.mark.parametrize(
    ("framework", "is_told"),
    [
        (None, True),
        ({}, True),
        ({"value": "eidas"}, True),
        ({"values": ["de_aml", "eidas"]}, True),
        ({"value": "de_aml"}, False),
        ({"values": ["de_aml", "nist_800_63A"]}, False),
        ({"value": "EIDAS"}, False),
    ],
)
def test_verified_claims_are_told_under_a_framework_that_the_portal_takes(framework: object, *, is_told: bool) -> None:
    expected = group({"given_name": "Sören Jürgen"}) if is_told else None

    assert verified(read(), "given_name", trust_framework=framework) == expected


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        (None, LEVELS),
        ({}, LEVELS),
        ({"value": "high"}, ("high",)),
        ({"value": "substantial"}, ("substantial",)),
        ({"values": ["high", "substantial"]}, ("substantial", "high")),
        ({"values": ["high", "very high"]}, ("high",)),
        ({"value": "very high"}, ()),
        ({"value": f"{LEVEL}high"}, ()),
    ],
)
def test_verified_claims_are_told_at_a_level_that_the_portal_takes(
    asked: object, taken: tuple[TrustLevel, ...], level: TrustLevel
) -> None:
    expected = group({"given_name": "Sören Jürgen"}, level) if level in taken else None

    assert verified(read(level), "given_name", assurance_level=asked) == expected


def test_each_of_several_wishes_for_verified_claims_is_answered_by_itself() -> None:
    wishes = [
        {"verification": {"trust_framework": {"value": "eidas"}}, "claims": {"given_name": None, "phone": None}},
        {"verification": {"trust_framework": {"value": "de_aml"}}, "claims": {"birthdate": None}},
        {"verification": {"assurance_level": {"value": "low"}}, "claims": {"title": None}},
        {"verification": {"assurance_level": {"value": "high"}}, "claims": {"family_name": None}},
        {"verification": {}, "claims": {"given_name": None}},
        {"verification": {}, "claims": {"shoe_size": None}},
    ]

    found = answer({"userinfo": {"verified_claims": wishes}}, read())["verified_claims"]

    assert found == [
        group({"given_name": FORMS["given_name"]}),
        group({"family_name": FORMS["family_name"]}),
        group({"given_name": FORMS["given_name"]}),
    ]


# What a portal asks for


def test_what_is_not_known_here_is_passed_over_wherever_it_stands() -> None:
    asked = {
        "userinfo": {
            "shoe_size": {"essential": True},
            "given_name": {"essential": True, "value": "Max"},
            "verified_claims": {"verification": {"evidence": []}, "claims": {"msisdn": None, "birthdate": None}},
        },
        "id_token": {"auth_time": {"essential": True}, "amr": None},
        "transaction": {"anything": 1},
    }

    request = read_request(["openid", "admin", "email", "offline_access"], json.dumps(asked))

    assert request.wish.userinfo == ("given_name", "email")
    assert (request.wish.id_token, request.wish.verified_id_token) == ((), ())
    assert [wish.names for wish in request.wish.verified_userinfo] == [("birthdate",)]


@pytest.mark.parametrize("claims", ["{}", '{"userinfo": null}', '{"userinfo": {}, "id_token": null}', ""])
def test_a_request_without_claims_asks_for_what_its_scopes_say(claims: str) -> None:
    scopes = ["openid", "profile", "phone", "postbox"]

    assert read_request(scopes, claims).wish == Wish(userinfo=(*SCOPES["profile"], "phone_number", "postbox_handle"))


@pytest.mark.parametrize(
    "claims",
    [
        "{",
        "null",
        "[]",
        '"userinfo"',
        '{"userinfo": []}',
        '{"userinfo": "given_name"}',
        '{"id_token": true}',
        '{"userinfo": {}, "userinfo": {}}',
        '{"userinfo": {"given_name": null, "given_name": null}}',
        '{"userinfo": {"given_name": 1.5}}',
        '{"userinfo": {"verified_claims": 1}}',
        '{"userinfo": {"verified_claims": ["given_name"]}}',
        '{"userinfo": {"verified_claims": [{"claims": ["given_name"]}]}}',
        '{"userinfo": {"verified_claims": {"verification": "eidas", "claims": {"given_name": null}}}}',
        '{"userinfo": {"verified_claims": {"verification": {"trust_framework": "eidas"}, "claims": {}}}}',
        '{"userinfo": {"verified_claims": {"verification": {"trust_framework": {"value": 1}}, "claims": {}}}}',
        '{"id_token": {"verified_claims": {"verification": {"assurance_level": {"value": 1}}, "claims": {"name": 0}}}}',
        '{"id_token": {"acr": "high"}}',
        '{"id_token": {"acr": {"values": "high"}}}',
        '{"id_token": {"acr": {"value": ["high"]}}}',
        '{"id_token": {"sub": {"value": 7}}}',
        '{"userinfo": {"given_name": "\\ud800"}}',
        '{"userinfo": {"given_name": "\ud800"}}',
        '{"a": ' + "[" * 5000,
    ],
)
def test_claims_that_cannot_be_read_are_refused(claims: str) -> None:
    with pytest.raises(Invalid, match=r"^claims: ") as refused:
        read_request(["openid"], claims)

    assert refused.value.field == "claims"


@pytest.mark.parametrize(
    ("acr", "expected"),
    [
        (None, ((), False, False)),
        ({}, ((), False, False)),
        ({"essential": True}, ((), True, False)),
        ({"value": f"{LEVEL}high"}, (("high",), False, False)),
        ({"essential": False, "value": f"{LEVEL}substantial"}, (("substantial",), False, False)),
        ({"essential": True, "value": f"{LEVEL}high"}, (("high",), True, False)),
        ({"essential": True, "values": [f"{LEVEL}low", "STORK-QAA-Level-3"]}, (("low", "substantial"), True, False)),
        ({"essential": True, "values": ["hoch", "http://bsi.bund.de/eID/LoA/hoch"]}, (("high",), True, False)),
        ({"essential": True, "value": "hoch"}, ((), True, True)),
        ({"values": ["hoch", "high"]}, ((), False, True)),
        ({"essential": "true", "value": f"{LEVEL}high"}, (("high",), False, False)),
    ],
)
def test_the_level_of_a_log_in_is_demanded_only_where_it_is_essential(
    acr: object, expected: tuple[tuple[TrustLevel, ...], bool, bool]
) -> None:
    request = read_request(["openid"], json.dumps({"id_token": {"acr": acr}}))

    assert (request.acr, request.is_acr_essential, request.is_acr_unknown) == expected


def test_whom_a_portal_expects_is_read_from_the_id_token_alone() -> None:
    expected = read_request(["openid"], '{"id_token": {"sub": {"value": "abc"}}}')
    elsewhere = read_request(["openid"], '{"userinfo": {"sub": {"value": "abc"}}}')

    assert (expected.sub, elsewhere.sub) == ("abc", "")


MANY = [f"Nachweis {number}" for number in range(KINDS_MAX)]


@pytest.mark.parametrize("kinds", [["Mietvertrag"], ["Mietvertrag", "Einkommen"], MANY, ["Ä" * KIND_MAX]])
def test_kinds_of_documents_are_lines_that_people_can_read(kinds: list[str]) -> None:
    request = read_request(["openid"], json.dumps({"userinfo": {"documents": {"kinds": kinds}}}))

    assert request.kinds == tuple(kinds)
    assert request.wish.userinfo == ("documents",)


@pytest.mark.parametrize(
    "documents",
    [
        None,
        {},
        {"kinds": None},
        {"kinds": "Mietvertrag"},
        {"kinds": []},
        {"kinds": [""]},
        {"kinds": [1]},
        {"kinds": ["Miete", 1]},
        {"kinds": ["Miete", "Miete"]},
        {"kinds": ["Miete\nvertrag"]},
        {"kinds": ["Miete\u202evertrag"]},
        {"kinds": ["Miete\0"]},
        {"kinds": ["x" * (KIND_MAX + 1)]},
        {"kinds": [*MANY, "einer zu viel"]},
        ["Mietvertrag"],
    ],
)
def test_kinds_that_are_none_are_refused(documents: object) -> None:
    with pytest.raises(Invalid, match=r"^claims: documents ") as refused:
        read_request(["openid"], json.dumps({"userinfo": {"documents": documents}}))

    assert refused.value.field == "claims"


# Over HTTP


def at_level(*names: str, **verification: Any) -> str:
    """Return what a portal says in `claims` that wants some verified."""
    asked = {"verification": {"trust_framework": {"value": "eidas"}, **verification}, "claims": dict.fromkeys(names)}
    return json.dumps({"userinfo": {"verified_claims": asked}, "id_token": {"verified_claims": asked}})


async def test_whoever_shows_the_card_is_told_to_the_portal_as_verified(world: World) -> None:
    portal = await a_portal(world, claims=("name", "birthdate", "address", "email"))
    async with world.browser() as browser:
        await registered_by_card(world, browser)
        read_at = world.clock.now().replace(microsecond=0)
        world.clock.advance(hours=11)
        said = at_level("name", "birthdate", "place_of_birth", "email", assurance_level={"value": "high"}, time=None)
        form = await browser.open(await portal.address(scope="openid", claims=said))
        asked = await show_card(browser, form, "Mit dem Online-Ausweis anmelden")
        came = came_back((await browser.send(asked.form("Zustimmen und weiter"))).text)
    tokens = (await portal.redeem(came["code"])).json()

    at_userinfo = (await portal.person(tokens["access_token"])).json()
    claims = claims_of(tokens["id_token"])

    assert (form.url, asked.url.startswith("/portal/")) == ("/anmelden", True)
    assert at_userinfo.keys() == {"sub", "verified_claims"}
    assert at_userinfo["verified_claims"] == claims["verified_claims"]
    found = at_userinfo["verified_claims"]
    assert found["claims"] == {"name": "Erika Mustermann", "birthdate": "1964-08-12"}
    assert found["verification"].keys() == {"trust_framework", "assurance_level", "time"}
    assert (found["verification"]["trust_framework"], found["verification"]["assurance_level"]) == ("eidas", "high")
    assert found["verification"]["time"] == f"{read_at.date()}T00:00:00Z"
    assert claims["acr"] == f"{LEVEL}high"


async def test_a_card_of_a_lower_level_is_no_proof_for_a_portal_that_wants_a_higher_one(world: World) -> None:
    portal = await a_portal(world)
    async with world.browser() as browser:
        await registered_by_card(world, browser, "timo")
    [account_id] = await world.web.store.scan(Account)
    timo = Citizen(await world.web.store.get(Account, account_id), "", "", "")
    tab = await open_tab(world, timo, "substantial", means="card")

    high, lower = [
        await portal.tokens(tab, scope="openid", claims=at_level("name", assurance_level=wanted))
        for wanted in ({"value": "high"}, {"values": ["substantial", "high"]})
    ]

    assert (await portal.person(high["access_token"])).json().keys() == {"sub"}
    told_then = (await portal.person(lower["access_token"])).json()["verified_claims"]
    assert told_then["verification"]["assurance_level"] == "substantial"
    assert told_then["claims"] == {"name": "Timo Çelik"}


async def test_what_somebody_has_typed_in_is_told_and_not_as_verified(world: World) -> None:
    portal, erika = await a_portal(world), await named(world, await world.citizen(), "Erika", "Mustermann")
    said = at_level("name", "given_name", "birthdate")

    tokens = await portal.tokens(await open_tab(world, erika), scope="openid profile", claims=said)

    assert (await portal.person(tokens["access_token"])).json() == {
        "sub": claims_of(tokens["id_token"])["sub"],
        "name": "Erika Mustermann",
        "given_name": "Erika",
        "family_name": "Mustermann",
    }
    assert "verified_claims" not in claims_of(tokens["id_token"])
