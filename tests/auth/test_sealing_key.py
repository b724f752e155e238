"""The key of an authority to which what citizens share is sealed: only its public half is registered."""

from pathlib import Path

import pytest

from sk.auth.authority import public_sealing_key
from sk.client_share import new_sealing_key
from sk.crypto.sign import encode
from sk.errors import Invalid
from tests.auth.test_members import Installed, installed

SEED, PUBLIC = new_sealing_key()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return a platform in a folder."""
    return installed(tmp_path_factory.mktemp("sealing"), {})


def test_an_operator_registers_the_key_and_takes_it_away(platform: Installed, tmp_path: Path) -> None:
    (file := tmp_path / "sealing.pub").write_text(f"{PUBLIC}\n")
    before = platform.told("show", "CLIENT")

    registered = platform.told("sealing-key", "CLIENT", str(file))

    assert before["sealing_key"] is None
    assert registered == {**before, "sealing_key": registered["sealing_key"]}
    assert len(registered["sealing_key"]) == 64
    assert platform.told("sealing-key", "CLIENT", "--none") == before


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (SEED, "this is the seed, which is private"),
        (encode(SEED).encode(), "this is the seed, which is private"),
        (PUBLIC[:-4].encode(), "the 1216 bytes of a public key of X-Wing"),
        (b"/" + PUBLIC[1:].encode(), "the 1216 bytes of a public key of X-Wing"),
        (b"_" * len(PUBLIC), "the 1216 bytes of a public key of X-Wing"),
        (b"", "the 1216 bytes of a public key of X-Wing"),
    ],
    ids=["the seed", "the seed in base64url", "short", "another spelling", "no key", "nothing"],
)
def test_what_is_no_public_key_is_refused(read: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        public_sealing_key(read)


def test_the_command_wants_a_file_or_to_be_told_that_there_is_none(platform: Installed) -> None:
    refused = platform.sk("sealing-key", "CLIENT")

    assert (refused.returncode, "name a file with the public key, or say --none" in refused.stderr) == (2, True)
