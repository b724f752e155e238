"""Vectors of bundles about a share: their story, what holds as well, and what must not be signed about it."""

from hashlib import sha256
from typing import Any

from tests.vectors.bundle_changes import OTHER_HASH, Change, as_of, says
from tests.vectors.bundle_stories import (
    AUTHORITY,
    FILES,
    NOTICE,
    STEPS,
    key,
    moment,
    raw,
    said,
    something_else,
)
from tests.vectors.evidence import GONE, Leaf, Story
from tests.vectors.reference import base64url, fixed

Json = Any
SHARED = "a share that was fetched from and revoked"
WEB, GRANTED, FIRST, SECOND, THIRD, REVOKED = 1, 2, 4, 5, 6, 8
"""Where, in its log, web's key and the statements about the share stand."""
ID, OTHER_ID = "freigabe00000000000000000a", "freigabe00000000000000000b"
NEW_STEPS = ["share-fetched", "share-granted", "share-revoked"]
PURPOSE, SALT = "Elterngeld", base64url(fixed("salt of a purpose", 32))


def opened(content: str) -> Json:
    """Return the opening of a document."""
    salt = base64url(fixed(f"salt of a document {content}", 32))
    return {"salt": salt, "sha256": base64url(sha256(content.encode()).digest())}


OPENING = {"purpose": PURPOSE, "purpose_salt": SALT, "documents": [opened(one) for one in FILES.values()]}


def committed() -> Json:
    """Return what the granting of the share commits to."""
    documents = [base64url(sha256(raw(one["salt"]) + raw(one["sha256"])).digest()) for one in OPENING["documents"]]
    purpose = base64url(sha256(raw(SALT) + sha256(PURPOSE.encode()).digest()).digest())
    return {"account": base64url(fixed("account", 32)), "purpose": purpose, "documents": documents}


def about(step: str, at: str, **facts: Json) -> Leaf:
    """Return a statement about the share."""
    return Leaf("statements", "sign-web", said(step, at, "", authority=AUTHORITY, share=ID, **facts), moment(at))


def a_share() -> Story:
    """Tell of a share of two documents; one was fetched as often as it could be, and then all was revoked."""
    told = said("as-of", "26 08:00:00", "", authority=AUTHORITY, share=ID)
    story = Story([], Leaf("", "sign-web", told, moment("26 08:00:00")), OPENING, v="sk-share-bundle/1")
    terms = {"means": "card", "level": "high", "until": moment("25 23:00:00"), "fetches": 2}
    story.leaves = [
        key(story, "log", "23 09:00:00"),
        key(story, "sign-web", "23 09:00:00", steps=sorted([*STEPS["sign-web"], *NEW_STEPS])),
        about("share-granted", "23 09:00:01", **terms, commitments=committed()),
        something_else(1, "23 09:30:00"),
        about("share-fetched", "24 08:00:00", document=1),
        about("share-fetched", "24 09:00:00", document=1),
        about("share-fetched", "24 10:00:00", document=2),
        something_else(2, "24 11:00:00"),
        about("share-revoked", "25 08:00:00", by="account"),
        something_else(3, "25 09:00:00"),
    ]
    story.stamps = [{"size": 4, "at": "20261123093001Z"}, {"size": 9, "at": "20261125080001Z"}]
    return story


def never_fetched(story: Story) -> None:
    """Have nothing happen after it was granted."""
    story.leaves = story.leaves[: GRANTED + 1]
    story.stamps = []


def still_running(story: Story) -> None:
    """Have the share never be revoked."""
    story.leaves = story.leaves[:REVOKED]
    story.stamps = []


def forgotten(story: Story) -> None:
    """Have the opening be left out."""
    story.opening = None


GOOD: dict[tuple[str, str], Change] = {
    (SHARED, "a share that nobody has fetched from"): never_fetched,
    (SHARED, "a share that still runs"): still_running,
    (SHARED, "a share without its opening"): forgotten,
    (SHARED, "a share that the operator has ended"): says(REVOKED, by="operator"),
    (SHARED, "a share from which something was fetched in its last moment"): says(GRANTED, until=moment("24 10:00:00")),
}


