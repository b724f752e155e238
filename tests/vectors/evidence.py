"""The log and its bundles once more, as plainly as docs/formats says it: to make test vectors with.

It shares no line with `sk`. A `Story` says what was stated and in which order it was logged; `bundled` makes the log,
signs everything, and puts the bundle together. What a story says otherwise than it should is made just as it says.
"""

import base64
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512
from typing import Any

from tests.vectors.reference import base64url, ed25519, fixed, jws, kid

Json = Any
TYP = "sk-statement+jws"
COMMON = ("v", "step", "at", "authority", "notice", "number", "previous", "nonce")
GONE = ...
"""In place of a value: the member is left out."""


@dataclass
class Leaf:
    """A statement in the log: which list of the bundle it belongs to, for which use it is signed, and what it says.

    What is about the first Vollmacht of a bundle belongs to `vollmachten/0`.

    `head` changes its header, `signed_by` names another key than that of the use, `jws` stands in place of it all.
    """

    part: str
    use: str
    says: dict[str, Json]
    logged_at: str
    head: dict[str, Json] = field(default_factory=dict)
    signed_by: str = ""
    jws: str = ""


@dataclass
class Story:
    """What happened, and what its bundle is made from."""

    leaves: list[Leaf]
    as_of: Leaf
    opening: Json = None
    replies: list[Json] = field(default_factory=list)
    vollmachten: list[Json] = field(default_factory=list)
    stamps: list[dict[str, Json]] = field(default_factory=list)
    origin: str = "konto.example"
    whose: str = "konto"
    note: str = ""
    v: str = "sk-bundle/1"

    def key(self, use: str) -> Any:  # noqa: ANN401 - a key and its public half
        """Return the key for a use in this installation, and its public half."""
        return ed25519(fixed(f"bundle {self.whose} {use}", 32))

    def kid(self, use: str) -> str:
        """Return the name of that key; what stands behind a colon tells apart the keys of one use."""
        return kid(use.partition(":")[0], self.key(use)[1])

    def sign(self, leaf: Leaf) -> str:
        """Return a statement as it was signed."""
        if leaf.jws:
            return leaf.jws
        head = present({"alg": "EdDSA", "kid": self.kid(leaf.use), "typ": TYP} | leaf.head)
        body = leaf.says.get("raw") or spelled(present(leaf.says))
        return jws(leaf.head.get("raw") or spelled(head), body, self.key(leaf.signed_by or leaf.use)[0].sign)

    def vkey(self) -> str:
        """Return the verifier key of this installation's log."""
        return vkey(self.origin, self.key("log")[1])


def spelled(value: Json) -> str:
    """Return JSON in the spelling of bundles."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def present(values: dict[str, Json]) -> dict[str, Json]:
    """Return values without those that are to be left out."""
    return {name: value for name, value in values.items() if value is not GONE}


def bundled(story: Story) -> Json:
    """Return the bundle of a story."""
    story = deepcopy(story)
    hashed, number, previous = [], 0, ""
    for leaf in story.leaves:
        if leaf.part == "statements":
            number += 1
            leaf.says = numbered(leaf.says, number, previous)
        leaf.jws = story.sign(leaf)
        if leaf.part == "statements":
            previous = digest(leaf.jws)
        hashed.append(leaf_hash(leaf))
    stamps = [stamp(story, hashed, wanted) for wanted in story.stamps]

    def entries(part: str) -> list[Json]:
        return [
            {"index": at, "logged_at": leaf.logged_at, "proof": inclusion(at, hashed), "statement": leaf.jws}
            for at, leaf in enumerate(story.leaves)
            if leaf.part == part
        ]

    keys, statements = entries("keys"), entries("statements")
    vollmachten = [
        {"statements": entries(f"vollmachten/{number}"), "opening": one} for number, one in enumerate(story.vollmachten)
    ]
    as_of = story.as_of
    told = {"keys": len(keys), "stamps": digest(spelled(stamps)) if stamps else None}
    if vollmachten:
        told["vollmachten"] = digest(spelled([[one["statement"] for one in of["statements"]] for of in vollmachten]))
    as_of.says = numbered(as_of.says, number, previous) | {n: as_of.says.get(n, told[n]) for n in told}
    return {
        "v": story.v,
        "vkey": story.vkey(),
        "checkpoint": story.note or checkpoint(story, hashed),
        "keys": keys,
        "statements": statements,
        "opening": story.opening,
        **({"replies": story.replies} if story.replies else {}),
        **({"vollmachten": vollmachten} if vollmachten else {}),
        "stamps": stamps,
        "as_of": story.sign(as_of),
    }


def numbered(says: dict[str, Json], number: int, previous: str) -> dict[str, Json]:
    """Return what a statement says with its place in the chain, unless it names another one."""
    if "raw" in says:
        return says
    placed = {"number": number, "previous": previous} | says
    return {name: placed[name] for name in COMMON if name in placed} | placed


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return base64url(sha256(text.encode()).digest())


def leaf_hash(leaf: Leaf) -> bytes:
    """Return the hash of a leaf (RFC 9162, 2.1.1): when it was logged, and the hash of what was signed."""
    at = datetime.fromisoformat(leaf.logged_at) - datetime(1970, 1, 1, tzinfo=UTC)
    return sha256(b"\x00" + (at // timedelta(microseconds=1)).to_bytes(8) + sha256(leaf.jws.encode()).digest()).digest()


def root(hashes: list[bytes]) -> bytes:
    """Return the root over leaves (RFC 9162, 2.1.1)."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256().digest()
    left = split(len(hashes))
    return sha256(b"\x01" + root(hashes[:left]) + root(hashes[left:])).digest()


