"""Drafts, as the tests write, change and send them: through the pages, as any browser would."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from sk.client import AuthorityClient, File
from sk.ids import new_id
from sk.postbox.draft import Draft, Opened
from sk.postbox.draft_steps import drafts_of
from sk.postbox.notice import Notice
from tests.postbox.desks import desk
from tests.refusals import objects
from tests.security.tab import Answer, Tab
from tests.web.pages import Reader
from tests.world import Citizen, World

SCAN = File("Bescheid.pdf", b"%PDF-1.7\n" + b"Bescheid " * 3000)
PHOTO = File("Lageplan.JPG", b"\xff\xd8\xff" + bytes(range(256)), "image/jpeg")


BESIDE = re.compile(r"/(log|erased)-")
"""What else lies in the object store."""


@dataclass(frozen=True)
class Scene:
    """An authority, somebody who writes for it, and a citizen who is written to."""

    world: World
    authority: AuthorityClient
    writer: Tab
    citizen: Citizen

    @property
    def home(self) -> str:
        """Where the pages of the authority are."""
        return f"/behoerde/{self.authority.client_id}"

    async def another(self, *roles: Any, username: str = "chefin") -> Tab:
        """Return a tab of another member."""
        return await desk(self.world, self.authority, *roles, username=username)

    async def drafts(self) -> list[Opened]:
        """Return all drafts of the authority."""
        return await drafts_of(self.authority.client_id, self.world.web)

    async def draft(self) -> Opened:
        """Return the one draft of the authority."""
        [opened] = await self.drafts()
        return opened

    async def place(self) -> str:
        """Return where the one draft is."""
        return f"{self.home}/entwuerfe/{(await self.draft()).draft.id}"

    async def notices(self) -> list[Notice]:
        """Return the notices of the authority."""
        return await self.world.web.store.find(Notice, "authority", self.authority.client_id)


async def scene(world: World, *roles: Any, einwilligung: bool = True, **card: Any) -> Scene:
    """Return an authority with a member who writes, unless the roles are others."""
    authority, citizen = await world.authority(**card), await world.citizen(einwilligung=einwilligung)
    return Scene(world, authority, await desk(world, authority, *(roles or ("post",))), citizen)


def filled_in(handle: str, **changes: str) -> dict[str, str]:
    """Return what somebody enters who writes a Bescheid, but for the changes."""
    entered = {
        "to": handle,
        "kind": "verwaltungsakt",
        "law": "ozg-9",
        "rechtsbehelf": "klage-vwgo",
        "belehrung": "yes",
        "land": "NW",
        "case": "50.2-0815",
        "subject": "Bescheid über Wohngeld",
        "text": "Guten Tag,\nanbei Ihr Bescheid.",
        "minimum_trust": "low",
        "reply": "yes",
    }
    return {**entered, **changes}


MESSAGE = {"kind": "message", "law": "", "rechtsbehelf": "", "belehrung": ""}
"""What makes a message of it."""


def form_of(fields: dict[str, str], files: Sequence[File]) -> aiohttp.FormData:
    """Return a form as a browser sends it, which sends an empty file where none was chosen."""
    form = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
    for name, value in fields.items():
        form.add_field(name, value)
    for file in files or [File("", b"")]:
        form.add_field(
            "files", file.data, filename=file.name.replace('"', "%22"), content_type="application/octet-stream"
        )
    return form


async def write(scene: Scene, files: Sequence[File] = (), token: str = "", **changes: str) -> Answer:
    """Send the form for something new."""
    fields = {"csrf": scene.writer.csrf, "token": token or new_id(), **filled_in(scene.citizen.handle, **changes)}
    return await scene.writer.ask("POST", f"{scene.home}/schreiben", data=form_of(fields, files))


async def written(scene: Scene, files: Sequence[File] = (SCAN,), **changes: str) -> Opened:
    """Write something that is in order, and return the draft."""
    answer = await write(scene, files, **changes)
    assert answer.status == 303, answer.text
    return await scene.draft()


async def change(scene: Scene, files: Sequence[File] = (), seen: str = "", **changes: str) -> Answer:
    """Change the one draft, as it is now unless it was seen otherwise."""
    opened = await scene.draft()
    fields = {"csrf": scene.writer.csrf, "seen": seen or opened.content.seen()}
    fields |= {**opened.content.entered.model_dump(), **changes}
    return await scene.writer.ask("POST", f"{await scene.place()}/bearbeiten", data=form_of(fields, files))


async def act(tab: Tab, place: str, what: str, seen: str | None = None, **fields: str) -> Answer:
    """Press one of the buttons of a draft's page, which is looked at first unless it was seen before."""
    if seen is None:
        page = await tab.get(place)
        seen = next(iter(seen_in(page.text)), "")
    return await tab.ask("POST", f"{place}/{what}", data={"csrf": tab.csrf, "seen": seen, **fields})


def seen_in(page: str) -> list[str]:
    """Return the digests that the forms of a page bring along."""
    return [value for value in Reader.of(page).values if len(value) == 64]


async def sent(scene: Scene, files: Sequence[File] = (SCAN,), **changes: str) -> Notice:
    """Write something and send it; return the notice, delivered."""
    await written(scene, files, **changes)
    assert (await act(scene.writer, await scene.place(), "senden")).status == 303
    await scene.world.settle()
    [notice] = await scene.notices()
    return notice


async def draft_rows(world: World) -> int:
    """Return how many drafts there are in the store."""
    return len(await world.web.store.scan(Draft))


def files_stored(world: World) -> list[str]:
    """Return the objects in which files lie."""
    return sorted(name for name, _ in objects(world.data) if not BESIDE.search(name))
