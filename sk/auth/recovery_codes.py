"""Recovery codes: ten of them, for whoever has not got the app at hand. Each is good once, and shown once.

What is kept is an HMAC over account and code, under a key that the store does not hold.
"""

import hmac
import secrets

from sk.auth.credentials import Credentials
from sk.errors import Invalid
from sk.services import Services

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another one
CODES = 10
GROUPS = 3
GROUP = 4
"""Twelve letters: 59 bits, which at a few tries a day nobody guesses."""


def fresh_codes(account_id: str, credentials: Credentials, services: Services) -> list[str]:
    """Give an account ten new codes in the place of those that it had, and return them to be shown."""
    codes = ["-".join(_group() for _ in range(GROUPS)) for _ in range(CODES)]
    credentials.recovery_codes = [_kept(account_id, code, services) for code in codes]
    return codes


def spend_recovery_code(account_id: str, credentials: Credentials, said: str, services: Services) -> None:
    """Take a code out of those that are left, or raise `Invalid`."""
    kept = _kept(account_id, said, services)
    left = [code for code in credentials.recovery_codes if not hmac.compare_digest(code, kept)]
    if len(left) == len(credentials.recovery_codes):
        raise Invalid("this code is wrong, or was used already", field="code", problem="code-wrong")
    credentials.recovery_codes = left


def _group() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(GROUP))


def _kept(account_id: str, said: str, services: Services) -> str:
    code = "".join(letter for letter in said.lower() if letter in LETTERS)
    return services.keys.index.blind("recovery-code", f"{account_id} {code}")
