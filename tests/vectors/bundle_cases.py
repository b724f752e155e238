"""What the vectors of bundles say, and how they are written down: each as the least that differs from another one."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.vectors.bundle_changes import ACT, DELIVERED, MESSAGE, Change
from tests.vectors.bundle_failures import failures
from tests.vectors.bundle_good import UNUSUAL
from tests.vectors.bundle_replies import REPLIED, a_message_with_replies, lost, patched_replies
from tests.vectors.bundle_share_texts import patched_shares
from tests.vectors.bundle_shares import GOOD, SHARED, a_share
from tests.vectors.bundle_stories import FILES, TEXT, a_delivered_message, a_message, a_verwaltungsakt
from tests.vectors.bundle_texts import patched
from tests.vectors.bundle_vollmachten import (
    REPRESENTED,
    a_message_with_a_vollmacht,
    for_one_authority,
    patched_vollmachten,
    still_good,
    without_words,
)
from tests.vectors.evidence import Story, bundled
from tests.vectors.patches import Vector, difference

Json = Any
TRIAL, IMPOSTOR = "the same, in a trial", "the same, of somebody else who calls himself so"
STORIES: dict[str, Callable[[], Story]] = {
    ACT: a_verwaltungsakt,
    MESSAGE: a_message,
    DELIVERED: a_delivered_message,
    REPLIED: a_message_with_replies,
    REPRESENTED: a_message_with_a_vollmacht,
    SHARED: a_share,
    TRIAL: lambda: a_delivered_message(origin="konto.example/trial", whose="trial"),
    IMPOSTOR: lambda: a_delivered_message(whose="impostor"),
}
BESIDE: dict[tuple[str, str], Change] = {
    (REPLIED, "the openings of a reply were lost"): lost,
    (REPRESENTED, "the words of a Vollmacht are left out"): without_words,
    (REPRESENTED, "a Vollmacht that nobody has revoked"): still_good,
    (REPRESENTED, "a Vollmacht for one authority"): for_one_authority,
}
KNOWN = ["konto"]


def bundle_cases() -> dict[str, Json]:
    """Bundles: few of them prove anything."""
    stories = {name: story() for name, story in STORIES.items()}
    bundles = {name: bundled(story) for name, story in stories.items()}
    vkeys = {stories[name].whose: stories[name].vkey() for name in (ACT, TRIAL, IMPOSTOR)}
    texts = {"the text": TEXT, **FILES}
    files = [{"name": name, "text": text, "is": at} for at, (name, text) in enumerate(texts.items())]
    return {"vkeys": vkeys, "files": files, "vectors": [*vectors(bundles)]}


def vectors(bundles: dict[str, Json]) -> Iterator[Vector]:
    """Yield all vectors: first what holds, then what holds if a key is the right one, then all that does not."""

    def changed(name: str, of: str, change: Change) -> Vector:
        story = STORIES[of]()
        change(story)
        return {"name": name, "of": of, "set": dict(difference(bundles[of], bundled(story)))}

    trusted = {TRIAL: ["konto", "trial"], IMPOSTOR: ["impostor"]}
    for name, bundle in bundles.items():
        yield {"name": name, "trusted": trusted.get(name, KNOWN), "says": "valid", "bundle": bundle}
    for (of, name), change in (UNUSUAL | BESIDE | GOOD).items():
        yield changed(name, of, change)
    all_gone: Vector = {"set": {"opening": None}, "drop": ["replies"]}
    yield {"name": "all openings were deleted, those of replies as well", "of": REPLIED, **all_gone}
    yield {"name": "known: no key", "of": ACT, "trusted": [], "says": "unvouched"}
    yield {"name": "known: keys of other logs", "of": ACT, "trusted": ["trial"], "says": "unvouched"}
    yield {"name": "known: no key, of somebody else", "of": IMPOSTOR, "trusted": [], "says": "unvouched"}
    yield {"name": "known: another key under this name", "of": IMPOSTOR, "trusted": KNOWN, "fails": 1}
    yield {"name": "known: another key, the other way round", "of": ACT, "trusted": ["impostor"], "fails": 1}
    for failure in failures():
        yield changed(failure.name, failure.of, failure.change) | {"fails": failure.rule}
    for one in (
        *patched(bundles),
        *patched_replies(bundles[REPLIED]),
        *patched_vollmachten(bundles[REPRESENTED]),
        *patched_shares(bundles),
    ):
        yield {"name": one.name, "of": one.of, **one.patch, "fails": one.fails}
