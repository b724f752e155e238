"""An access token opens the routes of its scopes for as long as it is valid and its client is not disabled."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sk.auth.authority import SCOPES
from sk.auth.tokens import TOKEN_SECONDS, TOKEN_TYP
from tests.auth.clients import Client, claims_of, registered, signed, unsigned, with_hmac
from tests.refusals import Desk, nothing_stored
from tests.web.wire import head, wire
from tests.world import World, a_notice

READING = ("/api/v1/notices/x", "/api/v1/notices/{id}")


class Bearer:
    """A client with a token, and what web itself would sign."""

    def __init__(self, client: Client, token: str) -> None:
        """Take a token that is right."""
        self.client = client
        self.token = token
        self.claims = claims_of(token)
        self.ours = client.world.web.keys.token_eddsa
        self.header = {"kid": self.ours.kid, "typ": TOKEN_TYP}

    def desk(self, token: str) -> Desk:
        """Return a desk with any token."""
        world = self.client.world
        return Desk(world.http, world.base_url, world.data, token, "a" * 52)

    async def is_refused(self, token: str, reason: str) -> None:
        """Check that a token opens nothing, and that nothing is stored."""
        async with nothing_stored(self.client.world.data):
            answer = await self.desk(token).get(READING[0])
        told = answer.says("unauthorized", path=READING[1], method="GET")
        assert reason in told["detail"]
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.fixture
async def bearer(world: World) -> Bearer:
    """Return a client with a token for all that it may."""
    client = await registered(world)
    return Bearer(client, (await client.ask(client.assertion())).json()["access_token"])


async def test_a_token_opens_what_is_its_own(bearer: Bearer) -> None:
    answer = await bearer.desk(bearer.token).get(READING[0])
    answer.says("not-found", path=READING[1], method="GET")
    assert bearer.claims["scope"].split() == list(SCOPES)


async def test_a_token_ends_after_ten_minutes(bearer: Bearer) -> None:
    bearer.client.world.clock.advance(seconds=TOKEN_SECONDS - 1)
    assert (await bearer.desk(bearer.token).get(READING[0])).status == 404
    bearer.client.world.clock.advance(seconds=1)
    await bearer.is_refused(bearer.token, "expired")


@pytest.mark.parametrize("change", [{"iss": "https://konto.example"}, {"aud": "https://konto.example"}])
async def test_a_token_of_another_installation_opens_nothing(bearer: Bearer, change: dict[str, str]) -> None:
    token = signed(bearer.ours.key, bearer.header, {**bearer.claims, **change})
    await bearer.is_refused(token, "not valid here")


async def test_a_token_that_we_did_not_sign_opens_nothing(bearer: Bearer) -> None:
    for key in (bearer.client.key, ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())):
        await bearer.is_refused(signed(key, bearer.header, bearer.claims), "not valid here")


async def test_a_token_without_a_true_signature_opens_nothing(bearer: Bearer) -> None:
    await bearer.is_refused(unsigned({**bearer.header, "alg": "none"}, bearer.claims) + ".", "not valid here")
    await bearer.is_refused(with_hmac(bearer.ours.key, bearer.header, bearer.claims), "not valid here")
    await bearer.is_refused(bearer.token.rpartition(".")[0] + ".", "not valid here")


@pytest.mark.parametrize("typ", ["JWT", "sk-authority+jws", None, []], ids=repr)
async def test_what_we_signed_for_another_purpose_is_no_access_token(bearer: Bearer, typ: object) -> None:
    await bearer.is_refused(signed(bearer.ours.key, {**bearer.header, "typ": typ}, bearer.claims), "no access token")


async def test_an_assertion_is_no_access_token(bearer: Bearer) -> None:
    await bearer.is_refused(bearer.client.assertion(), "no access token")


@pytest.mark.parametrize("claim", ["exp", "client_id", "scope"])
async def test_a_token_that_lacks_a_claim_opens_nothing(bearer: Bearer, claim: str) -> None:
    claims: dict[str, Any] = {name: value for name, value in bearer.claims.items() if name != claim}
    await bearer.is_refused(signed(bearer.ours.key, bearer.header, claims), claim)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic Zm86YmFy", "Bearer a.b.c", "Bearer \udcff", "\udcff"]
)
async def test_a_header_without_a_token_opens_nothing(bearer: Bearer, header: str) -> None:
    desk = bearer.desk("")
    async with wire(desk) as connection:
        await connection.send(head(desk, Authorization=header, Content_Length=0))
        (await connection.answer()).says("unauthorized")


async def test_a_token_for_other_scopes_does_not_post(bearer: Bearer) -> None:
    answer = await bearer.client.ask(bearer.client.assertion(), scope="notices:read")
    desk = bearer.desk(answer.json()["access_token"])
    async with nothing_stored(desk.data):
        refused = await desk.post(a_notice(desk.handle))
    told = refused.says("wrong-scope")
    assert "notices:write" in told["detail"]
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    assert (await desk.get(READING[0])).status == 404


async def test_a_token_of_a_disabled_authority_opens_nothing(bearer: Bearer) -> None:
    await bearer.client.changed(disabled=True)
    await bearer.is_refused(bearer.token, "disabled")


async def test_a_token_of_an_authority_that_is_gone_opens_nothing(bearer: Bearer) -> None:
    token = signed(bearer.ours.key, bearer.header, {**bearer.claims, "client_id": "nobody"})
    await bearer.is_refused(token, "does not exist")
