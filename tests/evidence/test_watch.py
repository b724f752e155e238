"""Whoever keeps checkpoints of a log notices whatever is done to it but growing."""

import asyncio
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.errors import Invalid
from sk.evidence.note import Checkpoint, VKey, sign_note
from sk.evidence.tree import EMPTY_ROOT
from sk.evidence.watch import LAST_KEPT, Contradiction, Fetch, Kept, follow, watch
from tests.evidence.cases import Shelf, a_shelf

SIZES = [(1, 2), (2, 3), (255, 256), (256, 257), (256, 512), (300, 700), (511, 700), (700, 66_000)]
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def kept_of(shelf: Shelf, *sizes: int) -> Kept:
    return Kept(vkey=str(shelf.vkey), checkpoints=[shelf.note(size) for size in sizes])


@pytest.mark.parametrize(("old", "new"), SIZES)
async def test_a_log_that_only_grew_is_followed_and_its_checkpoint_kept(old: int, new: int) -> None:
    shelf = a_shelf(new)
    kept = kept_of(shelf, old)

    grown = await follow(kept, shelf.note(), shelf.fetch)
    assert grown.checkpoints == [shelf.note(old), shelf.note(new)]
    assert len(shelf.asked) <= 8


async def test_a_log_that_has_not_changed_is_asked_for_nothing() -> None:
    shelf = a_shelf(300)
    kept = kept_of(shelf, 300)

    assert await follow(kept, shelf.note(), shelf.fetch) is kept
    assert await follow(kept, shelf.note(), shelf.fetch, every=True) is kept
    assert not shelf.asked


@pytest.mark.parametrize(("old", "new"), [*SIZES, (300, 300), (1, 1)])
@pytest.mark.parametrize("which", [0, -1])
async def test_one_rewritten_leaf_with_everything_signed_again_is_noticed(old: int, new: int, which: int) -> None:
    shelf = a_shelf(new)
    forged = shelf.rewritten(range(old)[which])

    await refused(kept_of(shelf, old), forged.note(), forged.fetch, "forked", f"among its first {old} leaves")


@pytest.mark.parametrize(("old", "new"), SIZES)
async def test_a_leaf_put_in_between_and_one_taken_out_are_noticed(old: int, new: int) -> None:
    shelf = a_shelf(new)
    more = Shelf([shelf.leaves[-1], *shelf.leaves])
    fewer = Shelf([*shelf.leaves[1:], shelf.leaves[0]])

    for forged in (more, fewer):
        await refused(kept_of(shelf, old), forged.note(), forged.fetch, "forked", "put in between or taken out")


async def test_tiles_that_are_not_those_of_the_checkpoint_prove_nothing() -> None:
    shelf = a_shelf(700)
    await refused(kept_of(shelf, 300), shelf.note(), shelf.rewritten(600).fetch, "forked", "does not continue")


async def test_a_log_that_went_back_is_noticed() -> None:
    shelf = a_shelf(700)
    await refused(kept_of(shelf, 700), shelf.note(699), shelf.fetch, "behind", "has 699 leaves, and had 700")


async def test_a_log_that_was_closed_and_continued_is_told_from_a_strangers() -> None:
    shelf, other = a_shelf(300), Shelf(a_shelf(400).leaves, "konto.example/2")
    said = "konto.example was closed, and konto.example/2 is served in its place"
    await refused(kept_of(shelf, 300), other.note(), other.fetch, "renamed", said)

    stranger = Shelf(shelf.leaves, "konto.example/2", OTHER_KEY)
    await refused(kept_of(shelf, 300), stranger.note(), stranger.fetch, "unsigned", "not signed by the key")


async def test_a_checkpoint_that_another_key_has_signed_is_not_taken() -> None:
    shelf = a_shelf(300)
    forged = Shelf(shelf.leaves, key=OTHER_KEY)
    await refused(kept_of(shelf, 200), forged.note(), forged.fetch, "unsigned", "not signed by the key")


async def test_a_checkpoint_whose_signature_is_that_of_another_one_is_not_taken() -> None:
    shelf = a_shelf(300)
    forged = shelf.note().replace("\n300\n", "\n301\n")
    await refused(kept_of(shelf, 200), forged, shelf.fetch, "unsigned", "not signed by the key")


