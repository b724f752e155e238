"""Replies, as the tests send and read them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp

from sk.client import File
from sk.ids import new_id
from sk.postbox.reply_intake import Draft, send_reply
from sk.web.body import Part
from tests.postbox.proofs import ask, fetched
from tests.refusals import Answer
from tests.security.tab import Answer as Seen
from tests.security.tab import Tab, open_tab
from tests.workers.cases import logged_in
from tests.world import Delivered, World

TEXT = "Guten Tag,\nanbei fehlt noch die Bescheinigung für Jürgen."
SCAN = File("Bescheinigung.pdf", b"%PDF-1.7\n" + b"Bescheinigung " * 3000)
PHOTO = File("Foto.JPG", b"\xff\xd8\xff" + bytes(range(256)), "image/jpeg")


async def asked(world: World, **changes: Any) -> tuple[Delivered, Tab]:
    """Return a notice that takes a reply and was fetched, and a tab of its citizen."""
    notice = await fetched(world, reply=True, **changes)
    return notice, await open_tab(world, notice.citizen)


def form_of(csrf: str, text: str, files: Sequence[File], token: str) -> aiohttp.FormData:
    """Return the form as a browser sends it, which sends an empty file where none was chosen."""
    form = aiohttp.FormData(default_to_multipart=True, quote_fields=False)
    for name, value in {"csrf": csrf, "token": token, "text": text}.items():
        form.add_field(name, value)
    for file in files or [File("", b"")]:
        form.add_field(
            "files", file.data, filename=file.name.replace('"', "%22"), content_type="application/octet-stream"
        )
    return form


async def reply(tab: Tab, notice_id: str, text: str = TEXT, files: Sequence[File] = (), token: str = "") -> Seen:
    """Send a reply, as a fresh form or as one that has a token already."""
    form = form_of(tab.csrf, text, files, token or new_id())
    return await tab.ask("POST", f"/postfach/{notice_id}/antwort", data=form)


async def reply_past_the_page(world: World, notice: Delivered, text: str) -> None:
    """Send a reply without files."""

    async def bytes_of(entered: str) -> AsyncIterator[bytes]:
        yield entered.encode()

    async def parts() -> AsyncIterator[Part]:
        for name, entered in {"token": new_id(), "text": text}.items():
            yield Part(name, bytes_of(entered))

    await send_reply(notice.notice_id, parts(), Draft(), logged_in(notice.citizen), world.web)


async def replied(world: World, text: str = TEXT, files: Sequence[File] = (SCAN, PHOTO)) -> tuple[Delivered, Tab]:
    """Return a notice to which its citizen has replied, with all of it in the log."""
    notice, tab = await asked(world)
    assert (await reply(tab, notice.notice_id, text, files)).status == 303
    await world.settle()
    return notice, tab


async def replies_of(world: World, notice: Delivered, query: str = "") -> list[dict[str, Any]]:
    """Return the list of replies, as the authority of a notice gets it."""
    answer = await ask(world, notice.authority, f"/api/v1/replies{query}")
    assert answer.status == 200, answer.body
    answer.is_described("/api/v1/replies", "GET")
    found: list[dict[str, Any]] = answer.json()["replies"]
    return found


async def reply_for(world: World, notice: Delivered, path: str) -> Answer:
    """Ask for a reply, or for a part of it, as the authority of a notice."""
    return await ask(world, notice.authority, f"/api/v1/replies/{path}")
