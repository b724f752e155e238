"""The stories that the vectors of bundles tell: what was stated about a notice, and what else stands in the log."""

from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

from tests.vectors.evidence import Leaf, Story, digest
from tests.vectors.reference import base64url, fixed

Json = Any
AUTHORITY, NOTICE = "csvmuvc7oztllpvfv3zyhplueq", "5ax2az66xkfg5mmj5gxspqy2ky"
OTHER_NOTICE = "b6ocspv43ttu2wrqkp2a7dyvhe"
TEXT = "Guten Tag, anbei Ihr Bescheid."
FILES = {
    "bescheid.txt": "Ihr Antrag vom 2. November 2026 wird abgelehnt.",
    "merkblatt.txt": "So legen Sie Widerspruch ein.",
}
STEPS = {
    "log": ["key", "key-revoked", "log-continued"],
    "sign-web": [
        "abgerufen", "accepted", "account-added", "as-of", "einwilligung-given", "einwilligung-withdrawn", "erased",
        "postbox-closed", "withdrawn",
    ],
    "sign-delivery": ["bekanntgegeben", "bereitgestellt", "lapsed", "rejected"],
    "sign-notification": ["benachrichtigt", "benachrichtigung-failed", "bounce-reported"],
}  # fmt: skip
DAYS = {
    "law": "ozg-9",
    "version": "2025-01-01",
    "bekanntgabe_on": "2026-11-27",
    "frist_ends_on": "2026-12-28",
    "days": base64url(fixed("days", 32)),
}
MAIL: dict[str, Json] = {
    "server": "mail.example.org",
    "relay": False,
    "code": 250,
    "enhanced": "2.0.0",
    "queue_id": "4bT9",
    "message_id": f"{NOTICE}@konto.example",
    "lapses_on": None,
}
NO_DAYS: dict[str, Json] = dict.fromkeys(DAYS)


def said(step: str, at: str, notice: str = NOTICE, **facts: Json) -> dict[str, Json]:
    """Return what a statement says; its place in the chain is filled in when the log is made."""
    about = {"authority": AUTHORITY if notice else "", "notice": notice}
    nonce = base64url(fixed(f"nonce {step} {at} {notice}", 16))
    return {"v": "sk/1", "step": step, "at": moment(at), **about, "nonce": nonce} | facts


def moment(at: str) -> str:
    """Return a moment of November 2026 as statements spell it: `23 09:15:00`."""
    day, time = at.split(" ")
    return f"2026-11-{day}T{time}.000000Z"


def key(story: Story, use: str, at: str, **facts: Json) -> Leaf:
    """Return the statement that introduces a key."""
    public = base64url(story.key(use)[1])
    steps = STEPS[use.partition(":")[0]]
    nonce = base64url(fixed(f"nonce {story.kid(use)} {at}", 16))
    about = {"number": 0, "previous": "", "nonce": nonce, "kid": story.kid(use), "x": public, "steps": steps}
    return Leaf("keys", "log", said("key", at, "", **(about | facts)), moment(at))


def revoked(story: Story, use: str, at: str, **facts: Json) -> Leaf:
    """Return the statement that a key is void."""
    about = {"number": 0, "previous": "", "kid": story.kid(use)}
    return Leaf("keys", "log", said("key-revoked", at, "", **(about | facts)), moment(at))


def something_else(number: int, at: str) -> Leaf:
    """Return what was stated about somebody else."""
    says = said("withdrawn", at, OTHER_NOTICE, number=number, previous=digest(str(number)))
    return Leaf("", "sign-web", says, moment(at))


def opening(*files: str) -> Json:
    """Return the openings of a notice with these attachments."""

    def opened(name: str, content: str) -> Json:
        return {
            "salt": base64url(fixed(f"salt {name}", 32)),
            "sha256": base64url(sha256(content.encode()).digest()),
        }

    contents = {"to": "erika", "reference": "A-1", "subject": "Ihr Bescheid", "text": TEXT}
    return {name: opened(name, content) for name, content in contents.items()} | {
        "attachments": [opened(name, FILES[name]) for name in files]
    }


def commitments(opened: Json) -> Json:
    """Return what the openings open."""

    def commitment(one: Json) -> str:
        return base64url(sha256(raw(one["salt"]) + raw(one["sha256"])).digest())

    named = {name: commitment(one) for name, one in opened.items() if name != "attachments"}
    return named | {"attachments": [commitment(one) for one in opened["attachments"]]}


