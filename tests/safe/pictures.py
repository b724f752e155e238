"""Small pictures for tests: a platform that makes them, and what there is to see of them."""

import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from PIL import Image

from sk.events import PictureDue
from tests.fakes import FakeClock
from tests.rendering import open_renderer
from tests.safe.documents import entry_of, row_of
from tests.world import Citizen, World, open_world


@asynccontextmanager
async def open_drawing_world(folder: Path, clock: FakeClock) -> AsyncIterator[World]:
    """Open a platform with a renderer beside it, which is not given much time for each document."""
    async with (
        open_renderer(folder, cpu_seconds=2) as socket,
        open_world(folder / "data", clock, render=socket) as opened,
    ):
        yield opened


def noise(width: int, height: int) -> bytes:
    """Return a PNG that no packing makes smaller."""
    file = io.BytesIO()
    pixels = random.Random(1).randbytes(width * height * 3)  # noqa: S311 - no secret
    Image.frombytes("RGB", (width, height), pixels).save(file, "PNG")
    return file.getvalue()


async def has_picture(world: World, erika: Citizen, document_id: str) -> bool:
    """Tell whether a document has a picture, and that list and row agree on it."""
    entry, document = await entry_of(world, erika, document_id), await row_of(world, document_id)
    assert entry.has_picture == bool(document.picture)
    return entry.has_picture


async def waiting(world: World) -> list[PictureDue]:
    """Return the pictures that are still to be made, now or later."""
    later = world.clock.now() + timedelta(days=365)
    taken = await world.web.store.take_due("other", later, limit=100, lease=timedelta())
    await world.web.store.release("other")
    return [event for event in taken if isinstance(event, PictureDue)]
