"""Vectors of bundles: what no statement says, statements that are no chain, and ends that do not fit it."""

from typing import Any

from tests.vectors.bundle_changes import OTHER_HASH, TAKEN, THERE, WEB, Change, as_of, commitments_of, says, written
from tests.vectors.bundle_stories import NOTICE, OTHER_NOTICE, accepted, moment, opening, revoked, said
from tests.vectors.evidence import GONE, Leaf, Story, bundled
from tests.vectors.reference import base64url

Json = Any


def bad_payloads() -> dict[str, Change]:
    """Return what the first statement must not say."""
    without_files = {name: one for name, one in commitments_of().items() if name != "attachments"}
    changes: dict[str, dict[str, Json]] = {
        "a field more": {"comment": "hello"},
        "no law": {"law": GONE},
        "no nonce": {"nonce": GONE},
        "another version": {"v": "sk/2"},
        "an unknown step": {"step": "gelesen"},
        "a step that is a list": {"step": ["accepted"]},
        "a step that is null": {"step": None},
        "a number in text": {"number": "1"},
        "a number that is true": {"number": True},
        "a number that is negative": {"number": -1},
        "an authority that is a number": {"authority": 7},
        "a nonce of 15 bytes": {"nonce": base64url(bytes(15))},
        "a nonce padded": {"nonce": f"{base64url(bytes(16))}=="},
        "a moment in milliseconds": {"at": "2026-11-23T09:00:01.000Z"},
        "a moment without a fraction": {"at": "2026-11-23T09:00:01Z"},
        "a moment with an offset of zero": {"at": "2026-11-23T09:00:01.000000+00:00"},
        "a moment with another offset": {"at": "2026-11-23T08:00:01.000000-01:00"},
        "a moment without a zone": {"at": "2026-11-23T09:00:01.000000"},
        "a moment with a space": {"at": "2026-11-23 09:00:01.000000Z"},
        "a moment that there is not": {"at": "2026-11-31T09:00:01.000000Z"},
        "a moment before 1970": {"at": "1969-12-31T23:59:59.999999Z"},
        "a moment in the year 9999": {"at": "9999-01-01T00:00:00.000000Z"},
        "a moment that is a number": {"at": 1795424401},
        "an unknown kind": {"kind": "parcel"},
        "a recipient with a field more": {"recipient": {"land": "NW", "abroad": False, "zip": "48143"}},
        "a recipient in text": {"recipient": "NW"},
        "belehrung a number": {"belehrung": 1},
        "an envelope of 31 bytes": {"envelope": base64url(bytes(31))},
        "an envelope in plain base64": {"envelope": "+" * 42 + "8"},
        "an envelope padded": {"envelope": f"{OTHER_HASH}="},
        "an envelope with bits behind it": {"envelope": f"{base64url(bytes(32))[:-1]}B"},
        "no commitment to attachments": {"commitments": without_files},
        "a commitment more": {"commitments": commitments_of() | {"case": OTHER_HASH}},
        "commitments that are null": {"commitments": None},
    }
    texts = {
        "one name twice": ('"number":1', '"number":1,"number":1'),
        "one name twice, spelled differently": ('"number":1', '"number":1,"\\u006eumber":1'),
        "a whole number with a point": ('"number":1', '"number":1.0'),
        "a number of 54 bits": ('"number":1', '"number":9007199254740992'),
        "NaN": ('"number":1', '"number":NaN'),
        "half a surrogate pair": ('"seat":"NW"', '"seat":"\\ud83d"'),
        "a list": ("{", "[{"),
        "nothing behind a comma": ("}", ",}"),
        "a byte order mark": ("{", "\ufeff{"),
    }
    return {f"says: {name}": says(TAKEN, **facts) for name, facts in changes.items()} | {
        f"says: {name}": written(TAKEN, *change) for name, change in texts.items()
    }


