"""Signed notes and checkpoints are those of C2SP, in their one spelling."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.errors import Damaged
from sk.evidence.note import Checkpoint, VKey, open_note, sign_note
from sk.evidence.tree import leaf_hash

ORIGIN = "konto.example/trial"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = VKey(ORIGIN, KEY.public_key().public_bytes_raw())
CHECKPOINT = Checkpoint(ORIGIN, 23, bytes(32))
NOTE = sign_note(CHECKPOINT.text(), ORIGIN, KEY)
LOG_MD = Path(__file__).parents[2] / "docs" / "formats" / "log.md"
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def test_the_verifier_key_is_that_of_the_example_in_the_specification() -> None:
    name, key_id, key = "example.com/foo", "530d903a", "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    text = f"{name}+{key_id}+{key}"

    assert str(VKey(name, base64.b64decode(key)[1:])) == text
    assert VKey.read(text) == VKey(name, base64.b64decode(key)[1:])


def test_a_checkpoint_is_read_as_it_was_signed() -> None:
    text, signer = open_note(NOTE, [VKEY])

    assert (Checkpoint.read(text), signer) == (CHECKPOINT, VKEY)
    assert NOTE.startswith(f"{ORIGIN}\n23\nAAAAAAAA")


def test_the_example_of_the_document_is_what_we_sign() -> None:
    example = Checkpoint(ORIGIN, 1, leaf_hash(bytes(40)))

    assert f"```\n{sign_note(example.text(), ORIGIN, KEY)}```" in LOG_MD.read_text()


def test_a_signature_by_somebody_unknown_is_passed_over() -> None:
    cosigned = NOTE + sign_note(CHECKPOINT.text(), "witness.example", OTHER).rpartition("\n\n")[2]

    assert open_note(cosigned, [VKEY])[1] == VKEY
    with pytest.raises(Damaged):
        open_note(cosigned, [VKey("witness.example", VKEY.public)])


def test_the_same_key_under_another_name_has_signed_nothing() -> None:
    with pytest.raises(Damaged):
        open_note(NOTE, [VKey("konto.example", VKEY.public)])


def test_every_changed_byte_of_a_note_spoils_it() -> None:
    for place in range(len(NOTE)):
        changed = NOTE[:place] + chr(ord(NOTE[place]) ^ 1) + NOTE[place + 1 :]
        with pytest.raises(Damaged):
            open_note(changed, [VKEY])


SPOILED: dict[str, Callable[[str], str]] = {
    "no signature": lambda note: note.rpartition("\n\n")[0] + "\n\n",
    "no blank line": lambda note: note.replace("\n\n", "\n"),
    "no line feed at the end": lambda note: note.removesuffix("\n"),
    "a hyphen for the dash": lambda note: note.replace("—", "-"),
    "a signature that is cut": lambda note: note[:-8] + "\n",
    "seventeen signatures": lambda note: note + note.rpartition("\n\n")[2] * 16,
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("how", SPOILED)
def test_what_is_no_note_is_refused(how: str) -> None:
    with pytest.raises(Damaged):
        open_note(SPOILED[how](NOTE), [VKEY])


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n023\n{'A' * 43}=\n",
        f"{ORIGIN}\n-1\n{'A' * 43}=\n",
        f"{ORIGIN}\n²\n{'A' * 43}=\n",
        f"{ORIGIN}\n{10**18}\n{'A' * 43}=\n",
        f"{ORIGIN}\n23\n{'A' * 42}B=\n",
        f"{ORIGIN}\n23\nAAAA\n",
        f"{ORIGIN}\n23\n{'A' * 43}=\nmore\n",
        f"{ORIGIN}\n23\n{'A' * 43}=",
        f"konto example\n23\n{'A' * 43}=\n",
        f"\n23\n{'A' * 43}=\n",
    ],
)
def test_a_checkpoint_in_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        Checkpoint.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "konto.example",
        str(VKEY).replace("+", " ", 1),
        f"{VKEY}=",
        str(VKEY)[:-4],
        str(VKey(ORIGIN, bytes(32))),  # a point of small order
        str(VKEY)[:-2] + ("B" if str(VKEY)[-2] == "A" else "A") + "=",
        f"+{VKEY.key_id.hex()}+x",
    ],
)
def test_a_verifier_key_in_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        VKey.read(text)
