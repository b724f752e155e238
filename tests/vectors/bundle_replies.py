"""Vectors of bundles about a notice that was replied to: their story, and what is wrong with openings of replies."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from tests.vectors.bundle_changes import OTHER_HASH, Change, says
from tests.vectors.bundle_stories import (
    NO_DAYS,
    STEPS,
    a_delivered_message,
    as_of,
    commitments,
    key,
    moment,
    opening,
    raw,
    said,
    something_else,
)
from tests.vectors.bundle_texts import UNREADABLE, Patched
from tests.vectors.evidence import Leaf, Story
from tests.vectors.reference import base64url, fixed

Json = Any
REPLIED = "a message that was replied to twice"
AGAIN, FIRST, SECOND = 6, 8, 10
"""Where web's key stands in the log once more, and the statements about the replies."""
REPLIES = [
    {"text": "Guten Tag, danke.", "attachments": ["Anbei die Bescheinigung.", "Und noch eine."]},
    {"text": "", "attachments": ["Das hatte ich vergessen."]},
]


def opened(content: str) -> Json:
    """Return the opening of something that was sent."""
    salt = base64url(fixed(f"salt of a reply {content}", 32))
    return {"salt": salt, "sha256": base64url(sha256(content.encode()).digest())}


def opening_of(reply: Json) -> Json:
    """Return the openings of a reply."""
    return {"text": opened(reply["text"]), "attachments": [opened(one) for one in reply["attachments"]]}


def contents_of(reply: Json) -> Json:
    """Return what the statement about a reply commits to."""

    def commitment(one: Json) -> str:
        return base64url(sha256(raw(one["salt"]) + raw(one["sha256"])).digest())

    found = opening_of(reply)
    return {"text": commitment(found["text"]), "attachments": [commitment(one) for one in found["attachments"]]}


def a_message_with_replies() -> Story:
    """Tell of a message that was replied to. Web's key was named before there were replies, and once more since."""
    story = a_delivered_message()
    session = {"by": "account", "means": "card", "level": "high"}
    fetched = said("abgerufen", "24 08:00:00", **NO_DAYS, **session, commitments=commitments(opening()))
    story.leaves += [
        Leaf("statements", "sign-web", fetched, moment("24 08:00:01")),
        key(story, "sign-web", "25 08:00:00", steps=sorted([*STEPS["sign-web"], "replied"])),
    ]
    for number, reply in enumerate(REPLIES):
        at = f"25 0{8 + number}:30:00"
        facts = {"objects": base64url(fixed(f"objects {at}", 32)), "contents": contents_of(reply)}
        sent = said("replied", at, reply=f"antwort{number}", **session, **facts)
        story.leaves += [
            something_else(5 + number, at),
            Leaf("statements", "sign-web", sent, moment(at)),
        ]
    story.replies = [opening_of(reply) for reply in REPLIES]
    story.as_of = as_of("26 08:00:00")
    return story


def lost(story: Story) -> None:
    """Have the openings of the first reply be lost."""
    story.replies[0] = None


def bad_replies() -> dict[str, Change]:
    """Return what the statement about a reply must not say, and who must not make it."""

    def by_a_key_of_before(story: Story) -> None:
        del story.leaves[AGAIN]

    return {
        "reply: a field more": says(FIRST, subject="Antwort"),
        "reply: contents of the notice": says(FIRST, contents=commitments(opening())),
        "reply: no objects": says(FIRST, objects=None),
        "reply: an id that is a number": says(SECOND, reply=2),
        "reply: by a key that was named before there were replies": by_a_key_of_before,
    }


def patched_replies(bundle: Json) -> Iterator[Patched]:
    """Yield openings of replies that are wrong."""
    first, second = bundle["replies"]
    wrong: dict[str, Json] = {
        "replies: left out": {"drop": ["replies"]},
        "replies: one left out": {"drop": ["replies/0"]},
        "replies: one more": {"set": {"replies/2": second}},
        "replies: one lost more than there are": {"set": {"replies/2": None}},
        "replies: swapped": {"set": {"replies/0": second, "replies/1": first}},
        "replies: another salt": {"set": {"replies/0/text/salt": OTHER_HASH}},
        "replies: another text": {"set": {"replies/1/text/sha256": OTHER_HASH}},
        "replies: files swapped": {"set": {"replies/0/attachments": [*reversed(first["attachments"])]}},
        "replies: a file fewer": {"drop": ["replies/0/attachments/1"]},
        "replies: without the opening of the notice": {"set": {"opening": None}},
    }
    none: dict[str, Json] = {
        "replies: null": {"set": {"replies": None}},
        "replies: none, and there all the same": {"set": {"replies": []}},
        "replies: one is false": {"set": {"replies/0": False}},
        "replies: a member more": {"set": {"replies/0/subject": first["text"]}},
        "replies: no text": {"drop": ["replies/0/text"]},
    }
    yield from (Patched(8, REPLIED, name, patch) for name, patch in wrong.items())
    yield from (Patched(UNREADABLE, REPLIED, name, patch) for name, patch in none.items())
