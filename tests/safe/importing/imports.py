"""Taking a safe along and bringing it back, as somebody does in a browser; and archives that nobody should trust."""

import io
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from sk.ids import new_id
from sk.safe.importing import Progress, imports_of
from sk.safe.safe import open_safe
from tests.fakes import FakeClock
from tests.rendering import open_renderer
from tests.security.tab import Answer, Tab, open_tab
from tests.world import Citizen, World, open_world

PASSPHRASE = "vier Wörter, die niemand errät"
HERE = "/safe/import"
THREE = {"a.txt": b"eins", "Ordner/b.txt": b"zwei", "Ordner/Unterordner/c.txt": b"drei"}


@asynccontextmanager
async def open_unpacking_world(folder: Path, clock: FakeClock, **settings: Any) -> AsyncIterator[World]:
    """Open a platform that has a renderer, which alone unpacks archives."""
    async with open_renderer(folder) as socket, open_world(folder / "data", clock, render=socket, **settings) as opened:
        yield opened


async def exported(tab: Tab, path: str = "/safe/export", passphrase: str = "") -> bytes:
    """Return what somebody takes along, encrypted if there is a passphrase."""
    form = {"csrf": tab.csrf, "art": "age" if passphrase else "zip", "passphrase": passphrase, "again": passphrase}
    answer = await tab.ask("POST", path, data=form)
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    return answer.body


async def send(tab: Tab, archive: bytes, passphrase: str = "", token: str = "") -> Answer:
    """Send an archive off, with the form's own token unless there is another one."""
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in (("csrf", tab.csrf), ("token", token or new_id()), ("passphrase", passphrase)):
        form.add_field(name, value)
    form.add_field("file", io.BytesIO(archive), filename="export.zip", content_type="application/zip")
    return await tab.ask("POST", HERE, data=form)


async def imported(world: World, who: Citizen, archive: bytes, passphrase: str = "") -> Progress:
    """Import an archive, and return what has become of it."""
    answer = await send(await open_tab(world, who), archive, passphrase)
    assert (answer.status, answer.headers.get("Location")) == (303, HERE), answer.text
    await world.settle()
    return await progress_of(world, who)


async def progress_of(world: World, who: Citizen) -> Progress:
    """Return how the newest import of somebody stands."""
    return (await imports_of(who.account.id, world.web))[0].progress


def left_out(progress: Progress) -> dict[str, str]:
    """Return why which file was not taken."""
    return dict(progress.left_out)


async def tree(world: World, who: Citizen) -> dict[str, int]:
    """Return what lies in somebody's safe, the trash apart, by path, and how large it is."""
    contents = (await open_safe(who.account.id, world.web)).contents
    return {
        "/".join([*(folder.name for folder in contents.path(entry.folder)), entry.name]): entry.size
        for entry in contents.entries.values()
        if not entry.trashed_at
    }


def a_zip(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP file."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()
