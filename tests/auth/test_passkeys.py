"""Passkeys: several an account, found without a user name, and refused wherever something is not as it should be."""

import asyncio

import pytest

from sk.auth.account import Account
from sk.auth.passkey_log_in import ask_to_log_in, log_in_with_passkey
from sk.auth.passkeys import add_passkey, ask_to_register, remove_passkey
from sk.crypto.sign import encode
from sk.errors import Damaged, Invalid
from tests.auth.authenticator import PRESENT, VERIFIED, Authenticator, Lies
from tests.auth.factors import enter_with, with_passkey
from tests.auth.visitors import ELSEWHERE, credentials_of, journal, letters, refused, session_of, visit
from tests.fakes import FakeClock
from tests.security.intruder import intrusion
from tests.world import World

OTHER_HANDLE = bytes(32)


async def test_a_passkey_logs_in_without_a_user_name(world: World) -> None:
    erika = await world.citizen()
    device = await with_passkey(world, erika)

    own = await enter_with(world, device)

    assert (own.account_id, own.means, own.level) == (erika.account.id, "passkey", "low")
    [passkey] = (await credentials_of(world, erika)).passkeys
    assert (passkey.name, passkey.sign_count, passkey.used_at) == ("mein Telefon", 1, world.clock.now())


async def test_what_devices_are_asked_for_is_the_person_and_a_passkey_that_needs_no_user_name(world: World) -> None:
    own = await session_of(world, await world.citizen())

    made, signed = (await ask_to_register(own, world.web)).options, (await ask_to_log_in("", None, world.web)).options

    wanted = {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert made["authenticatorSelection"] == wanted
    assert (made["attestation"], made["rp"]["id"]) == ("none", "127.0.0.1")
    assert (signed["userVerification"], signed["allowCredentials"]) == ("required", [])


async def test_the_handle_that_devices_keep_is_not_the_id_of_the_account(world: World) -> None:
    erika = await world.citizen()
    device = await with_passkey(world, erika)

    assert len(device.user_handle) == 32
    assert erika.account.id.encode() not in device.user_handle
    assert encode(device.user_handle) not in (world.data / "store.db-wal").read_bytes().decode(errors="replace")


async def test_an_account_has_several_and_a_device_makes_no_second_one(world: World) -> None:
    erika = await world.citizen()
    phone, key = await with_passkey(world, erika), await with_passkey(world, erika, "Stick")

    asked = await ask_to_register(await session_of(world, erika), world.web)

    assert {one["id"] for one in asked.options["excludeCredentials"]} == {encode(phone.id), encode(key.id)}
    assert (await enter_with(world, phone)).account_id == (await enter_with(world, key)).account_id == erika.account.id
    assert (await letters(world)).count("Neuer Passkey für Ihr Konto") == 2


async def test_a_removed_passkey_is_worth_nothing(world: World) -> None:
    erika = await world.citizen()
    device = await with_passkey(world, erika)

    await remove_passkey(encode(device.id), await session_of(world, erika), world.web)

    await _is_refused(world, device)
    assert "Ein Passkey wurde entfernt" in await letters(world)
    assert "passkey-removed" in await journal(world, erika)


async def test_the_last_way_into_an_account_stays(world: World) -> None:
    erika = await world.citizen()
    device = await with_passkey(world, erika)
    account, vault = await world.web.store.get(Account, erika.account.id), world.web.keys.lock_key("vault")
    credentials = account.open_credentials(vault)
    credentials.password_hash = ""
    account.lock_credentials(vault, credentials)
    await world.web.store.save(account)

    with pytest.raises(Invalid) as kept:
        await remove_passkey(encode(device.id), await enter_with(world, device), world.web)

    assert kept.value.problem == "last-way-in"
    assert (await enter_with(world, device)).means == "passkey"


LIES = {
    "another site": Lies(origin="https://page.example"),
    "another scheme": Lies(origin="https://127.0.0.1"),
    "a host of another site": Lies(host="page.example"),
    "nobody was verified": Lies(flags=PRESENT),
    "nobody was there": Lies(flags=VERIFIED),
    "another challenge": Lies(challenge=encode(bytes(32))),
    "another act": Lies(type="webauthn.create"),
    "another handle": Lies(user_handle=OTHER_HANDLE),
    "no handle": Lies(user_handle=b""),
    "another passkey": Lies(credential_id=bytes(32)),
    "no signature": Lies(signature=b"\x30\x06\x02\x01\x01\x02\x01\x01"),
    "noise for a signature": Lies(signature=b"x"),
}


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES)
async def test_a_device_that_lies_logs_nobody_in(world: World, lies: Lies) -> None:
    device = await with_passkey(world, await world.citizen())

    await _is_refused(world, device, lies)

    assert (await enter_with(world, device)).means == "passkey"


@pytest.mark.parametrize(
    "lies",
    [
        Lies(origin="https://page.example"),
        Lies(host="page.example"),
        Lies(flags=PRESENT),
        Lies(flags=VERIFIED),
        Lies(challenge=encode(bytes(32))),
        Lies(type="webauthn.get"),
        Lies(credential_id=b"short"),
    ],
)
async def test_a_device_that_lies_makes_no_passkey(world: World, lies: Lies) -> None:
    erika = await world.citizen()
    own, device = await session_of(world, erika), Authenticator(world.base_url)
    asked = await ask_to_register(own, world.web)

    with pytest.raises(Invalid) as said:
        await add_passkey(asked.token, device.create(asked.options, lies), "", own, world.web)

    assert said.value.problem == "passkey-refused"
    assert (await credentials_of(world, erika)).passkeys == []


