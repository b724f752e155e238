"""Recovery codes: for whoever has not got the app at hand, each once."""

import asyncio

import pytest

from sk.auth.recovery_codes import LETTERS
from sk.auth.second_factor_change import renew_codes
from sk.auth.sessions import current_log_in
from sk.errors import Invalid
from tests.auth.factors import code_of, switched_on
from tests.auth.visitors import credentials_of, journal, letters, log_in_with_code
from tests.fakes import FakeClock
from tests.world import World


async def test_a_recovery_code_stands_in_for_the_app_and_its_owner_is_told(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    _, codes = await switched_on(world, clock, erika)

    entered = await log_in_with_code(world, erika, codes[3])

    found = await current_log_in(entered.token, world.web)
    assert found
    assert found.means == "password-recovery-code"
    assert "Ein Wiederherstellungscode wurde benutzt" in await letters(world)
    assert "noch 9 übrig" in world.mails.sent[-1].get_content() + world.mails.sent[-2].get_content()
    assert "recovery-code-used" in await journal(world, erika)


async def test_a_recovery_code_is_good_once(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    _, codes = await switched_on(world, clock, erika)
    await log_in_with_code(world, erika, codes[0])

    with pytest.raises(Invalid) as refused:
        await log_in_with_code(world, erika, codes[0])

    assert refused.value.problem == "code-wrong"
    assert await log_in_with_code(world, erika, codes[1])


async def test_at_the_same_moment_as_well(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    _, codes = await switched_on(world, clock, erika)

    tries = [log_in_with_code(world, erika, codes[0]) for _ in range(4)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)

    assert len([one for one in outcomes if not isinstance(one, BaseException)]) == 1
    assert len((await credentials_of(world, erika)).recovery_codes) == 9


async def test_it_does_not_matter_how_a_code_is_spelled(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    _, codes = await switched_on(world, clock, erika)

    for spelled in (codes[0].upper(), codes[1].replace("-", ""), f" {codes[2].replace('-', ' ')} "):
        assert await log_in_with_code(world, erika, spelled)


async def test_new_codes_void_the_old_ones(world: World, clock: FakeClock) -> None:
    erika = await world.citizen()
    secret, old = await switched_on(world, clock, erika)
    own = await current_log_in((await log_in_with_code(world, erika, code_of(secret, clock))).token, world.web)
    assert own

    new = await renew_codes(own, world.web)

    with pytest.raises(Invalid):
        await log_in_with_code(world, erika, old[0])
    assert await log_in_with_code(world, erika, new[0])
    assert "Neue Wiederherstellungscodes" in await letters(world)


async def test_a_code_of_one_account_is_none_of_another(world: World, clock: FakeClock) -> None:
    erika, mallory = await world.citizen(), await world.citizen("mallory")
    _, codes = await switched_on(world, clock, erika)
    await switched_on(world, clock, mallory)

    with pytest.raises(Invalid):
        await log_in_with_code(world, mallory, codes[0])


async def test_what_is_kept_of_a_code_is_no_code_and_differs_from_account_to_account(
    world: World, clock: FakeClock
) -> None:
    erika = await world.citizen()
    _, codes = await switched_on(world, clock, erika)

    kept = (await credentials_of(world, erika)).recovery_codes

    assert len(kept) == len(set(kept)) == 10
    assert {len(one) for one in kept} == {64}
    assert not set(kept) & set(codes)
    assert len(LETTERS) ** 12 > 2**59
