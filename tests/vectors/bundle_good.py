"""Vectors of bundles that hold although something about them is unusual: changes of a story, by their names."""

from tests.vectors.bundle_changes import ACT, DELIVERED, MESSAGE, Change
from tests.vectors.bundle_stories import a_verwaltungsakt, key, moment, revoked
from tests.vectors.evidence import Story, bundled, note, numbered, present, spelled


def delivery_revoked(story: Story) -> None:
    """Have a key revoked after all that it has signed."""
    story.leaves.append(revoked(story, "sign-delivery", "29 08:00:00"))


def web_revoked(story: Story) -> None:
    """Have web's key revoked, and another one sign until when the bundle reaches."""
    story.leaves += [revoked(story, "sign-web", "29 08:00:00"), key(story, "sign-web:2", "29 08:00:00")]
    story.as_of.use = "sign-web:2"


def revoked_unnamed(story: Story) -> None:
    """Have a key revoked that the log never named."""
    story.leaves.append(revoked(story, "sign-notification", "23 09:30:00"))


def named_twice(story: Story) -> None:
    """Have a key named a second time."""
    story.leaves.append(key(story, "sign-web", "23 09:30:00"))


def forgotten(story: Story) -> None:
    """Have the openings deleted."""
    story.opening = None


def never_stamped(story: Story) -> None:
    """Have no authority asked."""
    story.stamps = []


def stamped_twice(story: Story) -> None:
    """Have two time stamps over one checkpoint."""
    story.stamps = [story.stamps[0], story.stamps[0]]


def witnessed(story: Story) -> None:
    """Have somebody sign the checkpoint whom nobody knows."""
    witness = Story([], story.as_of, whose="witness")
    text = bundled(story)["checkpoint"].partition("\n\n")[0] + "\n"
    story.note = note(text, story) + note(text, witness, name="witness.example").rpartition("\n\n")[2]


def spaced(story: Story) -> None:
    """Have a statement signed that is spelled with space and an escape."""
    leaf = story.leaves[2]
    head = f'{{ "typ":"sk-statement+jws", "kid" : "{story.kid("sign-web")}","alg":"EdDSA"}}'
    body = spelled(present(numbered(leaf.says, 1, "")))
    leaf.head, leaf.says = {"raw": head}, {"raw": body.replace(",", ",\n ").replace('"seat"', '"s\\u0065at"')}


def backwards(story: Story) -> None:
    """Have a statement signed that begins with its last member."""
    leaf = story.leaves[2]
    leaf.says = {"raw": spelled(dict(reversed(numbered(leaf.says, 1, "").items())))}


def at_once(story: Story) -> None:
    """Have the bundle made at the moment of the last statement."""
    story.as_of.says["at"] = moment("23 09:00:03")


def logged_late(story: Story) -> None:
    """Have a statement logged when it was the next day in Berlin."""
    story.leaves[4].logged_at = moment("23 23:30:00")
    story.as_of.says["at"] = moment("24 08:00:00")


def before_the_last(story: Story) -> None:
    """Have the bundle say what was so before the last statement; the log has grown since."""
    last = story.leaves[19]
    last.jws = bundled(a_verwaltungsakt())["statements"][4]["statement"]
    last.part = ""
    story.as_of.says["at"] = moment("25 08:00:00")


UNUSUAL: dict[tuple[str, str], Change] = {
    (ACT, "a key revoked after its statements"): delivery_revoked,
    (ACT, "web's key revoked after its statements, and another one since"): web_revoked,
    (DELIVERED, "a key revoked that was never named"): revoked_unnamed,
    (DELIVERED, "a key named twice"): named_twice,
    (ACT, "the openings were deleted"): forgotten,
    (ACT, "no time stamps"): never_stamped,
    (ACT, "two time stamps of one checkpoint"): stamped_twice,
    (MESSAGE, "a witness has signed the checkpoint as well"): witnessed,
    (MESSAGE, "a statement with space in header and payload, and an escape"): spaced,
    (MESSAGE, "a statement with its members backwards"): backwards,
    (DELIVERED, "as-of at the moment of the last statement"): at_once,
    (DELIVERED, "a statement that was logged on the next day"): logged_late,
    (ACT, "as it stood before the Bekanntgabe, proven by a newer checkpoint"): before_the_last,
}
