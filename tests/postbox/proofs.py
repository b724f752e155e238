"""Notices with evidence, and how it is asked for."""

from functools import partial
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from sk.client import AuthorityClient
from sk.evidence.verdict import Verified
from sk.evidence.verify import verify_bundle
from sk.installation import log_vkey
from sk.postbox.history import History, history_of
from sk.postbox.notice import Notice
from sk.postbox.proven import Proof, prove
from tests.refusals import Answer
from tests.security.tab import open_tab
from tests.world import Delivered, World


async def fetched(world: World, **changes: Any) -> Delivered:
    """Return a notice that its citizen has fetched, with every step in the log."""
    notice = await world.delivered(**changes)
    tab = await open_tab(world, notice.citizen)
    assert (await tab.post(f"/postfach/{notice.notice_id}")).status == 303
    await world.settle()
    return notice


async def ask(world: World, authority: AuthorityClient, path: str) -> Answer:
    """Ask for something as an authority."""
    headers = {"Authorization": f"Bearer {await authority.token()}"}
    async with world.http.get(world.base_url + path, headers=headers) as answer:
        return Answer(answer.status, answer.headers, await answer.read())


async def evidence_of(world: World, notice: Delivered) -> bytes:
    """Return the bundle of a notice, as its authority gets it."""
    answer = await ask(world, notice.authority, f"/api/v1/notices/{notice.notice_id}/evidence.json")
    assert answer.status == 200, answer.body
    return answer.body


async def verified(world: World, bundle: bytes) -> Verified:
    """Verify a bundle as somebody does who was given the key at registration."""
    return verify_bundle(bundle, [await log_vkey(world.web)])


async def proof_of(world: World, notice: Delivered) -> Proof:
    """Return the proof of a notice."""
    return await prove(partial(read, world, notice.notice_id), world.web)


async def read(world: World, notice_id: str) -> tuple[Notice, History]:
    """Return a notice and what was stated about it."""
    found = await world.web.store.get(Notice, notice_id)
    return found, await history_of(found, world.web)


def attached_to(pdf: bytes) -> bytes:
    """Return the one file that is attached to a PDF."""
    [(name, [content])] = PdfReader(BytesIO(pdf)).attachments.items()
    assert name == "evidence.json"
    return content


def text_of(pdf: bytes) -> str:
    """Return all words of a PDF, as one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