def split(size: int) -> int:
    """Return the largest power of two below a size."""
    left = 1
    while left * 2 < size:
        left *= 2
    return left


def inclusion(at: int, hashes: list[bytes]) -> list[str]:
    """Return the proof that a leaf is in the tree (RFC 9162, 2.1.3.1)."""
    if len(hashes) < 2:
        return []
    left = split(len(hashes))
    if at < left:
        return [*inclusion(at, hashes[:left]), base64url(root(hashes[left:]))]
    return [*inclusion(at - left, hashes[left:]), base64url(root(hashes[:left]))]


def consistency(old: int, hashes: list[bytes], *, whole: bool = True) -> list[str]:
    """Return the proof that the tree continues one of an old size (RFC 9162, 2.1.4.1)."""
    if old == len(hashes):
        return [] if whole else [base64url(root(hashes))]
    left = split(len(hashes))
    if old <= left:
        return [*consistency(old, hashes[:left], whole=whole), base64url(root(hashes[left:]))]
    return [*consistency(old - left, hashes[left:], whole=False), base64url(root(hashes[:left]))]


def checkpoint(story: Story, hashes: list[bytes]) -> str:
    """Return the signed note of a log that consists of these leaves."""
    return note(f"{story.origin}\n{len(hashes)}\n{base64.b64encode(root(hashes)).decode()}\n", story)


def note(text: str, story: Story, use: str = "log", name: str = "", key_id: bytes = b"") -> str:
    """Return a text as a signed note (C2SP signed-note)."""
    key, public = story.key(use)
    name = name or story.origin
    line = base64.b64encode((key_id or note_key_id(name, public)) + key.sign(text.encode())).decode()
    return f"{text}\n— {name} {line}\n"


def vkey(name: str, public: bytes, kind: bytes = b"\x01") -> str:
    """Return a verifier key (C2SP signed-note)."""
    return f"{name}+{note_key_id(name, public, kind).hex()}+{base64.b64encode(kind + public).decode()}"


def note_key_id(name: str, public: bytes, kind: bytes = b"\x01") -> bytes:
    """Return the key id of a verifier key."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def stamp(story: Story, hashes: list[bytes], wanted: dict[str, Json]) -> Json:
    """Return a time stamp over the checkpoint that the log had at a size."""
    size = wanted["size"]
    stamped = wanted.get("note") or checkpoint(story, hashes[:size])
    return {
        "checkpoint": stamped,
        "proof": wanted.get("proof", consistency(size, hashes) if size else []),
        "token": base64url(token(str(wanted.get("over", stamped)), wanted["at"])),
    }


def token(text: str, at: str) -> bytes:
    """Return a time-stamp response (RFC 3161) that nobody has signed: whose it is does not make a bundle valid."""
    sha512_ = der(0x30, oid("2.16.840.1.101.3.4.2.3") + der(5))
    imprint = der(0x30, sha512_ + der(4, sha512(text.encode()).digest()))
    info = der(0x30, der(2, b"\x01") + oid("1.2.3.4.1") + imprint + der(2, b"\x07") + der(0x18, at.encode()))
    signer = der(0x30, der(0x30) + der(2, b"\x01"))
    signed = der(0x30, der(2, b"\x01") + signer + sha512_ + der(0x30, oid("1.3.101.112")) + der(4, bytes(64)))
    content = der(0x30, oid("1.2.840.113549.1.9.16.1.4") + der(0xA0, der(4, info)))
    data = der(0x30, der(2, b"\x03") + der(0x31, sha512_) + content + der(0x31, signed))
    return der(0x30, der(0x30, der(2, b"\x00")) + der(0x30, oid("1.2.840.113549.1.7.2") + der(0xA0, data)))


def der(tag: int, content: bytes = b"") -> bytes:
    """Return one value in DER."""
    size = len(content)
    length = (
        bytes([size])
        if size < 128
        else bytes([0x80 + (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8)
    )
    return bytes([tag]) + length + content


def oid(dotted: str) -> bytes:
    """Return an object identifier in DER."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytes([first * 40 + second])
    for number in rest:
        groups = [number & 127]
        while number := number >> 7:
            groups.insert(0, 128 | (number & 127))
        content += bytes(groups)
    return der(6, content)
