"""Safes with something in them, as the tests of pages fill them."""

from sk.safe.folder_steps import add_folder
from sk.safe.steps import label, throw_away
from tests.safe import documents
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.world import Citizen, World

A_DOCUMENT = b"%PDF-1.7\n" + bytes(range(256)) * 20
LONG = "Sehr" + "langer" * 40 + ".pdf"


async def put(
    world: World, who: Citizen, name: str, data: bytes = A_DOCUMENT, folder: str = "", labels: str = ""
) -> str:
    """Put a document into somebody's safe, with labels if there are any; return its id."""
    id_ = await documents.put(world, who, name, data, folder=folder)
    if labels:
        await label(who.account.id, id_, labels, world.web)
    return id_


async def put_folder(world: World, who: Citizen, name: str, parent: str = "") -> str:
    """Put a folder into somebody's safe; return its id."""
    return await add_folder(who.account.id, name, parent, world.web)


async def trash(world: World, who: Citizen, document_id: str) -> None:
    """Throw a document away."""
    await throw_away(who.account.id, document_id, world.web)


async def listed_in(world: World, who: Citizen, path: str = "/safe") -> str:
    """Return the words of a page of somebody's safe."""
    answer = await (await open_tab(world, who)).get(path)
    assert answer.status == 200, answer.text
    return words_of(answer.text)
