import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.crypto.context import Context
from sk.crypto.keyring import ROLES, TOKEN_KEYS, KeyRing, create_keys, load_keys, rotate_token_keys
from sk.crypto.sign import encode, kid_of
from sk.errors import Damaged, Unavailable

PLACE = Context("mail", "account", "account")
TYP = "sk-statement+jws"
PUBLIC = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
SMALL = bytes(32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    created = tmp_path / "var" / "keys"
    create_keys(created)
    return created


def change(file: Path, **values: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def loaded(folder: Path, role: str) -> KeyRing:
    return load_keys(folder / role, [role])


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_folder_with_its_own_keys_and_no_other(folder: Path, role: str) -> None:
    assert set(loaded(folder, role).held) == ROLES[role]
    assert sorted(file.name for file in (folder / role).iterdir()) == ["keys.json", "signers.json"]


def test_only_the_owner_can_look_into_the_folders_and_files(folder: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*.json")} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in [folder, *folder.iterdir()]} == {0o700}


def test_a_wide_umask_opens_nothing(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_keys(tmp_path / "keys")
    finally:
        os.umask(before)

    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "keys").rglob("*")} == {0}
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


def test_keys_are_never_overwritten(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.json")}

    with pytest.raises(Unavailable, match="not empty"):
        create_keys(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*.json")} == before


def test_keys_are_not_written_beside_anything_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("somebody's")

    with pytest.raises(Unavailable, match="not empty"):
        create_keys(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_that_is_there_already_is_filled(tmp_path: Path) -> None:
    create_keys(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(ROLES)


def test_two_installations_share_no_secret(folder: Path, tmp_path: Path) -> None:
    create_keys(tmp_path / "other")
    one, other = loaded(folder, "web").held, loaded(tmp_path / "other", "web").held

    assert all(one[name][1] != other[name][1] for name in one)


def test_roles_that_hand_each_other_something_hold_the_same_key(folder: Path) -> None:
    locked = loaded(folder, "web").lock_key("mail").lock(PLACE, b"mia@example.org")

    assert loaded(folder, "notification").lock_key("mail").unlock(PLACE, locked) == b"mia@example.org"


def test_a_surplus_secret_stops_the_start_and_is_named(folder: Path) -> None:
    vault = json.loads((folder / "web" / "keys.json").read_text())["vault"]
    change(folder / "delivery" / "keys.json", vault=vault)

    with pytest.raises(Unavailable, match=r"must not hold: vault$"):
        loaded(folder, "delivery")
    with pytest.raises(Unavailable, match=r"must not hold: .*mail, records.*vault"):
        load_keys(folder / "web", ["delivery"])
    with pytest.raises(Unavailable, match="must not hold"):
        load_keys(folder, ["delivery"])


def test_a_missing_secret_stops_the_start_and_is_named(folder: Path) -> None:
    with pytest.raises(Unavailable, match=r"needs: mail, sign-notification$"):
        load_keys(folder / "delivery", ["delivery", "notification"])
    with pytest.raises(Unavailable, match=r"needs: sign-delivery$"):
        load_keys(folder.parent, ["delivery"])


def test_a_process_in_all_roles_reads_a_folder_of_folders(folder: Path) -> None:
    ring = load_keys(folder, ROLES)

    assert set(ring.held) == set().union(*ROLES.values())


def test_a_process_beside_others_reads_its_own_folders_alone(folder: Path) -> None:
    (folder / "web" / "keys.json").write_text("not to be read")

    ring = load_keys(folder, (role for role in ("delivery", "notification")), only_these=False)

    assert set(ring.held) == ROLES["delivery"] | ROLES["notification"]


def test_a_role_without_keys_holds_none_and_knows_whom_to_trust(folder: Path) -> None:
    (folder / "webhooks").mkdir()
    (folder / "webhooks" / "keys.json").write_text("{}")
    (folder / "webhooks" / "signers.json").write_text((folder / "web" / "signers.json").read_text())

    ring = load_keys(folder / "webhooks", ["webhooks"])

    assert not ring.held
    assert len(ring.signers.by_kid) == 4


def test_a_key_that_is_not_held_cannot_be_used(folder: Path) -> None:
    ring = loaded(folder, "delivery")

    for use in (
        lambda: ring.lock_key("vault"),
        lambda: ring.signer("sign-web"),
        lambda: ring.handle,
        lambda: ring.index,
    ):
        with pytest.raises(Unavailable, match="does not hold the key") as caught:
            use()
        assert caught.value.problem == "key-missing"


def test_a_second_generation_locks_and_signs_while_the_first_still_opens(folder: Path) -> None:
    old = loaded(folder, "notification")
    locked = old.lock_key("mail").lock(PLACE, b"old")
    file = folder / "notification" / "keys.json"
    for name in ("mail", "sign-notification"):
        change(file, **{name: json.loads(file.read_text())[name] | {"2": encode(bytes([7]) * 32)}})
    new = loaded(folder, "notification")

    assert new.lock_key("mail").unlock(PLACE, locked) == b"old"
    assert new.lock_key("mail").lock(PLACE, b"new")[:2] == b"\x00\x02"
    assert new.signer("sign-notification").kid != old.signer("sign-notification").kid


def test_generations_of_two_folders_come_together(folder: Path) -> None:
    file = folder / "notification" / "keys.json"
    change(file, mail=json.loads(file.read_text())["mail"] | {"2": encode(bytes([7]) * 32)})

    ring = load_keys(folder, ROLES)

    assert sorted(ring.held["mail"]) == [1, 2]


def test_two_secrets_under_one_name_and_number_are_refused(folder: Path) -> None:
    change(folder / "notification" / "keys.json", mail={"1": encode(bytes(32))})

    with pytest.raises(Unavailable, match="another key mail"):
        load_keys(folder, ROLES)


@pytest.mark.parametrize(
    "key",
    [
        {},
        [],
        "AAAA",
        {"1": encode(bytes(31))},
        {"1": encode(bytes(33))},
        {"1": encode(bytes(32)) + "="},
        {"1": 7},
        {"0": encode(bytes(32))},
        {"-1": encode(bytes(32))},
        {"01": encode(bytes(32))},
        {"+1": encode(bytes(32))},
        {"65536": encode(bytes(32))},
        {"one": encode(bytes(32))},
    ],
)
def test_a_file_with_something_that_is_no_key_is_refused(folder: Path, key: object) -> None:
    change(folder / "notification" / "keys.json", mail=key)

    with pytest.raises(Unavailable, match="file of keys"):
        loaded(folder, "notification")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sign-delivery":{"1":"AA"},"sign-delivery":{"1":"AA"}}'])
def test_a_file_that_cannot_be_read_is_refused_without_showing_it(folder: Path, text: str) -> None:
    (folder / "delivery" / "keys.json").write_text(text)

    with pytest.raises(Unavailable, match=r"cannot be read as a file of keys$"):
        loaded(folder, "delivery")


def test_a_second_key_of_the_log_is_refused_because_that_would_be_another_log(folder: Path) -> None:
    file = folder / "evidence" / "keys.json"
    held = json.loads(file.read_text())["log"]
    change(file, log={**held, "2": encode(bytes(32))})

    with pytest.raises(Unavailable, match="a new one means a new log"):
        loaded(folder, "evidence")


def test_signatures_are_trusted_for_what_their_key_is_for(folder: Path) -> None:
    delivery, web = loaded(folder, "delivery"), loaded(folder, "web")
    signed = delivery.signer("sign-delivery").sign(TYP, {"step": "bereitgestellt"})

    assert web.signers.verify(signed, typ=TYP, use="sign-delivery") == {"step": "bereitgestellt"}
    with pytest.raises(Damaged):
        web.signers.verify(signed, typ=TYP, use="sign-web")


def test_the_key_of_access_tokens_is_trusted_for_no_statement(folder: Path) -> None:
    web = loaded(folder, "web")

    assert web.token_eddsa.kid not in web.signers.by_kid
    assert {use for use, _ in web.signers.by_kid.values()} == {"sign-web", "sign-delivery", "sign-notification", "log"}
    assert [key.key.curve.name for key in web.token_es256] == ["secp256r1"] * 2


def test_the_next_keys_of_tokens_are_known_before_they_sign_and_the_last_ones_afterwards(folder: Path) -> None:
    seen = [loaded(folder, "web")]
    for _ in range(2):
        assert rotate_token_keys(folder) == [folder / "web" / "keys.json"]
        seen.append(loaded(folder, "web"))

    first, second, third = seen
    assert [len(ring.token_signers) for ring in seen] == [2, 3, 3]
    assert second.token_eddsa.public == first.token_signers[1].public
    assert third.token_eddsa.public == second.token_signers[1].public
    assert second.token_eddsa.public in [signer.public for signer in third.token_signers]
    assert first.token_eddsa.public not in [signer.public for signer in third.token_signers]
    assert second.token_es256[0].jwk == first.token_es256[1].jwk
    assert len({key.jwk["kid"] for ring in seen for key in ring.token_es256}) == 4
    assert (folder / "web" / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_from_before_has_no_next_key_until_they_are_rotated(folder: Path) -> None:
    file = folder / "web" / "keys.json"
    held = json.loads(file.read_text())
    change(file, **{name: {"1": held[name]["1"]} for name in TOKEN_KEYS})
    before = loaded(folder, "web")

    rotate_token_keys(folder)

    assert [signer.public for signer in before.token_signers] == [before.token_eddsa.public]
    assert loaded(folder, "web").token_eddsa.public == before.token_eddsa.public


def test_only_the_folder_of_web_has_keys_of_tokens(folder: Path) -> None:
    assert rotate_token_keys(folder / "nothing") == []
    with pytest.raises(Unavailable, match="not the folder of web"):
        rotate_token_keys(folder / "delivery")


@pytest.mark.parametrize(
    ("kid", "entry"),
    [
        ("log-aaaaaaaaaaaaaaaa", {"use": "log", "x": encode(PUBLIC)}),
        (kid_of("log", PUBLIC), {"use": "sign-web", "x": encode(PUBLIC)}),
        (kid_of("log", SMALL), {"use": "log", "x": encode(SMALL)}),
        ("log", {"use": "log"}),
        ("log", {"use": "log", "x": 1}),
        ("log", {"use": "log", "x": encode(bytes(32)), "more": 1}),
        ("log", "text"),
    ],
)
def test_a_signer_that_is_none_or_goes_by_another_name_is_refused(folder: Path, kid: str, entry: object) -> None:
    change(folder / "delivery" / "signers.json", **{kid: entry})

    with pytest.raises(Unavailable, match="file of signers"):
        loaded(folder, "delivery")


def test_a_ring_does_not_show_its_secrets(folder: Path) -> None:
    ring = loaded(folder, "web")

    shown = repr([ring, ring.lock_key("vault"), ring.index, ring.handle, ring.signer("sign-web"), ring.token_eddsa])

    for generations in ring.held.values():
        assert repr(generations[1]) not in shown
