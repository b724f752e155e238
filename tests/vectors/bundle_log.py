"""Vectors of bundles: logs, checkpoints, time stamps and verifier keys that must not be believed."""

import base64
from collections.abc import Callable
from typing import Any

from tests.vectors.bundle_changes import (
    OTHER_HASH,
    THERE,
    Change,
    signed,
)
from tests.vectors.bundle_stories import moment
from tests.vectors.evidence import (
    Leaf,
    Story,
    bundled,
    checkpoint,
    leaf_hash,
    note,
    vkey,
)
from tests.vectors.signed_cases import SMALL_ORDER

Json = Any


def bad_checkpoints() -> dict[str, Change]:
    """Return checkpoints that are none of the log, under its key and under others."""

    def text(story: Story) -> str:
        hashes = [leaf_hash(leaf) for leaf in signed(story)]
        return checkpoint(story, hashes).partition("\n\n")[0] + "\n"

    def changed(old: str, new: str) -> Change:
        def change(story: Story) -> None:
            assert old in text(story)
            story.note = note(text(story).replace(old, new, 1), story)

        return change

    def noted(make: Callable[[Story, str], str]) -> Change:
        def change(story: Story) -> None:
            story.note = make(story, text(story))

        return change

    def key_id(story: Story) -> bytes:
        return bytes.fromhex(story.vkey().split("+")[1])

    return {
        "checkpoint: of another origin": changed("konto.example", "amt.example"),
        "checkpoint: of an origin below": changed("konto.example", "konto.example/trial"),
        "checkpoint: another origin, signed under its name": noted(
            lambda story, text: note(text.replace("konto", "amt"), story, name="amt.example")
        ),
        "checkpoint: signed under another name": noted(lambda story, text: note(text, story, name="amt.example")),
        "checkpoint: signed by another key": noted(lambda story, text: note(text, story, "sign-web")),
        "checkpoint: signed by another key that claims to be it": noted(
            lambda story, text: note(text, story, "sign-web", key_id=key_id(story))
        ),
        "checkpoint: a wrong signature beside the right one": noted(
            lambda story, text: (
                note(text, story) + note(text, story, "sign-web", key_id=key_id(story)).rpartition("\n\n")[2]
            )
        ),
        "checkpoint: an extension line": changed("=\n", "=\nextension 1\n"),
        "checkpoint: an empty line behind it": changed("=\n", "=\n\n"),
        "checkpoint: a leading zero": changed("\n4\n", "\n04\n"),
        "checkpoint: a size with a sign": changed("\n4\n", "\n+4\n"),
        "checkpoint: a size in hex": changed("\n4\n", "\n0x4\n"),
        "checkpoint: a size in other digits": changed("\n4\n", "\n٤\n"),
        "checkpoint: no size": changed("\n4\n", "\n\n"),
        "checkpoint: a size of twenty digits": changed("\n4\n", "\n40000000000000000000\n"),
        "checkpoint: the root without padding": changed("=\n", "\n"),
        "checkpoint: the root one byte shorter": noted(lambda story, text: note(shorter_root(text), story)),
        "checkpoint: carriage returns": changed("\n4\n", "\r\n4\r\n"),
        "checkpoint: a line less": noted(lambda story, text: note(text.rpartition("\n4\n")[0] + "\n4\n", story)),
        "checkpoint: no signature": noted(lambda _, text: f"{text}\n"),
        "checkpoint: no empty line": noted(lambda story, text: note(text, story).replace("\n\n", "\n")),
        "checkpoint: no line feed at its end": noted(lambda story, text: note(text, story).removesuffix("\n")),
        "checkpoint: a hyphen for the dash": noted(lambda story, text: note(text, story).replace("—", "-")),
        "checkpoint: empty": noted(lambda *_: " "),
    }


def shorter_root(text: str) -> str:
    """Return a checkpoint whose root has 31 bytes."""
    origin, size, root, _ = text.split("\n")
    return f"{origin}\n{size}\n{base64.b64encode(base64.b64decode(root)[:31]).decode()}\n"


