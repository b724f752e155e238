"""What tests of evidence share: time-stamp authorities, which take a moment to be founded."""

import pytest

from tests.evidence.authority import Authorities, Authority, found_authority


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Authorities:
    """Make keys and certificates."""
    folder = tmp_path_factory.mktemp("authorities")
    return Authorities(
        found_authority(folder / "ours", "Stempelamt"),
        found_authority(folder / "theirs", "Fremdamt"),
        found_authority(folder / "picky", "Mäkelamt", digests="sha256"),
    )


@pytest.fixture
def authorities(founded: Authorities) -> Authorities:
    """Return the authorities as they are when nobody has asked yet."""
    return Authorities(*(Authority(one.folder) for one in founded))
