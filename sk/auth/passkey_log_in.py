"""Log-in with a passkey (WebAuthn), without a user name.

An account is found by the blind index of the credential, and is the right one only if the device names it, by a handle
that is blind as well, and the account itself holds the credential.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sk.auth.account import Account
from sk.auth.credentials import Credentials, Passkey
from sk.auth.enter import Entered, Visit, enter
from sk.auth.known import known_by
from sk.auth.passkey_challenge import (
    MILLISECONDS,
    Asked,
    Challenge,
    begin_challenge,
    host_of,
    judged,
    passkey_index,
    passkey_refused,
    spend_challenge,
    user_handle_of,
)
from sk.auth.sessions import LogIn
from sk.auth.tell import told
from sk.auth.throttle import trying_from
from sk.crypto.sign import decode, encode, read_strictly
from sk.services import Services
from sk.store.port import Aggregate


class Answered(NamedTuple):
    """Somebody who came in, and where they want to go."""

    entered: Entered
    back: str


async def ask_to_log_in(back: str, log_in: LogIn | None, services: Services) -> Asked:
    """Return what a device needs to know to show a passkey of ours; whose it is, nobody says beforehand.

    Whoever is logged in already shows one of the same account.
    """
    from webauthn import generate_authentication_options  # noqa: PLC0415 - it takes an eighth of a second to load
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415 - the same

    account_id = log_in.account_id if log_in else ""
    begun = await begin_challenge("log-in", services, account_id=account_id, back=back)
    options = generate_authentication_options(
        rp_id=host_of(services),
        challenge=decode(begun.content.challenge),
        timeout=MILLISECONDS,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return Asked(options_to_json_dict(options), begun.token)


async def log_in_with_passkey(token: str, answer: str, visit: Visit, services: Services) -> Answered:
    """Let somebody in whose device has signed the challenge, or raise `Invalid`, which never says what was wrong."""
    async with trying_from(visit.source, services):
        challenge = await spend_challenge("log-in", token, services)
        return Answered(await _log_in(challenge, answer, visit, services), challenge.back)


async def _log_in(challenge: Challenge, answer: str, visit: Visit, services: Services) -> Entered:
    shown = judged(lambda: _Shown.of(answer))
    account, passkey = await _holder(shown.id, services)
    if not hmac.compare_digest(shown.user_handle, user_handle_of(account.id, services)):
        raise passkey_refused()
    if challenge.account_id not in ("", account.id):
        raise passkey_refused()
    sign_count = _signed(shown.raw, passkey, challenge, services)
    if (sign_count or passkey.sign_count) and sign_count <= passkey.sign_count:
        await _tell_of_a_copy(account, services)
        raise passkey_refused()

    def spend(_: Account, credentials: Credentials, now: datetime) -> Sequence[Aggregate]:
        held = next((held for held in credentials.passkeys if held.id == passkey.id), None)
        if held is None or held.sign_count != passkey.sign_count:
            raise passkey_refused()  # it was removed, or used elsewhere, at the same moment
        held.sign_count, held.used_at = sign_count, now
        return ()

    return await enter(account.id, "passkey", visit, services, spend=spend)


class _Shown(NamedTuple):
    """What a device shows, as far as it is needed to find out whose it is."""

    raw: dict[str, Any]
    id: str
    user_handle: bytes

    @classmethod
    def of(cls, answer: str) -> "_Shown":
        raw = read_strictly(answer.encode())
        return cls(raw, encode(decode(raw["rawId"])), decode(raw["response"]["userHandle"]))


def _signed(raw: dict[str, Any], passkey: Passkey, challenge: Challenge, services: Services) -> int:
    """Return how often the passkey was used as its device says, if it has signed this challenge, here, for its owner.

    The count is judged by us, after the signature: what nobody has signed is no reason to alarm anybody.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415 - it takes an eighth of a second to load

    return judged(
        lambda: verify_authentication_response(
            credential=raw,
            expected_challenge=decode(challenge.challenge),
            expected_rp_id=host_of(services),
            expected_origin=services.base_url,
            credential_public_key=decode(passkey.public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    ).new_sign_count


async def _holder(credential_id: str, services: Services) -> tuple[Account, Passkey]:
    index = passkey_index(credential_id, services)
    known = await known_by(
        "passkey", index, lambda held: [passkey_index(one.id, services) for one in held.passkeys], services
    )
    if known is None:
        raise passkey_refused()
    return known.account, next(one for one in known.credentials.passkeys if one.id == credential_id)


async def _tell_of_a_copy(account: Account, services: Services) -> None:
    """Tell the owner that a passkey counts backwards: then there are two of it."""
    await services.store.save(*told(account, "passkey-refused", services.clock.now(), services))
