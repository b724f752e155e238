"""Passkeys (WebAuthn) of an account: several, each made by a device that verifies the person and needs no user name."""

from sk.auth.account import Account
from sk.auth.credentials import Credentials, Passkey
from sk.auth.passkey_challenge import (
    MILLISECONDS,
    Asked,
    begin_challenge,
    host_of,
    judged,
    passkey_index,
    passkey_refused,
    spend_challenge,
    user_handle_of,
)
from sk.auth.sessions import LogIn
from sk.auth.ways import change_ways
from sk.crypto.sign import decode, encode, read_strictly
from sk.errors import Invalid, NotFound
from sk.services import Services

NAME_MAX = 64
PASSKEYS_MAX = 20
CREDENTIAL_ID_BYTES = range(16, 1024)


async def ask_to_register(log_in: LogIn, services: Services) -> Asked:
    """Return what a device needs to know to make a passkey for an account; one that it has already it does not make."""
    from webauthn import generate_registration_options  # noqa: PLC0415 - it takes an eighth of a second to load
    from webauthn.helpers import options_to_json_dict, structs  # noqa: PLC0415 - the same

    account = await services.store.get(Account, log_in.account_id)
    credentials = account.open_credentials(services.keys.lock_key("vault"))
    begun = await begin_challenge("register", services, account_id=account.id)
    options = generate_registration_options(
        rp_id=host_of(services),
        rp_name=services.settings.operator,
        user_id=user_handle_of(account.id, services),
        user_name=credentials.username or services.settings.operator,
        challenge=decode(begun.content.challenge),
        timeout=MILLISECONDS,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(decode(held.id)) for held in credentials.passkeys],
    )
    return Asked(options_to_json_dict(options), begun.token)


async def add_passkey(token: str, answer: str, name: str, log_in: LogIn, services: Services) -> None:
    """Add the passkey that a device has made, or raise `Invalid`."""
    from webauthn import verify_registration_response  # noqa: PLC0415 - see above

    challenge = await spend_challenge("register", token, services)
    if challenge.account_id != log_in.account_id:
        raise passkey_refused()
    made = judged(
        lambda: verify_registration_response(
            credential=read_strictly(answer.encode()),
            expected_challenge=decode(challenge.challenge),
            expected_rp_id=host_of(services),
            expected_origin=services.base_url,
            require_user_verification=True,
        )
    )
    if len(made.credential_id) not in CREDENTIAL_ID_BYTES:
        raise passkey_refused()
    passkey = Passkey(
        id=encode(made.credential_id),
        public_key=encode(made.credential_public_key),
        sign_count=made.sign_count,
        name=" ".join(name.split())[:NAME_MAX] or "Passkey",
        created_at=services.clock.now(),
    )
    if await services.store.find(Account, "passkey", passkey_index(passkey.id, services), limit=1):
        raise passkey_refused()

    def change(account: Account, credentials: Credentials) -> None:
        if len(credentials.passkeys) >= PASSKEYS_MAX:
            raise Invalid(f"an account has at most {PASSKEYS_MAX} passkeys", problem="passkeys-many")
        _keep(account, credentials, [*credentials.passkeys, passkey], services)

    await change_ways(log_in.account_id, "passkey-added", change, services)


async def remove_passkey(passkey_id: str, log_in: LogIn, services: Services) -> None:
    """Take a passkey away; the last way into an account stays."""

    def change(account: Account, credentials: Credentials) -> None:
        left = [passkey for passkey in credentials.passkeys if passkey.id != passkey_id]
        if len(left) == len(credentials.passkeys):
            raise NotFound("there is no such passkey")
        _keep(account, credentials, left, services)

    await change_ways(log_in.account_id, "passkey-removed", change, services)


def _keep(account: Account, credentials: Credentials, passkeys: list[Passkey], services: Services) -> None:
    credentials.passkeys = passkeys
    account.passkey_indexes = [passkey_index(passkey.id, services) for passkey in passkeys]
