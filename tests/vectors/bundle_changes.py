"""Ways to change a story in one thing, as somebody would who holds all keys: the rest still fits."""

from collections.abc import Callable
from typing import Any

from tests.vectors.bundle_stories import accepted, opening
from tests.vectors.evidence import Leaf, Story, bundled, numbered, present, spelled
from tests.vectors.reference import base64url, fixed

Json = Any
Change = Callable[[Story], None]
ACT = "a Verwaltungsakt that was fetched"
MESSAGE = "a message that was taken"
DELIVERED = "a message that can be fetched"
OTHER_HASH = base64url(fixed("another hash", 32))
WEB, TAKEN, THERE = 1, 2, 4
"""Where, in the log of a message, its key, the first statement and the second one stand."""


def says(at: int, /, **facts: Json) -> Change:
    """Have a statement say something else."""

    def change(story: Story) -> None:
        story.leaves[at].says |= facts

    return change


def head(at: int, /, **members: Json) -> Change:
    """Have a statement another header."""

    def change(story: Story) -> None:
        story.leaves[at].head |= members

    return change


def as_of(**facts: Json) -> Change:
    """Have `as-of` say something else."""

    def change(story: Story) -> None:
        story.as_of.says |= facts

    return change


def insert(at: int, make: Callable[[Story], Leaf]) -> Change:
    """Have one statement more in the log."""

    def change(story: Story) -> None:
        story.leaves.insert(at, make(story))

    return change


def written(at: int, old: str, new: str) -> Change:
    """Have the payload of the first statement or of a key spelled otherwise."""

    def change(story: Story) -> None:
        leaf = story.leaves[at]
        text = spelled(present(numbered(leaf.says, 1, "") if leaf.part == "statements" else leaf.says))
        assert old in text
        leaf.says = {"raw": text.replace(old, new, 1)}

    return change


def respelled(at: int, spell: Callable[[str], str]) -> Change:
    """Have the JWS of the first statement or of a key spelled otherwise, after it was signed."""

    def change(story: Story) -> None:
        leaf = story.leaves[at]
        if leaf.part == "statements":
            leaf.says = numbered(leaf.says, 1, "")
        leaf.jws = spell(story.sign(leaf))

    return change


def signed(story: Story) -> list[Leaf]:
    """Return the leaves of a story as they are signed."""
    jwss = {one["index"]: one["statement"] for part in ("keys", "statements") for one in bundled(story)[part]}
    return [
        Leaf(leaf.part, leaf.use, leaf.says, leaf.logged_at, jws=jwss.get(at) or story.sign(leaf))
        for at, leaf in enumerate(story.leaves)
    ]


def commitments_of() -> Json:
    """Return the commitments of the message."""
    return accepted("23 09:00:01", opening())["commitments"]