@pytest.mark.parametrize(
    "answer",
    ["", "x", "{}", "[" * 60_000, '{"rawId": 1}', '{"rawId": "AA", "response": {"userHandle": null}}', '{"id": "AA"}'],
)
async def test_an_answer_may_be_anything(world: World, answer: str) -> None:
    own = await session_of(world, await world.citizen())

    with pytest.raises(Invalid):
        await log_in_with_passkey((await ask_to_log_in("", None, world.web)).token, answer, visit(), world.web)
    with pytest.raises(Invalid):
        await add_passkey((await ask_to_register(own, world.web)).token, answer, "", own, world.web)


async def test_a_challenge_is_answered_once_whatever_comes_of_it(world: World) -> None:
    device = await with_passkey(world, await world.citizen())
    asked = await ask_to_log_in("", None, world.web)
    with pytest.raises(Invalid):
        await log_in_with_passkey(asked.token, device.get(asked.options, Lies(signature=b"x")), visit(), world.web)

    with pytest.raises(Invalid):
        await log_in_with_passkey(asked.token, device.get(asked.options), visit(), world.web)


async def test_an_answer_is_not_replayed(world: World) -> None:
    device = await with_passkey(world, await world.citizen())
    asked = await ask_to_log_in("", None, world.web)
    answer = device.get(asked.options)

    tries = [log_in_with_passkey(asked.token, answer, visit(), world.web) for _ in range(3)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)

    assert len([one for one in outcomes if not isinstance(one, BaseException)]) == 1


async def test_a_challenge_waits_for_five_minutes(world: World, clock: FakeClock) -> None:
    device = await with_passkey(world, await world.citizen())
    asked = await ask_to_log_in("", None, world.web)

    clock.advance(minutes=5)
    with pytest.raises(Invalid):
        await log_in_with_passkey(asked.token, device.get(asked.options), visit(), world.web)


async def test_a_challenge_for_one_thing_is_none_for_another(world: World) -> None:
    erika = await world.citizen()
    own, device = await session_of(world, erika), await with_passkey(world, erika)
    to_register, to_log_in = await ask_to_register(own, world.web), await ask_to_log_in("", None, world.web)

    with pytest.raises(Invalid):
        await log_in_with_passkey(to_register.token, device.get(to_register.options), visit(), world.web)
    other = Authenticator(world.base_url, host="127.0.0.1")
    made = other.create({**to_log_in.options, "user": {"id": "AA"}, "rp": {"id": "127.0.0.1"}})
    with pytest.raises(Invalid):
        await add_passkey(to_log_in.token, made, "", own, world.web)


async def test_a_passkey_that_counts_backwards_is_refused_and_its_owner_is_told(world: World) -> None:
    erika = await world.citizen()
    device = await with_passkey(world, erika)
    for _ in range(3):
        await enter_with(world, device)

    await _is_refused(world, device, Lies(sign_count=3))
    await _is_refused(world, device, Lies(sign_count=0))

    assert (await letters(world)).count("Ein Passkey wurde abgelehnt") == 2
    assert (await journal(world, erika)).count("passkey-refused") == 2


async def test_what_nobody_has_signed_alarms_nobody(world: World) -> None:
    erika = await world.citizen()
    device = await with_passkey(world, erika)
    await enter_with(world, device)

    await _is_refused(world, device, Lies(sign_count=0, signature=b"x"))

    assert "passkey-refused" not in await journal(world, erika)


async def test_a_device_that_never_counts_is_taken(world: World) -> None:
    erika = await world.citizen()
    device = await with_passkey(world, erika)
    device.counting = False

    assert [(await enter_with(world, device)).means for _ in range(2)] == ["passkey"] * 2


async def test_a_passkey_is_bound_to_one_account(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    device = await with_passkey(world, erika)
    own = await session_of(world, mallory)
    asked = await ask_to_register(own, world.web)

    with pytest.raises(Invalid) as said:
        await add_passkey(asked.token, device.create(asked.options), "", own, world.web)

    assert said.value.problem == "passkey-refused"
    assert (await credentials_of(world, mallory)).passkeys == []


async def test_an_index_that_leads_to_another_account_logs_nobody_in(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    await with_passkey(world, erika)
    device = await with_passkey(world, mallory)
    index = (await world.web.store.get(Account, mallory.account.id)).passkey_indexes[0]

    with intrusion(world) as intruder:
        intruder.point("account", "passkey", index, erika.account.id)
    with pytest.raises(Damaged):
        await enter_with(world, device)


async def test_strangers_at_the_password_delay_no_passkey(world: World) -> None:
    erika = await world.citizen()
    device = await with_passkey(world, erika)
    for _ in range(8):
        await refused(world, "erika", visit(ELSEWHERE))

    assert (await enter_with(world, device, comes=visit())).means == "passkey"


async def test_somebody_who_is_to_show_once_more_who_they_are_shows_a_passkey_of_their_own(world: World) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    own, device = await session_of(world, erika), await with_passkey(world, mallory)
    asked = await ask_to_log_in("/konto/sicherheit", own, world.web)

    with pytest.raises(Invalid):
        await log_in_with_passkey(asked.token, device.get(asked.options), visit(), world.web)


async def _is_refused(world: World, device: Authenticator, lies: Lies | None = None) -> None:
    with pytest.raises(Invalid) as said:
        await enter_with(world, device, lies)
    assert said.value.problem == "passkey-refused"
