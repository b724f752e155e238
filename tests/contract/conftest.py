"""Both adapters of each port, opened over real connections as often as a test asks."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from sk.objects.files import open_files
from sk.objects.port import ObjectStore, new_object_name
from sk.objects.s3 import open_s3
from sk.store.port import Store
from tests.contract.peer import open_store as open_store_at
from tests.contract.pieces import DAY
from tests.servers import Servers

OpenStore = Callable[[], AbstractAsyncContextManager[Store]]


@pytest.fixture(params=["files", "s3"])
async def objects(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    """Return an object store that holds nothing yet."""
    opened = open_files(tmp_path / "objects") if request.param == "files" else open_s3(servers.shared("s3").url())
    async with opened as objects:
        yield objects


@pytest.fixture
def name() -> str:
    """Return a fresh name of an object."""
    return new_object_name(DAY)


@pytest.fixture(params=["sqlite", "mongodb"])
def store_url(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> str:
    """Return the URL of a store that holds nothing yet."""
    return f"sqlite://{tmp_path}/store.db" if request.param == "sqlite" else servers.shared("mongodb").url()


@pytest.fixture
def open_store(store_url: str) -> OpenStore:
    """Return what opens one more connection to the store."""
    return lambda: open_store_at(store_url)


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[Store]:
    """Return an open store."""
    async with open_store() as store:
        yield store