async def test_a_signed_note_that_is_no_checkpoint_is_not_taken() -> None:
    shelf = a_shelf(300)
    for text in ("konto.example\n0300\n", "konto.example\n300\nAAAA\n", "konto.example\n300\n\ud800\n"):
        note = sign_note(text.replace("\ud800", "x"), shelf.origin, shelf.key).replace("\nx\n", "\n\ud800\n")
        await refused(kept_of(shelf, 200), note, shelf.fetch, "unsigned", "not signed by the key")


@pytest.mark.parametrize(
    "note", ["", "<html>\n\nlog in\n", "konto.example\n300\n", "a b\n\n— a b x\n", "\ud800\n\n— x\n"]
)
async def test_what_is_no_note_at_all_contradicts_nothing_and_is_not_taken(note: str) -> None:
    shelf = a_shelf(300)
    with pytest.raises(Invalid, match="is none") as refusal:
        await follow(kept_of(shelf, 200), note, shelf.fetch)
    assert refusal.value.problem == "unreadable"


@pytest.mark.parametrize("change", [-32, -1, 1, 32])
async def test_a_tile_of_another_width_is_not_read(change: int) -> None:
    shelf = a_shelf(700)

    async def fetch(path: str) -> bytes:
        row = await shelf.fetch(path)
        return row[:change] if change < 0 else row + bytes(change)

    with pytest.raises(Invalid, match="where there must be") as refusal:
        await follow(kept_of(shelf, 300), shelf.note(), fetch)
    assert refusal.value.problem == "unreadable"


async def test_an_empty_log_is_continued_by_every_other() -> None:
    shelf = a_shelf(300)
    empty = sign_note(Checkpoint(shelf.origin, 0, EMPTY_ROOT).text(), shelf.origin, shelf.key)

    kept = Kept(vkey=str(shelf.vkey), checkpoints=[empty])
    assert len((await follow(kept, shelf.note(), shelf.fetch)).checkpoints) == 2


async def test_of_many_checkpoints_the_first_and_the_last_ones_are_kept() -> None:
    shelf = a_shelf(LAST_KEPT + 20)
    kept = Kept(vkey=str(shelf.vkey))
    for size in range(1, LAST_KEPT + 20):
        kept = await follow(kept, shelf.note(size), shelf.fetch)

    sizes = [checkpoint.size for checkpoint in kept.all()]
    assert sizes == [1, *range(20, LAST_KEPT + 20)]


async def test_a_state_that_somebody_else_has_written_is_checked_as_a_whole() -> None:
    shelf = a_shelf(700)
    kept = Kept(vkey=str(shelf.vkey), checkpoints=[shelf.rewritten(7).note(100), shelf.note(300)])

    assert len((await follow(kept, shelf.note(), shelf.fetch)).checkpoints) == 3
    with pytest.raises(Contradiction, match="first 100 leaves"):
        await follow(kept, shelf.note(), shelf.fetch, every=True)
    with pytest.raises(Contradiction, match="first 100 leaves"):
        await follow(kept, shelf.note(300), shelf.fetch, every=True)


async def test_a_watch_keeps_its_state_in_a_file_and_leaves_nothing_beside_it_but_a_lock(tmp_path: Path) -> None:
    shelf, state = a_shelf(700), tmp_path / "konto.json"
    for size in (300, 300, 400, 700):
        await watch(state, str(shelf.vkey) if size == 300 else "", shelf.note(size), shelf.fetch)

    written = json.loads(state.read_text())
    assert written == {"vkey": str(shelf.vkey), "checkpoints": [shelf.note(size) for size in (300, 400, 700)]}
    assert names_in(tmp_path) == [f".{state.name}.lock", state.name]


async def test_an_answer_that_another_one_has_overtaken_contradicts_nothing(tmp_path: Path) -> None:
    shelf, state = a_shelf(700), tmp_path / "konto.json"
    for held in (Kept(vkey=str(shelf.vkey)), kept_of(shelf, 300)):
        kept_of(shelf, 300, 700).save(state)
        before = state.read_bytes()

        await watch(state, "", shelf.note(400), shelf.fetch, held)
        assert state.read_bytes() == before