def bad_places() -> dict[str, Change]:
    """Return logs that are in no order, and a checkpoint of a size that the log has not."""

    def back(story: Story) -> None:
        story.leaves[THERE].logged_at = moment("23 08:59:59")

    def keys_back(story: Story) -> None:
        story.leaves[3].logged_at = moment("23 08:59:59")

    def sized(size: int) -> Change:
        def change(story: Story) -> None:
            text = bundled(story)["checkpoint"].partition("\n\n")[0] + "\n"
            story.note = note(text.replace("\n5\n", f"\n{size}\n"), story)

        return change

    return {
        "place: logged before the statement before it": back,
        "place: a key logged before the one before": keys_back,
        "place: in a log of one leaf more, as the checkpoint says": sized(6),
        "place: in a log of one leaf fewer, as the checkpoint says": sized(4),
        "place: in an empty log, as the checkpoint says": sized(0),
    }


def bad_stamps() -> dict[str, Change]:
    """Return time stamps that contradict the checkpoint, or are over something else."""

    def stamps(*changes: dict[str, Json]) -> Change:
        def change(story: Story) -> None:
            story.stamps = [{"size": 6, "at": "20261123091501Z"} | one for one in changes]

        return change

    def noted(make: Callable[[Story], str]) -> Change:
        return lambda story: stamps({"note": make(story)})(story)

    def other_log(story: Story) -> str:
        hashes = [leaf_hash(leaf) for leaf in signed(story)]
        return checkpoint(story, [hashes[0], *hashes[:5]])

    def right(story: Story) -> str:
        return checkpoint(story, [leaf_hash(leaf) for leaf in signed(story)][:6])

    return {
        "stamp: of a log that went otherwise": noted(other_log),
        "stamp: over something else": stamps({"over": "something else"}),
        "stamp: signed by another key": noted(
            lambda story: note(right(story).partition("\n\n")[0] + "\n", story, "sign-web")
        ),
        "stamp: of another log of the same key": noted(
            lambda story: note(right(story).partition("\n\n")[0].replace("konto", "amt") + "\n", story)
        ),
        "stamp: of nothing": stamps({"size": 0}),
        "stamp: of the year 9999": stamps({"at": "99991231235959Z"}),
        "stamp: of the year 1969": stamps({"at": "19691231235959Z"}),
        "stamp: of another size than it says": stamps({"size": 7, "proof": [OTHER_HASH] * 4}),
        "stamp: no proof": stamps({"proof": []}),
        "stamp: a proof of something else": stamps({"proof": [OTHER_HASH] * 4}),
        "stamp: sizes that go back": stamps({"size": 8}, {"size": 6}),
        "stamp: an extension line": noted(lambda story: note(right(story).partition("\n\n")[0] + "\nmore\n", story)),
    }


def vkeys() -> dict[str, str]:
    """Return verifier keys that are none, in place of that of the message."""
    public = Story([], Leaf("", "", {}, "")).key("log")[1]
    right = vkey("konto.example", public)
    name, key_id, spelling = right.split("+", 2)
    return {
        "vkey: of a name with a space": vkey("konto example", public),
        "vkey: of no name": vkey("", public),
        "vkey: another key id": f"{name}+00000000+{spelling}",
        "vkey: a key id in upper case": f"{name}+{key_id.upper()}+{spelling}",
        "vkey: no key id": f"{name}+{spelling}",
        "vkey: another kind of key": vkey("konto.example", public, b"\x02"),
        "vkey: a key of 31 bytes": vkey("konto.example", public[:31]),
        "vkey: a key of 33 bytes": vkey("konto.example", public + b"\x00"),
        "vkey: a line feed behind it": f"{right}\n",
        "vkey: empty": "",
        **{
            f"vkey: of small order, {point}": vkey("konto.example", bytes.fromhex(raw))
            for point, raw in SMALL_ORDER.items()
        },
    }