def raw(text: str) -> bytes:
    """Return the 32 bytes that base64url without padding spells."""
    return urlsafe_b64decode(f"{text}=")


def accepted(at: str, opened: Json, **facts: Json) -> dict[str, Json]:
    """Return what is said when a notice is taken."""
    return said("accepted", at) | {
        "kind": "message",
        "law": None,
        "rechtsbehelf": None,
        "belehrung": None,
        "recipient": None,
        "seat": "NW",
        "minimum_trust": "low",
        "envelope": base64url(fixed("envelope", 32)),
        "objects": base64url(fixed("objects", 32)),
        "account": base64url(fixed("account", 32)),
        "commitments": commitments(opened),
        **facts,
    }


def a_message(origin: str = "konto.example", whose: str = "konto") -> Story:
    """Tell of a message that was taken, and of nothing else."""
    story = Story([], as_of("23 10:00:00"), opening(), origin=origin, whose=whose)
    story.leaves = [
        key(story, "log", "23 09:00:00"),
        key(story, "sign-web", "23 09:00:00"),
        Leaf("statements", "sign-web", accepted("23 09:00:01", opening()), moment("23 09:00:02")),
        something_else(1, "23 09:30:00"),
    ]
    return story


def a_delivered_message(origin: str = "konto.example", whose: str = "konto") -> Story:
    """Tell of a message that can be fetched."""
    story = a_message(origin, whose)
    there = NO_DAYS | {"commitments": commitments(opening())}
    story.leaves[3:] = [
        key(story, "sign-delivery", "23 09:00:03"),
        Leaf("statements", "sign-delivery", said("bereitgestellt", "23 09:00:03", **there), moment("23 09:00:04")),
    ]
    return story


def a_verwaltungsakt() -> Story:
    """Tell of a Verwaltungsakt with two attachments that was fetched; the log holds other things between."""
    opened = opening(*FILES)
    committed = {"commitments": commitments(opened)}
    law: dict[str, Json] = {"kind": "verwaltungsakt", "law": "ozg-9", "rechtsbehelf": "klage-vwgo", "belehrung": True}
    taken = accepted("23 09:15:00", opened, **law, recipient={"land": "NW", "abroad": False}, minimum_trust="high")
    there = said("bereitgestellt", "23 09:15:01", **DAYS, **committed)
    told = said("benachrichtigt", "23 09:15:04", **DAYS, answered_at=moment("23 09:15:03"), **MAIL)
    fetched = said("abgerufen", "24 17:30:00", **DAYS, by="account", means="password", level="high", **committed)
    announced = said("bekanntgegeben", "26 23:00:05", **DAYS)
    story = Story([], as_of("30 08:00:00"), opened)
    story.leaves = [
        key(story, "log", "23 08:00:00"),
        key(story, "sign-web", "23 08:00:00"),
        something_else(1, "23 08:00:00"),
        something_else(2, "23 08:30:00"),
        Leaf("statements", "sign-web", taken, moment("23 09:15:00")),
        key(story, "sign-delivery", "23 09:15:01"),
        something_else(3, "23 09:15:01"),
        Leaf("statements", "sign-delivery", there, moment("23 09:15:02")),
        something_else(4, "23 09:15:02"),
        key(story, "sign-notification", "23 09:15:04"),
        Leaf("statements", "sign-notification", told, moment("23 09:15:04")),
        *(something_else(number, f"24 1{number - 5}:00:00") for number in (5, 6, 7)),
        Leaf("statements", "sign-web", fetched, moment("24 17:30:01")),
        *(something_else(number, f"25 1{number - 8}:00:00") for number in (8, 9, 10, 11)),
        Leaf("statements", "sign-delivery", announced, moment("26 23:00:06")),
        *(something_else(number, f"28 1{number - 12}:00:00") for number in (12, 13, 14)),
    ]
    story.stamps = [
        {"size": 4, "at": "20261123090000Z"},
        {"size": 6, "at": "20261123091501Z"},
        {"size": 8, "at": "20261123091503Z"},
        {"size": 15, "at": "20261124174000Z"},
        {"size": 23, "at": "20261128123000Z"},
    ]
    return story


def as_of(at: str) -> Leaf:
    """Return the statement until when a bundle reaches."""
    return Leaf("", "sign-web", said("as-of", at), moment(at))
