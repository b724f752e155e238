"""Apps and devices that show who somebody is, as people set them up and use them."""

import pyotp

from sk.auth.enter import Visit
from sk.auth.passkey_log_in import ask_to_log_in, log_in_with_passkey
from sk.auth.passkeys import add_passkey, ask_to_register
from sk.auth.second_factor_change import begin_enrolment, switch_on
from sk.auth.sessions import LogIn, current_log_in
from tests.auth.authenticator import Authenticator, Lies
from tests.auth.visitors import session_of, visit
from tests.fakes import FakeClock
from tests.world import Citizen, World


def code_of(secret: str, clock: FakeClock, steps: int = 0) -> str:
    """Return what an app shows, now or some half minutes off."""
    return pyotp.TOTP(secret).at(clock.now(), counter_offset=steps)


async def switched_on(world: World, clock: FakeClock, who: Citizen) -> tuple[str, list[str]]:
    """Switch the second factor on for somebody; return the secret and the recovery codes. A minute passes."""
    errand = await begin_enrolment(await session_of(world, who), world.web)
    secret = errand.content.secret
    codes = await switch_on(errand, code_of(secret, clock), world.web)
    clock.advance(minutes=1)
    return secret, codes


async def with_passkey(world: World, who: Citizen, name: str = "mein Telefon") -> Authenticator:
    """Add a passkey to an account and return its device."""
    device, own = Authenticator(world.base_url), await session_of(world, who)
    asked = await ask_to_register(own, world.web)
    await add_passkey(asked.token, device.create(asked.options), name, own, world.web)
    return device


async def enter_with(
    world: World, device: Authenticator, lies: Lies | None = None, comes: Visit | None = None
) -> LogIn:
    """Log in with a device."""
    asked = await ask_to_log_in("", None, world.web)
    answered = await log_in_with_passkey(asked.token, device.get(asked.options, lies), comes or visit(), world.web)
    found = await current_log_in(answered.entered.token, world.web)
    assert found
    return found