def bad_chains() -> dict[str, Change]:
    """Return statements that are not the chain of one notice."""

    def swapped(story: Story) -> None:
        first, second = story.leaves[TAKEN], story.leaves[THERE]
        jws = bundled(story)["statements"]
        story.leaves = [*story.leaves[:2], story.leaves[3], second, first]
        first.jws, second.jws = (one["statement"] for one in jws)
        first.logged_at = second.logged_at = moment("23 09:00:04")

    def taken_twice(story: Story) -> None:
        taken = accepted("23 09:00:03", opening())
        story.leaves.append(Leaf("statements", "sign-web", taken, moment("23 09:00:05")))

    def not_taken(story: Story) -> None:
        del story.leaves[TAKEN]

    def about_account(story: Story) -> None:
        facts = said("account-added", "23 09:00:05", by="operator", commitments={})
        story.leaves.append(Leaf("statements", "sign-web", facts, moment("23 09:00:05")))

    def about_bundle(story: Story) -> None:
        facts = said("as-of", "23 09:00:05", keys=3, stamps=None)
        story.leaves.append(Leaf("statements", "sign-web", facts, moment("23 09:00:05")))

    def about_log(story: Story) -> None:
        story.leaves[1].says["steps"] = [*story.leaves[1].says["steps"], "key-revoked"]
        facts = said("key-revoked", "23 09:00:05", kid="sign-delivery")
        story.leaves.append(Leaf("statements", "sign-web", facts, moment("23 09:00:05")))

    two_files = commitments_of() | {"attachments": [OTHER_HASH]}
    return {
        "chain: swapped in the log": swapped,
        "chain: accepted twice": taken_twice,
        "chain: never accepted": not_taken,
        "chain: about an account": about_account,
        "chain: about a bundle": about_bundle,
        "chain: about a key": about_log,
        "chain: a number is passed over": says(THERE, number=3),
        "chain: a number comes twice": says(THERE, number=1),
        "chain: begins with 0": says(TAKEN, number=0),
        "chain: begins with 2": says(TAKEN, number=2),
        "chain: something before the first": says(TAKEN, previous=OTHER_HASH),
        "chain: nothing before the second": says(THERE, previous=""),
        "chain: another one before the second": says(THERE, previous=OTHER_HASH),
        "chain: of another authority": says(THERE, authority=NOTICE),
        "chain: of another notice": says(THERE, notice=OTHER_NOTICE),
        "chain: of no notice": says(THERE, notice=""),
        "chain: at the moment of the one before": says(THERE, at=moment("23 09:00:01")),
        "chain: before the one before": says(THERE, at=moment("23 09:00:00")),
        "chain: committed to another subject": says(THERE, commitments=commitments_of() | {"subject": OTHER_HASH}),
        "chain: committed to an attachment": says(THERE, commitments=two_files),
    }


def bad_ends() -> dict[str, Change]:
    """Return statements up to when a bundle reaches that do not fit it."""

    def by(use: str, **members: Json) -> Change:
        def change(story: Story) -> None:
            story.as_of.use = use
            story.as_of.head |= members

        return change

    def web_revoked(story: Story) -> None:
        story.leaves.append(revoked(story, "sign-web", "23 09:30:00"))

    def no_right(story: Story) -> None:
        story.leaves[WEB].says["steps"] = ["accepted"]

    def not_as_of(story: Story) -> None:
        story.as_of.says |= {"step": "withdrawn"}

    return {
        "as-of: by the key of delivery": by("sign-delivery"),
        "as-of: by the key of the log": by("log"),
        "as-of: by a key that no statement names": by("sign-web:2"),
        "as-of: in the name of web": lambda story: by("sign-web:2", kid=story.kid("sign-web"))(story),
        "as-of: by a key that was revoked": web_revoked,
        "as-of: by a key that may not state it": no_right,
        "as-of: another step": not_as_of,
        "as-of: an unknown step": as_of(step="bis-jetzt"),
        "as-of: another typ": lambda story: story.as_of.head.update(typ="sk-account-key+jws"),
        "as-of: a header of one member more": lambda story: story.as_of.head.update(jwk={}),
        "as-of: alg none": lambda story: story.as_of.head.update(alg="none"),
        "as-of: no kid": lambda story: story.as_of.head.update(kid=GONE),
        "as-of: a field more": as_of(size=5),
        "as-of: a field less": as_of(stamps=GONE),
        "as-of: of another authority": as_of(authority=NOTICE),
        "as-of: of another notice": as_of(notice=OTHER_NOTICE),
        "as-of: one statement fewer": as_of(number=1),
        "as-of: one statement more": as_of(number=3),
        "as-of: number true": as_of(number=True),
        "as-of: another last statement": as_of(previous=OTHER_HASH),
        "as-of: no last statement": as_of(previous=""),
        "as-of: a key fewer": as_of(keys=2),
        "as-of: a key more": as_of(keys=4),
        "as-of: time stamps where there are none": as_of(stamps=OTHER_HASH),
        "as-of: time stamps of an empty list": as_of(stamps="T1PNod_WkyIbOTwgVn9YPVfGbkPbmWAqTtbJJ1Zu_Y8"),
        "as-of: before the last statement": as_of(at=moment("23 09:00:02")),
        "as-of: in another offset": as_of(at="2026-11-23T11:00:00.000000+01:00"),
        "as-of: keys in text": as_of(keys="3"),
    }
