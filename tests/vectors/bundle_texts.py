"""What the vectors of bundles say that must not be believed and needs no key: parts changed and mixed."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.vectors.bundle_changes import ACT, DELIVERED, MESSAGE, OTHER_HASH
from tests.vectors.bundle_good import before_the_last
from tests.vectors.bundle_log import vkeys
from tests.vectors.bundle_stories import a_verwaltungsakt
from tests.vectors.evidence import bundled
from tests.vectors.reference import base64url

Json = Any
UNREADABLE = "unreadable"


class Patched(NamedTuple):
    """A bundle that is refused, as a patch of another one."""

    fails: int | str
    of: str
    name: str
    patch: dict[str, Json]


def patched(bundles: dict[str, Json]) -> Iterator[Patched]:
    """Yield all failures that need no key, as patches of bundles that hold."""
    for name, text in vkeys().items():
        yield Patched(1, MESSAGE, name, {"set": {"vkey": text}})
    act, there = bundles[ACT], bundles[DELIVERED]
    for at, rule in enumerate([6, 6, 6, 6, 7]):
        yield Patched(rule, ACT, f"left out: statement {at + 1}", {"drop": [f"statements/{at}"]})
    for at, rule in enumerate([7, 4, 4, 4]):
        yield Patched(rule, ACT, f"left out: key {at + 1}", {"drop": [f"keys/{at}"]})
    for rule, patches in ((5, misplaced(act)), (7, mixed_ends(act, there)), (8, reopened(act))):
        for name, patch in patches.items():
            yield Patched(rule, ACT, name, patch)
    yield Patched(6, ACT, "left out: all statements", {"set": {"statements": []}})
    yield Patched(4, ACT, "left out: all keys", {"set": {"keys": []}})
    impostor = bundles["the same, of somebody else who calls himself so"]
    for rule, part in ((2, "vkey"), (2, "checkpoint"), (3, "keys"), (4, "statements"), (7, "as_of")):
        yield Patched(rule, DELIVERED, f"mixed: {part} of somebody else", {"set": {part: impostor[part]}})
    yield Patched(5, DELIVERED, "mixed: checkpoint of another size", {"set": {"checkpoint": act["checkpoint"]}})
    yield Patched(5, DELIVERED, "mixed: statements of another log", {"set": {"statements": act["statements"][:2]}})
    for name, patch in {**structures(), **spellings(act)}.items():
        yield Patched(UNREADABLE, ACT, name, patch)


def misplaced(act: Json) -> dict[str, Json]:
    """Return entries that do not stand in the log like this."""
    second, third = act["statements"][1:3]
    proof = second["proof"]
    return {
        "place: one further": {"set": {"statements/1/index": 8}},
        "place: one before": {"set": {"statements/1/index": 6}},
        "place: behind all": {"set": {"statements/4/index": 23}},
        "place: the largest number": {"set": {"statements/4/index": 2**53 - 1}},
        "place: that of the one before": {"set": {"statements/1/index": 4}},
        "place: a key one further": {"set": {"keys/1/index": 2}},
        "place: the same entry twice": {"set": {"statements/5": act["statements"][4]}},
        "place: the same key twice": {"set": {"keys/4": act["keys"][3]}},
        "place: swapped": {"set": {"statements/1": third, "statements/2": second}},
        "place: keys swapped": {"set": {"keys/1": act["keys"][2], "keys/2": act["keys"][1]}},
        "place: a statement of another one": {"set": {"statements/1/statement": third["statement"]}},
        "logged: a microsecond later": {"set": {"statements/1/logged_at": "2026-11-23T09:15:02.000001Z"}},
        "logged: a day earlier": {"set": {"keys/0/logged_at": "2026-11-22T08:00:00.000000Z"}},
        "proof: a hash changed": {"set": {"statements/1/proof/2": OTHER_HASH}},
        "proof: the first hash removed": {"drop": ["statements/1/proof/0"]},
        "proof: the last hash removed": {"drop": ["statements/1/proof/4"]},
        "proof: a hash added": {"set": {"statements/1/proof/5": OTHER_HASH}},
        "proof: its own last hash twice": {"set": {"statements/1/proof/5": proof[4]}},
        "proof: two hashes swapped": {"set": {"statements/1/proof/0": proof[1], "statements/1/proof/1": proof[0]}},
        "proof: empty": {"set": {"statements/1/proof": []}},
        "proof: of the one before": {"set": {"statements/1/proof": act["statements"][0]["proof"]}},
        "proof: of a key changed": {"set": {"keys/0/proof/0": OTHER_HASH}},
    }


def mixed_ends(act: Json, there: Json) -> dict[str, Json]:
    """Return bundles whose `as_of` is another one, or which are no longer those that it speaks of."""
    last = act["stamps"][4]
    earlier = a_verwaltungsakt()
    before_the_last(earlier)
    return {
        "as-of: of an earlier day, when there was one statement fewer": {"set": {"as_of": bundled(earlier)["as_of"]}},
        "as-of: that of another bundle": {"set": {"as_of": there["as_of"]}},
        "as-of: a statement of the notice": {"set": {"as_of": act["statements"][4]["statement"]}},
        "as-of: empty": {"set": {"as_of": ""}},
        "as-of: a line feed behind it": {"set": {"as_of": f"{act['as_of']}\n"}},
        "as-of: padded": {"set": {"as_of": f"{act['as_of']}=="}},
        "as-of: bits set behind its last byte": {"set": {"as_of": act["as_of"][:-1] + chr(ord(act["as_of"][-1]) + 1)}},
        "as-of: two parts": {"set": {"as_of": act["as_of"].rpartition(".")[0]}},
        "left out: a time stamp": {"drop": ["stamps/1"]},
        "left out: all time stamps": {"set": {"stamps": []}},
        "stamp: one more": {"set": {"stamps/5": last}},
        "stamp: another token": {"set": {"stamps/0/token": last["token"]}},
        "stamp: an empty token": {"set": {"stamps/0/token": ""}},
        "stamp: another note": {"set": {"stamps/0/checkpoint": last["checkpoint"]}},
        "stamp: two swapped": {"set": {"stamps/0": act["stamps"][1], "stamps/1": act["stamps"][0]}},
    }


def reopened(act: Json) -> dict[str, Json]:
    """Return openings of something else."""
    opening = act["opening"]
    first, second = opening["attachments"]
    return {
        "opening: another salt": {"set": {"opening/text/salt": OTHER_HASH}},
        "opening: another content": {"set": {"opening/text/sha256": OTHER_HASH}},
        "opening: salt and digest swapped": {
            "set": {"opening/text/salt": opening["text"]["sha256"], "opening/text/sha256": opening["text"]["salt"]}
        },
        "opening: subject and text swapped": {
            "set": {"opening/subject": opening["text"], "opening/text": opening["subject"]}
        },
        "opening: attachments swapped": {"set": {"opening/attachments/0": second, "opening/attachments/1": first}},
        "opening: another attachment": {"set": {"opening/attachments/1/sha256": OTHER_HASH}},
        "opening: an attachment fewer": {"drop": ["opening/attachments/1"]},
        "opening: an attachment more": {"set": {"opening/attachments/2": first}},
        "opening: no attachments": {"set": {"opening/attachments": []}},
    }


def structures() -> dict[str, Json]:
    """Return JSON that is no bundle."""
    places = {
        "bundle": ["v", "vkey", "checkpoint", "keys", "statements", "opening", "stamps", "as_of"],
        "statements/0": ["index", "logged_at", "proof", "statement"],
        "keys/0": ["index", "statement"],
        "opening": ["to", "reference", "subject", "text", "attachments"],
        "opening/to": ["salt", "sha256"],
        "stamps/0": ["checkpoint", "proof", "token"],
    }
    paths = {"bundle": "", **{name: f"{name}/" for name in places if name != "bundle"}}
    missing = {
        f"missing: {name} of {place}": {"drop": [f"{paths[place]}{name}"]}
        for place, names in places.items()
        for name in names
    }
    more = {f"one member more: in {place}": {"set": {f"{path}comment": "hello"}} for place, path in paths.items()}
    wrong: dict[str, dict[str, Json]] = {
        "another version": {"v": "sk-bundle/2"},
        "no version": {"v": None},
        "vkey null": {"vkey": None},
        "checkpoint null": {"checkpoint": None},
        "as-of null": {"as_of": None},
        "keys null": {"keys": None},
        "statements in an object": {"statements": {}},
        "stamps null": {"stamps": None},
        "opening false": {"opening": False},
        "opening empty": {"opening": {}},
        "opening a list": {"opening": []},
        "a proof null": {"statements/0/proof": None},
        "a proof in text": {"statements/0/proof": OTHER_HASH},
        "a statement as JSON": {"statements/0/statement": {"step": "accepted"}},
        "an entry in text": {"statements/0": "accepted"},
        "an index in text": {"statements/0/index": "4"},
        "an index that is true": {"keys/1/index": True},
        "an index that is null": {"statements/0/index": None},
        "an index that is negative": {"statements/0/index": -4},
        "a hash padded": {"statements/0/proof/0": f"{OTHER_HASH}="},
        "a hash in plain base64": {"statements/0/proof/0": "+" * 42 + "8"},
        "a hash in plain base64, with slashes": {"statements/0/proof/0": "/" * 42 + "8"},
        "a hash with bits behind its last byte": {"statements/0/proof/0": f"{base64url(bytes(32))[:-1]}B"},
        "a hash of 31 bytes": {"statements/0/proof/0": base64url(bytes(31))},
        "a hash in hex": {"statements/0/proof/0": bytes(32).hex()},
        "a hash with a line feed": {"statements/0/proof/0": f"{OTHER_HASH}\n"},
        "a hash that is empty": {"statements/0/proof/0": ""},
        "a salt padded": {"opening/to/salt": f"{OTHER_HASH}="},
        "a salt of 33 bytes": {"opening/to/salt": base64url(bytes(33))},
        "a digest in plain base64": {"opening/to/sha256": "+" * 42 + "8"},
        "a moment without a fraction": {"statements/0/logged_at": "2026-11-23T09:15:00Z"},
        "a moment with an offset of zero": {"statements/0/logged_at": "2026-11-23T09:15:00.000000+00:00"},
        "a moment with another offset": {"statements/0/logged_at": "2026-11-23T10:15:00.000000+01:00"},
        "a moment in nanoseconds": {"statements/0/logged_at": "2026-11-23T09:15:00.000000000Z"},
        "a moment that is a number": {"statements/0/logged_at": 1795425300},
        "a moment before 1970": {"keys/0/logged_at": "1969-12-31T23:59:59.999999Z"},
        "a moment in the year 9999": {"keys/0/logged_at": "9999-01-01T00:00:00.000000Z"},
        "a moment in lower case": {"statements/0/logged_at": "2026-11-23t09:15:00.000000z"},
    }
    return missing | more | {name: {"set": places} for name, places in wrong.items()}


def spellings(act: Json) -> dict[str, Json]:
    """Return other spellings of the same bundle."""
    index, vkey = '"index":4,', act["vkey"]
    entry = '"logged_at":"2026-11-23T09:15:00.000000Z"'
    texts = {
        "a space before it": ('{"v":', ' {"v":'),
        "a space behind a colon": (index, '"index": 4,'),
        "a space behind a comma": (index, '"index":4, '),
        "a line feed inside": (',"vkey"', ',\n"vkey"'),
        "a line feed behind it": ('"as_of":"' + act["as_of"] + '"}', '"as_of":"' + act["as_of"] + '"}\n'),
        "something behind it": ('"as_of":"' + act["as_of"] + '"}', '"as_of":"' + act["as_of"] + '"}{}'),
        "an empty byte behind it": ('"as_of":"' + act["as_of"] + '"}', '"as_of":"' + act["as_of"] + '"}\0'),
        "a byte order mark": ('{"v"', '\ufeff{"v"'),
        "another order of members": (
            '{"v":"sk-bundle/1","vkey":"' + vkey + '"',
            '{"vkey":"' + vkey + '","v":"sk-bundle/1"',
        ),
        "another order in an entry": (f"{index}{entry}", f"{entry},{index.rstrip(',')}"),
        "a letter escaped": ('"vkey":"k', '"vkey":"\\u006b'),
        "a name escaped": ('"vkey":', '"\\u0076key":'),
        "a line feed escaped in hex": ("\\n", "\\u000a"),
        "a slash escaped": ("sk-bundle/1", "sk-bundle\\/1"),
        "a dash escaped": ("—", "\\u2014"),
        "half a surrogate pair": ('"vkey":"k', '"vkey":"\\ud83d'),
        "a name twice in the bundle": ('"vkey":"', '"vkey":"' + vkey + '","vkey":"'),
        "a name twice in an entry": (index, index + index),
        "a name twice in the opening": ('"opening":{', '"opening":{"attachments":[],'),
        "a name twice in an opening": ('"to":{', f'"to":{{"salt":"{OTHER_HASH}",'),
        "a number with a point": (index, '"index":4.0,'),
        "a fraction": (index, '"index":4.5,'),
        "an exponent": (index, '"index":4e0,'),
        "a leading zero": (index, '"index":04,'),
        "a minus zero": ('"index":0,', '"index":-0,'),
        "a number of 54 bits": (index, '"index":9007199254740992,'),
        "a number of a thousand digits": (index, f'"index":{"9" * 1000},'),
        "NaN": (index, '"index":NaN,'),
        "Infinity": (index, '"index":Infinity,'),
        "a comment": (index, f"{index}/**/"),
        "a comma behind the last": ('"}],"opening"', '"},],"opening"'),
        "single quotes": ('"v"', "'v'"),
        "in a list": ('{"v"', '[{"v"'),
        "cut": ('"as_of":"' + act["as_of"] + '"}', ""),
        "cut by one byte": ('"as_of":"' + act["as_of"] + '"}', '"as_of":"' + act["as_of"] + '"'),
        "a line feed as it is": ("\\n", "\n"),
    }
    raw = {
        "a byte that is no UTF-8": ("konto", "6b6f6e74ff"),
        "a surrogate in UTF-8": ("konto", "6b6f6e74eda0bd"),
        "an overlong letter": ("konto", "6b6f6e74c1af"),
    }
    found = {f"spelling: {name}": {"replace": [list(change)]} for name, change in texts.items()}
    return found | {f"spelling: {name}": {"replace_with": [list(change)]} for name, change in raw.items()}
