"""Codes from an app (TOTP, RFC 6238): six digits that change every half minute, each taken once."""

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

from sk.auth.credentials import Totp
from sk.errors import Invalid
from sk.qr import qr_svg

DIGITS = 6
STEPS_OFF = 1
"""How many steps of half a minute the clock of the app may be off, either way."""
GROUP = 4


def new_secret() -> str:
    """Return a secret to share with the app, in base32: 160 bits."""
    return pyotp.random_base32()


def is_code(said: str) -> bool:
    """Tell whether this has the form of a code from an app."""
    code = plain(said)
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def spend_code(secret: str, last_step: int, said: str, now: datetime) -> int:
    """Return the step of a code, the last one taken from now on; raise `Invalid` if it is none, or no later."""
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(plain(said), for_time=now, valid_window=STEPS_OFF)
    except OTPVerificationError:
        step = 0
    if step <= last_step:
        raise Invalid("this code is wrong, or was used already", field="code", problem="code-wrong")
    return step


def enrolled(secret: str, said: str, now: datetime) -> Totp:
    """Return the second factor, once the app has shown a first code."""
    return Totp(secret=secret, last_step=spend_code(secret, 0, said, now), since=now)


def qr_code(secret: str, username: str, operator: str) -> str:
    """Return the secret as a picture for the app's camera."""
    return qr_svg(pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=operator))


def spelled(secret: str) -> str:
    """Return the secret as one types it: in groups of four."""
    return " ".join(secret[start : start + GROUP] for start in range(0, len(secret), GROUP))


def plain(said: str) -> str:
    """Return a code without the blanks that apps show in it."""
    return "".join(said.split())
