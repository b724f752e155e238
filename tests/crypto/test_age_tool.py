"""What we encrypt opens with Debian's `age`, and what that encrypts opens with us."""

from pathlib import Path

import pytest

from sk.crypto.age import CHUNK_BYTES, WORK_FACTOR, AgeDecryptor, AgeEncryptor
from tests.crypto.age_files import at_a_terminal
from tests.vectors.reference import pattern

PASSPHRASE = "vier Wörter, die niemand errät"
SIZES = [0, CHUNK_BYTES, CHUNK_BYTES + 1, 257 * CHUNK_BYTES + 5]
"""Around the border of a chunk, and so many chunks that one byte does not count them."""
BLOCK = 1_000_003


def in_blocks(data: bytes) -> list[bytes]:
    return [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]


def sealed(plain: bytes, work_factor: int = 10) -> bytes:
    encryptor = AgeEncryptor(PASSPHRASE, work_factor)
    return b"".join([encryptor.begin(), *map(encryptor.update, in_blocks(plain)), encryptor.finish()])


@pytest.mark.parametrize("size", SIZES)
def test_what_we_encrypt_opens_with_age(size: int, tmp_path: Path) -> None:
    (tmp_path / "safe.age").write_bytes(sealed(pattern(size)))

    told = at_a_terminal(PASSPHRASE, "--decrypt", tmp_path / "safe.age")

    assert (told.returncode, told.stderr) == (0, b"")
    assert told.stdout == pattern(size)


@pytest.mark.parametrize("size", SIZES)
def test_what_age_encrypts_opens_with_us(size: int, tmp_path: Path) -> None:
    (tmp_path / "safe.zip").write_bytes(pattern(size))

    told = at_a_terminal(PASSPHRASE, "--passphrase", tmp_path / "safe.zip")

    assert (told.returncode, told.stderr) == (0, b"")
    decryptor = AgeDecryptor(PASSPHRASE)
    assert b"".join([*map(decryptor.update, in_blocks(told.stdout)), decryptor.finish()]) == pattern(size)


def test_a_passphrase_costs_as_much_as_age_makes_it_cost_and_another_one_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "by-us.age").write_bytes(sealed(b"", WORK_FACTOR))
    (tmp_path / "empty").touch()

    by_age = at_a_terminal(PASSPHRASE, "--passphrase", tmp_path / "empty").stdout
    told = at_a_terminal("another one", "--decrypt", tmp_path / "by-us.age")

    assert by_age.split()[4] == (tmp_path / "by-us.age").read_bytes().split()[4] == b"18"
    assert told.returncode == 1
    assert b"incorrect passphrase" in told.stderr