def bad_words() -> dict[str, Change]:
    """Return what statements about a share must not say."""
    account, purpose, documents = committed().values()
    changes: dict[str, tuple[int, dict[str, Json]]] = {
        "a notice": (GRANTED, {"notice": NOTICE}),
        "no share": (GRANTED, {"share": GONE}),
        "a share of no name": (GRANTED, {"share": ""}),
        "no level": (GRANTED, {"level": GONE}),
        "a name": (GRANTED, {"name": "Erika"}),
        "no end": (GRANTED, {"until": None}),
        "an end that is a day": (GRANTED, {"until": "2026-11-25"}),
        "to be fetched never": (GRANTED, {"fetches": 0}),
        "to be fetched eleven times": (GRANTED, {"fetches": 11}),
        "to be fetched true times": (GRANTED, {"fetches": True}),
        "nothing": (GRANTED, {"commitments": {"account": account, "purpose": purpose, "documents": []}}),
        "51 documents": (
            GRANTED,
            {"commitments": {"account": account, "purpose": purpose, "documents": documents[:1] * 51}},
        ),
        "by no account": (GRANTED, {"commitments": {"purpose": purpose, "documents": documents}}),
        "for no purpose": (GRANTED, {"commitments": {"account": account, "documents": documents}}),
        "a commitment more": (GRANTED, {"commitments": committed() | {"name": OTHER_HASH}}),
        "document 0": (FIRST, {"document": 0}),
        "document true": (FIRST, {"document": True}),
        "a document by its name": (FIRST, {"document": "bescheid.txt"}),
        "no document": (FIRST, {"document": GONE}),
        "fetched for a notice": (FIRST, {"notice": NOTICE}),
        "revoked by the recipient": (REVOKED, {"by": "recipient"}),
        "revoked by nobody": (REVOKED, {"by": GONE}),
        "an unknown step": (REVOKED, {"step": "share-extended"}),
    }

    def before_there_were_shares(story: Story) -> None:
        story.leaves[WEB].says["steps"] = STEPS["sign-web"]

    def by_delivery(story: Story) -> None:
        story.leaves[3] = key(story, "sign-delivery", "23 09:30:00")
        story.leaves[FIRST].use = "sign-delivery"

    return {f"share: {name}": says(at, **facts) for name, (at, facts) in changes.items()} | {
        "share: by a key that was named before there were shares": before_there_were_shares,
        "share: fetched by the key of delivery": by_delivery,
    }


def bad_chains() -> dict[str, Change]:
    """Return statements that are not the chain of one share."""

    def granted_twice(story: Story) -> None:
        story.leaves[FIRST].says = story.leaves[GRANTED].says | {"at": moment("24 08:00:00")}

    def never_granted(story: Story) -> None:
        story.leaves[GRANTED].part = ""

    def a_notice_among_them(story: Story) -> None:
        story.leaves[3].part = "statements"

    def an_account_among_them(story: Story) -> None:
        erased = said("erased", "23 09:30:00", "", authority=AUTHORITY, commitments={"account": OTHER_HASH})
        story.leaves[3] = Leaf("statements", "sign-web", erased, moment("23 09:30:00"))

    def an_end_among_them(story: Story) -> None:
        story.leaves[FIRST].says = story.as_of.says | {"at": moment("24 08:00:00"), "keys": 2, "stamps": None}

    return {
        "share: granted twice": granted_twice,
        "share: a bundle among its statements": an_end_among_them,
        "share: never granted": never_granted,
        "share: a notice among its statements": a_notice_among_them,
        "share: an account among its statements": an_account_among_them,
        "share: a number is passed over": says(SECOND, number=4),
        "share: begins with 0": says(GRANTED, number=0),
        "share: nothing before the second": says(FIRST, previous=""),
        "share: another one before the second": says(FIRST, previous=OTHER_HASH),
        "share: fetched by another authority": says(FIRST, authority="another"),
        "share: fetched from another share": says(FIRST, share=OTHER_ID),
        "share: fetched twice in one moment": says(SECOND, at=moment("24 08:00:00")),
        "share: fetched before it was granted": says(FIRST, at=moment("23 09:00:00")),
    }


def bad_ends() -> dict[str, Change]:
    """Return statements up to when a bundle reaches that do not fit a share."""
    return {
        "share: as-of of another share": as_of(share=OTHER_ID),
        "share: as-of of no share": as_of(share=GONE),
        "share: as-of of a share of no name": as_of(share=""),
        "share: as-of of a notice as well": as_of(notice=NOTICE),
        "share: as-of of another authority": as_of(authority="another"),
        "share: as-of one statement fewer": as_of(number=4),
        "share: as-of another last statement": as_of(previous=OTHER_HASH),
        "share: as-of a key fewer": as_of(keys=1),
        "share: as-of no time stamps": as_of(stamps=None),
        "share: as-of with Vollmachten": as_of(vollmachten=OTHER_HASH),
        "share: as-of before the last statement": as_of(at=moment("25 07:59:59")),
    }


def bad_stamps() -> dict[str, Change]:
    """Return time stamps that contradict the checkpoint of a bundle about a share."""

    def no_proof(story: Story) -> None:
        story.stamps[0]["proof"] = []

    return {"share: a stamp that proves nothing": no_proof}


def of_a_share() -> dict[str, Change]:
    """Return statements up to when a bundle about a notice reaches that name a share as well."""
    return {"as-of: of a share as well": as_of(share=ID), "as-of: of a share of no name": as_of(share="")}


def beyond() -> dict[str, Change]:
    """Return what goes beyond the share."""

    def behind_its_end(story: Story) -> None:
        third, revoked = story.leaves[THIRD], story.leaves[REVOKED]
        third.says["at"] = third.logged_at = moment("25 08:30:00")
        story.leaves[THIRD:] = [story.leaves[7], revoked, third]
        story.stamps = []

    def revoked_twice(story: Story) -> None:
        story.leaves.append(about("share-revoked", "25 10:00:00", by="operator"))

    return {
        "share: fetched when it was over": says(GRANTED, until=moment("24 09:59:59")),
        "share: fetched, and was never good": says(GRANTED, until=moment("23 09:00:00")),
        "share: fetched once more than it could be": says(GRANTED, fetches=1),
        "share: another document, and that too often": says(THIRD, document=1),
        "share: a document that is not in it": says(THIRD, document=3),
        "share: fetched behind its end": behind_its_end,
        "share: revoked twice": revoked_twice,
    }
