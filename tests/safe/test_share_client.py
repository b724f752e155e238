"""An authority's client: it fetches what was shared into a folder, opens what is sealed to it, and believes nothing."""

import json
from pathlib import Path

import pytest
from aiohttp import ClientError

from sk.auth.authority import Authority
from sk.client import AuthorityClient
from sk.client_share import fetch_share, new_sealing_key
from sk.crypto.seal import new_seed
from sk.errors import Damaged
from sk.evidence.verify import verify_bundle
from sk.installation import log_vkey
from sk.safe.share_steps import revoke
from tests.postbox.proofs import fetched
from tests.safe.documents import damage, put, put_in_parts
from tests.safe.shares import PASS, SCHOOL, fetch, opens, problem, share, shared
from tests.security.tab import open_tab
from tests.world import A_FILE, Citizen, World

PARTS = [b"%PDF-1.7 " * 4000, b"b" * 16384, b"c"]


async def sealed(world: World, *documents: str, who: Citizen) -> tuple[AuthorityClient, bytes, str]:
    """Return an authority with whom documents were shared under its key, its seed, and the id of the share."""
    seed, public = new_sealing_key()
    authority = await world.authority(sealing_key=public)
    return authority, seed, await share(world, who, authority, documents)


def files_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder, but for the platform's own."""
    return sorted(path.name for path in folder.iterdir() if path.is_file())


async def test_one_call_fetches_all_documents_into_a_folder(world: World, tmp_path: Path) -> None:
    erika, authority = await world.citizen(), await world.authority()
    share_id = await share(world, erika, authority, [await put(world, erika, "a", PASS), await put(world, erika, "b")])

    told = await fetch_share(authority, share_id, tmp_path / "akte")

    assert [document["name"] for document in told["documents"]] == ["a", "b"]
    assert (tmp_path / "akte" / "1").read_bytes() == PASS
    assert json.loads((tmp_path / "akte" / "share.json").read_text()) == told
    assert files_in(tmp_path / "akte") == ["1", "2", "share.json"]


async def test_called_again_it_fetches_what_is_missing_and_costs_nothing_else(world: World, tmp_path: Path) -> None:
    erika, authority = await world.citizen(), await world.authority()
    documents = [await put(world, erika, "a", PASS), await put(world, erika, "b", SCHOOL)]
    share_id = await share(world, erika, authority, documents)
    await fetch_share(authority, share_id, tmp_path)
    (tmp_path / "2").unlink()

    await fetch_share(authority, share_id, tmp_path)

    assert (tmp_path / "2").read_bytes() == SCHOOL
    told = (await fetch(world, authority, share_id)).json()
    assert [document["fetched"] for document in told["documents"]] == [1, 2]


async def test_what_is_sealed_to_its_key_it_opens_whatever_pieces_it_came_in(world: World, tmp_path: Path) -> None:
    erika = await world.citizen()
    documents = [await put_in_parts(world, erika, PARTS), await put(world, erika, "b", PASS)]
    authority, seed, share_id = await sealed(world, *documents, who=erika)

    told = await fetch_share(authority, share_id, tmp_path, seed)

    assert (tmp_path / "1").read_bytes() == b"".join(PARTS)
    assert (tmp_path / "2").read_bytes() == PASS
    assert [len(document["streams"]) for document in told["documents"]] == [3, 1]


async def test_a_share_that_is_sealed_holds_no_key_that_opens_here(world: World) -> None:
    erika = await world.citizen()
    authority, _, share_id = await sealed(world, await put(world, erika, "a", PASS), who=erika)

    [opened] = await opens(world, share_id)
    sent = await fetch(world, authority, share_id, 1)

    assert (opened.key, len(opened.sealed_key)) == (b"", 1120 + 32 + 16)
    assert sent.status == 200
    assert b"Ausweis" not in sent.body


async def test_without_the_seed_nothing_of_it_is_opened(world: World, tmp_path: Path) -> None:
    erika = await world.citizen()
    authority, _, share_id = await sealed(world, await put(world, erika, "a", PASS), who=erika)

    for seed in (new_seed(), b""):
        with pytest.raises(Damaged):
            await fetch_share(authority, share_id, tmp_path, seed)

    assert files_in(tmp_path) == ["share.json"]


async def test_a_key_that_is_registered_later_opens_what_is_shared_later(world: World, tmp_path: Path) -> None:
    erika, authority, early = await shared(world)
    seed, public = new_sealing_key()
    stored = await world.web.store.get(Authority, authority.client_id)
    card = stored.details(world.web.keys.signers).model_copy(update={"sealing_key": public})
    stored.change(card, world.web.keys.signer("sign-web"))
    await world.web.store.save(stored)
    late = await share(world, erika, authority, [await put(world, erika, "b", SCHOOL)])

    for share_id, data in ((early, PASS), (late, SCHOOL)):
        await fetch_share(authority, share_id, tmp_path / share_id, seed)
        assert (tmp_path / share_id / "1").read_bytes() == data


@pytest.mark.parametrize("is_sealed", [True, False])
async def test_what_is_not_whole_gets_no_name(world: World, tmp_path: Path, *, is_sealed: bool) -> None:
    erika = await world.citizen()
    document = await put(world, erika, "a", PASS)
    if is_sealed:
        authority, seed, share_id = await sealed(world, document, who=erika)
    else:
        _, authority, share_id = await shared(world, who=erika)
        seed = b""
    damage(world, (await opens(world, share_id))[0].streams[0].object)

    with pytest.raises((Damaged, ClientError)):
        await fetch_share(authority, share_id, tmp_path, seed)

    assert files_in(tmp_path) == ["share.json"]


async def test_the_evidence_beside_a_document_is_spelled_as_sk_verify_takes_it(world: World, tmp_path: Path) -> None:
    notice = await fetched(world)
    tab = await open_tab(world, notice.citizen)
    document = (await tab.post(f"/postfach/{notice.notice_id}/in-den-safe")).headers["Location"].rpartition("/")[2]
    await world.settle()
    authority = await world.authority("Stadt Nebenan")
    share_id = await share(world, notice.citizen, authority, [document])

    await fetch_share(authority, share_id, tmp_path)

    verified = verify_bundle((tmp_path / "1.evidence.json").read_bytes(), [await log_vkey(world.web)])
    assert (verified.trusted, verified.statements[0].says["notice"]) == (True, notice.notice_id)
    assert (tmp_path / "1").read_bytes() == A_FILE.data


async def test_what_was_revoked_is_refused_in_words(world: World, tmp_path: Path) -> None:
    erika, authority, share_id = await shared(world)
    await revoke(share_id, erika.account.id, world.web)

    with pytest.raises(RuntimeError, match="the citizen has revoked this"):
        await fetch_share(authority, share_id, tmp_path)
    assert problem(await fetch(world, authority, share_id, 1)) == (410, "share-revoked")
