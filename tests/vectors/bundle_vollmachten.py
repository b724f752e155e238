"""Vectors of bundles about a notice that somebody has fetched for somebody else, and what is wrong with a Vollmacht."""

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
)
from tests.vectors.bundle_texts import UNREADABLE, Patched
from tests.vectors.evidence import GONE, Leaf, Story
from tests.vectors.reference import base64url, fixed

Json = Any
REPRESENTED = "a message that somebody fetched for somebody else"
GRANTED, ACCEPTED, FETCHED, REVOKED = 6, 7, 8, 9
"""Where, in its log, the statements about the Vollmacht stand, and the one about the Abruf."""
ID = "vollmacht0000000000000000a"
NEW_STEPS = ["vollmacht-accepted", "vollmacht-granted", "vollmacht-rejected", "vollmacht-revoked"]
WORDS = {"document": "Erika bevollmächtigt Max.", "name": "Max Beispiel"}
SESSION = {"means": "card", "level": "high"}


def salt(name: str) -> str:
    """Return the salt of a commitment."""
    return base64url(fixed(f"salt of a Vollmacht {name}", 32))


def committed(name: str) -> str:
    """Return what a statement about the Vollmacht commits to."""
    return base64url(sha256(raw(salt(name)) + sha256(WORDS[name].encode()).digest()).digest())


def account(name: str) -> str:
    """Return what stands for the commitment to an account, which nobody opens."""
    return base64url(fixed(f"account {name}", 32))


def about(step: str, at: str, **facts: Json) -> Leaf:
    """Return a statement about the Vollmacht."""
    facts = {"number": 0, "previous": "", "vollmacht": ID} | facts
    return Leaf("vollmachten/0", "sign-web", said(step, at, "", **facts), moment(at))


def a_message_with_a_vollmacht() -> Story:
    """Tell of a message that was fetched by a Vollmacht, which was revoked afterwards."""
    story = a_delivered_message()
    granted = {"document": committed("document"), "account": account("of the principal")}
    accepted = {"name": committed("name"), "account": account("of the representative")}
    days = {"replies": False, "begins_on": "2026-11-24", "ends_on": "2026-11-24"}
    act = {"by": "representative", "vollmacht": ID, **SESSION}
    fetched = said("abgerufen", "24 08:00:00", **NO_DAYS, **act, commitments=commitments(opening()))
    story.leaves += [
        key(story, "sign-web", "23 20:00:00", steps=sorted([*STEPS["sign-web"], *NEW_STEPS])),
        about("vollmacht-granted", "23 20:00:01", **SESSION, **days, commitments=granted),
        about("vollmacht-accepted", "23 21:00:00", **SESSION, commitments=accepted),
        Leaf("statements", "sign-web", fetched, moment("24 08:00:01")),
        about("vollmacht-revoked", "24 09:00:00", by="principal"),
    ]
    story.vollmachten = [{one: value for name in WORDS for one, value in opened(name).items()}]
    story.as_of = as_of("26 08:00:00")
    return story


def opened(name: str) -> dict[str, str]:
    """Return what opens a commitment."""
    return {name: WORDS[name], f"{name}_salt": salt(name)}


def without_words(story: Story) -> None:
    """Have the words of the Vollmacht be left out."""
    story.vollmachten = [None]


def still_good(story: Story) -> None:
    """Have the Vollmacht never be revoked."""
    del story.leaves[REVOKED]


def for_one_authority(story: Story) -> None:
    """Have the Vollmacht be for the authority alone that has posted the message."""
    authority = story.leaves[FETCHED].says["authority"]
    for at in (GRANTED, ACCEPTED, REVOKED):
        story.leaves[at].says["authority"] = authority


def bad_words() -> dict[str, Change]:
    """Return what statements about a Vollmacht must not say, and what acts must not say of it."""
    return {
        "vollmacht: an act of the account that names one": says(FETCHED, by="account"),
        "vollmacht: an act of a representative that names none": says(FETCHED, vollmacht=GONE),
        "vollmacht: an act of the account that names none in words": says(FETCHED, by="account", vollmacht=""),
        "vollmacht: an act by nobody that is known": says(FETCHED, by="somebody"),
        "vollmacht: no days": says(GRANTED, begins_on=None),
        "vollmacht: accepted without a name": says(ACCEPTED, commitments={"account": account("x")}),
        "vollmacht: revoked by nobody": says(REVOKED, by="operator"),
        "vollmacht: a field more": says(GRANTED, name="Max"),
    }


def bad_vollmachten() -> dict[str, Change]:
    """Return Vollmachten by which nobody could have acted as it is told."""

    def missing(at: int) -> Change:
        def change(story: Story) -> None:
            story.leaves[at].part = ""

        return change

    def for_another_authority(story: Story) -> None:
        for at in (GRANTED, ACCEPTED, REVOKED):
            story.leaves[at].says["authority"] = "another"

    return {
        "vollmacht: over before the act": says(GRANTED, ends_on="2026-11-23"),
        "vollmacht: begins after the act": says(GRANTED, begins_on="2026-11-25", ends_on="2026-11-25"),
        "vollmacht: revoked before the act": says(REVOKED, at=moment("24 07:00:00")),
        "vollmacht: revoked in the moment of the act": says(REVOKED, at=moment("24 08:00:00")),
        "vollmacht: accepted after the act": says(ACCEPTED, at=moment("24 08:30:00")),
        "vollmacht: accepted before it was granted": says(ACCEPTED, at=moment("23 19:00:00")),
        "vollmacht: of another id than the act names": says(FETCHED, vollmacht="another"),
        "vollmacht: accepted is another one": says(ACCEPTED, vollmacht="another"),
        "vollmacht: granted for one authority, accepted for all": says(GRANTED, authority="another"),
        "vollmacht: for another authority": for_another_authority,
        "vollmacht: something else among its statements": says(
            GRANTED,
            step="erased",
            vollmacht=GONE,
            means=GONE,
            level=GONE,
            replies=GONE,
            begins_on=GONE,
            ends_on=GONE,
            commitments={"account": account("x")},
        ),
        "vollmacht: not accepted": missing(ACCEPTED),
        "vollmacht: not granted": missing(GRANTED),
        "vollmacht: rejected instead of accepted": says(
            ACCEPTED, step="vollmacht-rejected", by="representative", means=GONE, level=GONE, commitments=GONE
        ),
    }


def patched_vollmachten(bundle: Json) -> Iterator[Patched]:
    """Yield bundles in which something about the Vollmacht was changed by whoever passes them on."""
    [one] = bundle["vollmachten"]
    for rule, name, patch in (
        (7, "left out", {"drop": ["vollmachten"]}),
        (7, "its end left out", {"drop": ["vollmachten/0/statements/2"]}),
        (7, "twice", {"set": {"vollmachten/1": one}}),
        (11, "another name", {"set": {"vollmachten/0/opening/name": "Moritz Beispiel"}}),
        (11, "another salt", {"set": {"vollmachten/0/opening/document_salt": OTHER_HASH}}),
        (UNREADABLE, "null", {"set": {"vollmachten": None}}),
        (UNREADABLE, "no opening", {"drop": ["vollmachten/0/opening"]}),
        (UNREADABLE, "a member more", {"set": {"vollmachten/0/id": ID}}),
        (UNREADABLE, "four statements", {"set": {"vollmachten/0/statements/3": one["statements"][2]}}),
    ):
        yield Patched(rule, REPRESENTED, f"vollmachten: {name}", patch)
