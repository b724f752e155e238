"""A machine client shows who it is by an assertion that it signs, once; the token that it gets opens its scopes."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sk.auth.assertions import MAX_SECONDS, SKEW_SECONDS
from tests.auth.clients import Client, Key, claims_of, jwk_of, registered, unsigned, with_hmac
from tests.refusals import Desk, nothing_stored
from tests.world import World

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def client(world: World) -> Client:
    """Return a registered client."""
    return await registered(world)


async def is_refused(client: Client, assertion: str, reason: str, code: str = "invalid_client", **form: str) -> None:
    """Check that no token is given, for this reason, and that nothing is stored."""
    async with nothing_stored(client.world.data):
        answer = await client.ask(assertion, **form)
    assert (answer.status, answer.json()["error"]) == (401 if code == "invalid_client" else 400, code)
    assert reason in answer.json()["error_description"]


KEYS = (ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1()))


@pytest.mark.parametrize("key", KEYS, ids=["EdDSA", "ES256"])
async def test_a_client_gets_a_token_for_ten_minutes(world: World, key: Key) -> None:
    client = await registered(world, key)
    answer = await client.ask(client.assertion())

    assert (answer.status, answer.json()["expires_in"]) == (200, 600)
    assert answer.headers["Cache-Control"] == "no-store"
    assert jwt.get_unverified_header(answer.json()["access_token"])["typ"] == "at+jwt"


async def test_an_assertion_is_good_for_one_token(client: Client) -> None:
    assertion = client.assertion()
    assert (await client.ask(assertion)).status == 200
    await is_refused(client, assertion, "used before")
    await is_refused(client, client.assertion(jti=claims_of(assertion)["jti"]), "used before")


async def test_two_clients_may_use_the_same_jti(client: Client) -> None:
    other = await registered(client.world)
    assert (await client.ask(client.assertion(jti="1"))).status == 200
    assert (await other.ask(other.assertion(jti="1"))).status == 200


@pytest.mark.parametrize("audience", ["token endpoint", "list", "other", "slash"])
async def test_an_assertion_is_for_this_issuer_alone(client: Client, audience: str) -> None:
    issuer = client.world.base_url
    told = {
        "token endpoint": f"{issuer}/oauth/token",
        "list": [issuer],
        "other": "https://konto.example",
        "slash": f"{issuer}/",
    }
    await is_refused(client, client.assertion(aud=told[audience]), f"aud must be {issuer} alone")


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "jti"])
async def test_an_assertion_needs_all_its_claims(client: Client, claim: str) -> None:
    await is_refused(client, client.assertion(**{claim: None}), "client" if claim == "sub" else claim)


async def test_an_assertion_speaks_for_the_client_that_signs_it(client: Client) -> None:
    other = await registered(client.world)
    await is_refused(client, client.assertion(iss=other.id), "iss and sub")
    await is_refused(client, client.assertion(iss=other.id, sub=other.id), "no key with this kid")
    await is_refused(client, client.assertion(), "not that of the assertion", client_id=other.id)


async def test_the_clocks_may_be_a_minute_apart(client: Client) -> None:
    now = int(client.world.clock.now().timestamp())
    assert (await client.ask(client.assertion(iat=now + SKEW_SECONDS))).status == 200
    assert (await client.ask(client.assertion(exp=now - SKEW_SECONDS + 1))).status == 200
    await is_refused(client, client.assertion(iat=now + SKEW_SECONDS + 1), "future")
    await is_refused(client, client.assertion(nbf=now + SKEW_SECONDS + 1), "future")
    await is_refused(client, client.assertion(exp=now - SKEW_SECONDS), "expired")


async def test_an_assertion_is_not_valid_for_longer_than_an_hour(client: Client) -> None:
    now = int(client.world.clock.now().timestamp())
    assert (await client.ask(client.assertion(exp=now + MAX_SECONDS + SKEW_SECONDS))).status == 200
    await is_refused(
        client, client.assertion(exp=now + MAX_SECONDS + SKEW_SECONDS + 1), f"longer than {MAX_SECONDS} seconds"
    )


@pytest.mark.parametrize(
    ("moment", "reason"), [(1.5, "1.5 is no whole number"), ("soon", "whole seconds"), (True, "whole seconds")]
)
async def test_a_moment_that_is_no_whole_second_is_refused(client: Client, moment: object, reason: str) -> None:
    await is_refused(client, client.assertion(exp=moment), reason)


@pytest.mark.parametrize("typ", ["at+jwt", "sk-statement+jws", "", 1, []], ids=repr)
async def test_a_jwt_of_another_type_is_no_assertion(client: Client, typ: object) -> None:
    await is_refused(client, client.assertion(header={"typ": typ}), "the type")


@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt"])
async def test_the_types_of_the_standards_are_taken(client: Client, typ: str) -> None:
    assert (await client.ask(client.assertion(header={"typ": typ}))).status == 200


async def test_a_signature_by_another_key_is_refused(client: Client) -> None:
    assertion = client.assertion(ed25519.Ed25519PrivateKey.generate())
    await is_refused(client, assertion, "does not hold")


async def test_the_kid_is_looked_up_among_the_keys_of_the_client_alone(client: Client) -> None:
    other = await registered(client.world)
    await is_refused(client, client.assertion(other.key, {"kid": other.kid}), "no key with this kid")
    await is_refused(client, client.assertion(header={"kid": None}), "no key with this kid")


async def test_the_algorithm_is_that_of_the_key(client: Client) -> None:
    assertion = client.assertion(ec.generate_private_key(ec.SECP256R1()))
    await is_refused(client, assertion, "no key with this kid and algorithm")


async def test_an_assertion_without_a_true_signature_is_refused(client: Client) -> None:
    header, claims = {"kid": client.kid}, claims_of(client.assertion())
    await is_refused(client, unsigned({**header, "alg": "none"}, claims) + ".", "EdDSA, Ed25519, ES256")
    await is_refused(client, with_hmac(client.key, header, claims), "EdDSA, Ed25519, ES256")
    await is_refused(client, unsigned({**header, "alg": "EdDSA"}, claims) + ".", "does not hold")


@pytest.mark.parametrize("alg", [[], {}, None, 1, "eddsa", "RS256"], ids=repr)
async def test_an_algorithm_that_is_none_of_ours_is_refused(client: Client, alg: object) -> None:
    await is_refused(
        client, client.assertion(header={"alg": alg}), "the algorithm must be one of EdDSA, Ed25519, ES256"
    )


@pytest.mark.parametrize("assertion", ["", "a", "a.b", "a.b.c", "é.é.é", "bnVsbA.bnVsbA."])
async def test_what_is_no_jwt_is_refused(client: Client, assertion: str) -> None:
    await is_refused(client, assertion, "no JWT")


async def test_a_client_that_nobody_registered_is_refused(client: Client) -> None:
    await is_refused(client, client.assertion(iss="nobody", sub="nobody"), "no such client")
    await is_refused(client, "e30.e30.", "no such client")


async def test_a_disabled_authority_gets_no_token(client: Client) -> None:
    await client.changed(disabled=True)
    await is_refused(client, client.assertion(), "disabled")


async def test_a_key_that_was_rotated_out_signs_no_more(client: Client) -> None:
    fresh = ed25519.Ed25519PrivateKey.generate()
    await client.changed(jwks=({**jwk_of(fresh), "kid": "fresh"},))
    await is_refused(client, client.assertion(), "no key with this kid")
    assert (await client.ask(client.assertion(fresh, {"kid": "fresh"}))).status == 200


async def test_a_scope_that_the_client_has_not_is_refused_naming_those_it_has(world: World) -> None:
    client = await registered(world, scopes=("notices:read",))
    await is_refused(client, client.assertion(), "may ask for notices:read", "invalid_scope", scope="notices:write")
    await is_refused(client, client.assertion(), "may ask for notices:read", "invalid_scope", scope="")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "unsupported_grant_type"),
        ({"client_assertion_type": "saml2"}, "invalid_request"),
    ],
    ids=["password", "no grant", "saml"],
)
async def test_a_form_that_asks_otherwise_is_refused(client: Client, form: dict[str, str], code: str) -> None:
    await is_refused(client, client.assertion(), next(iter(form)), code, **form)


@pytest.mark.parametrize(
    ("media_type", "body", "reason"),
    [
        ("application/json", b"{}", "application/x-www-form-urlencoded"),
        ("multipart/form-data; boundary=x", b"--x--", "application/x-www-form-urlencoded"),
        (FORM, b"grant_type=a&grant_type=b", "twice"),
        (FORM, b"grant_type=\xff", "character set"),
        (f"{FORM}; charset=klingon", b"grant_type=a", "character set"),
        (FORM, b"", "grant_type"),
    ],
    ids=["json", "multipart", "twice", "no text", "charset", "empty"],
)
async def test_what_is_no_form_is_refused(world: World, media_type: str, body: bytes, reason: str) -> None:
    answer = await Desk(world.http, world.base_url, world.data, "", "").send(
        body, "/oauth/token", Content_Type=media_type
    )
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")
    assert reason in answer.json()["error_description"]
    answer.is_described("/oauth/token")