async def test_an_answer_that_was_overtaken_has_to_be_of_the_same_log_and_not_older_than_what_was_kept(
    tmp_path: Path,
) -> None:
    shelf, state = a_shelf(700), tmp_path / "konto.json"
    kept_of(shelf, 300, 700).save(state)

    with pytest.raises(Contradiction, match="went back"):
        await watch(state, "", shelf.note(200), shelf.fetch, kept_of(shelf, 300))
    with pytest.raises(Contradiction, match="went back"):
        await watch(state, "", None, shelf.fetch, kept_of(shelf, 300))
    with pytest.raises(Contradiction, match="does not continue"):
        await watch(state, "", shelf.rewritten(0).note(400), shelf.fetch, Kept(vkey=str(shelf.vkey)))


async def test_of_several_that_keep_one_state_none_undoes_what_another_has_kept(tmp_path: Path) -> None:
    shelf, state = a_shelf(700), tmp_path / "konto.json"
    began, sizes = Kept(vkey=str(shelf.vkey)), [700, 300, 500, 1, 600]

    await asyncio.gather(*(watch(state, str(shelf.vkey), shelf.note(size), shelf.fetch, began) for size in sizes))

    kept = Kept.load(state)
    assert kept
    assert [one.size for one in kept.all()] == sorted({one.size for one in kept.all()})
    assert kept.checkpoints[-1] == shelf.note(700)


async def test_what_contradicts_a_state_does_not_change_it(tmp_path: Path) -> None:
    shelf, state = a_shelf(700), tmp_path / "konto.json"
    kept_of(shelf, 300).save(state)
    before = state.read_bytes()
    forged = shelf.rewritten(0)

    for note in (forged.note(), shelf.note(200), None):
        with pytest.raises(Contradiction):
            await watch(state, "", note, forged.fetch)
    with pytest.raises(Contradiction, match="another key"):
        await watch(
            state, str(VKey(shelf.origin, OTHER_KEY.public_key().public_bytes_raw())), shelf.note(), shelf.fetch
        )
    assert state.read_bytes() == before


async def test_a_watch_begins_with_a_key_that_somebody_has_handed_over(tmp_path: Path) -> None:
    shelf, state = a_shelf(3), tmp_path / "konto.json"
    for trust in ("", "konto.example", str(shelf.vkey)[:-1]):
        with pytest.raises(Invalid, match="no verifier key"):
            await watch(state, trust, shelf.note(), shelf.fetch)
    await watch(state, str(shelf.vkey), None, shelf.fetch)
    assert not state.exists()


def damaged_states() -> dict[str, str]:
    shelf = a_shelf(3)
    good = kept_of(shelf, 1, 2)
    stranger = Shelf(shelf.leaves, key=OTHER_KEY)
    return {
        "empty": "",
        "cut off": good.model_dump_json()[:-1],
        "no object": "[]",
        "a field more": json.dumps({**good.model_dump(), "more": 1}),
        "no key": json.dumps({"checkpoints": []}),
        "no verifier key": json.dumps({"vkey": "konto.example", "checkpoints": []}),
        "a number": json.dumps({"vkey": str(shelf.vkey), "checkpoints": [3]}),
        "signed by a stranger": json.dumps({"vkey": str(shelf.vkey), "checkpoints": [stranger.note()]}),
    }


@pytest.mark.parametrize("name", damaged_states())
async def test_a_state_that_cannot_be_read_is_not_taken_for_none(name: str, tmp_path: Path) -> None:
    shelf, state = a_shelf(3), tmp_path / "konto.json"
    state.write_text(text := damaged_states()[name])

    with pytest.raises(Invalid, match="state") as refusal:
        await watch(state, "", shelf.note(), shelf.fetch)
    assert refusal.value.problem == "unreadable"
    assert state.read_text() == text


async def refused(kept: Kept, note: str, fetch: Fetch, problem: str, sentence: str) -> None:
    with pytest.raises(Contradiction, match=sentence) as refusal:
        await follow(kept, note, fetch)
    assert refusal.value.problem == problem
