"""Vectors of bundles: keys that the log must not name, what no key has signed, and keys that might not state it."""

import base64
from collections.abc import Callable
from typing import Any

from tests.vectors.bundle_changes import (
    OTHER_HASH,
    THERE,
    WEB,
    Change,
    head,
    insert,
    respelled,
    says,
    written,
)
from tests.vectors.bundle_stories import key, moment, revoked, said
from tests.vectors.evidence import (
    GONE,
    TYP,
    Leaf,
    Story,
)
from tests.vectors.reference import ED25519_ORDER, base64url, fixed, kid
from tests.vectors.signed_cases import SMALL_ORDER

Json = Any


def bad_keys() -> dict[str, Change]:
    """Return `key` statements that no log makes."""

    def other_x(story: Story) -> Leaf:
        return key(story, "sign-web", "23 09:00:00", x=base64url(story.key("sign-web:2")[1]))

    def signed_by(use: str, **members: Json) -> Change:
        def change(story: Story) -> None:
            leaf = story.leaves[WEB]
            leaf.use = leaf.signed_by = use
            leaf.head |= members

        return change

    def small_order(point: str) -> Change:
        """Name a key of small order, which nothing here was signed with."""

        def make(story: Story) -> Leaf:
            public = bytes.fromhex(SMALL_ORDER[point])
            return key(story, "sign-delivery", "23 09:00:00", kid=kid("sign-delivery", public), x=base64url(public))

        return insert(2, make)

    return {
        "key: signed by itself": signed_by("sign-web"),
        "key: signed by itself in the log's name": lambda story: signed_by("sign-web", kid=story.kid("log"))(story),
        "key: signed by the log in its name": lambda story: signed_by("log", kid=story.kid("sign-web"))(story),
        "key: signed by a stranger's log": lambda story: signed_by("log:stranger", kid=story.kid("log"))(story),
        **{f"key: of small order, {point}": small_order(point) for point in (*SMALL_ORDER,)[::4]},
        "key: of 31 bytes": says(WEB, x=base64url(bytes(31))),
        "key: of 33 bytes": says(WEB, x=base64url(bytes(33))),
        "key: padded": says(WEB, x=f"{base64url(fixed('x', 32))}="),
        "key: two keys under one kid": insert(2, other_x),
        "key: a step that is not about keys": says(WEB, step="withdrawn"),
        "key: the end of a log": insert(
            2,
            lambda _: Leaf("keys", "log", closed(), moment("23 09:00:00")),
        ),
        "key: a field more": says(WEB, use="sign-web"),
        "key: a field less": says(WEB, steps=GONE),
        "key: steps in one text": says(WEB, steps="accepted as-of"),
        "key: steps in a number": says(WEB, steps=[1]),
        "key: no kid": says(WEB, kid=GONE),
        "key: kid null": says(WEB, kid=None),
        "key: no step": says(WEB, step=GONE),
        "key: its step a list": says(WEB, step=["key"]),
        "key: one name twice": written(WEB, '"steps":', '"steps":["accepted"],"steps":'),
        "key: revoked with a field more": insert(
            2, lambda story: revoked(story, "sign-delivery", "23 09:00:00", why="lost")
        ),
        **{name.replace("statement:", "key:"): change for name, change in bad_signatures(WEB).items()},
    }


def closed() -> dict[str, Json]:
    """Return what is said when a log is continued under a new origin."""
    old = {"origin": "konto.example", "closed_origin": "alt.example", "closed_size": 3, "closed_root": OTHER_HASH}
    return said("log-continued", "23 09:00:00", "", number=0, previous="", **old)


def bad_signatures(at: int) -> dict[str, Change]:
    """Return ways in which a JWS is none (sign.md): of a key, or of the first statement."""

    def with_signature(make: Callable[[bytes], bytes]) -> Change:
        def spell(jws: str) -> str:
            text, _, signature = jws.rpartition(".")
            return f"{text}.{base64url(make(base64.urlsafe_b64decode(signature + '==')))}"

        return respelled(at, spell)

    def not_reduced(signature: bytes) -> bytes:
        scalar = int.from_bytes(signature[32:], "little")
        return signature[:32] + (scalar + ED25519_ORDER).to_bytes(32, "little")

    def raw_head(text: str) -> Change:
        def change(story: Story) -> None:
            use = story.leaves[at].use
            story.leaves[at].head |= {"raw": text.replace("KID", story.kid(use))}

        return change

    plain = str.maketrans("-_", "+/")
    return {
        "statement: typ of a card": head(at, typ="sk-account-key+jws"),
        "statement: typ in upper case": head(at, typ=TYP.upper()),
        "statement: no typ": head(at, typ=GONE),
        "statement: alg none": head(at, alg="none"),
        "statement: alg Ed25519": head(at, alg="Ed25519"),
        "statement: no alg": head(at, alg=GONE),
        "statement: a header without kid": head(at, kid=GONE),
        "statement: a header with kid null": head(at, kid=None),
        "statement: kid in upper case": lambda story: head(at, kid=story.kid(story.leaves[at].use).upper())(story),
        "statement: kid unknown": lambda story: head(at, kid=story.kid("sign-web:2"))(story),
        "statement: a header of one member more": head(at, jwk={"kty": "OKP"}),
        "statement: a critical header": head(at, crit=["b64"], b64=True),
        "statement: kid twice in its header": raw_head(f'{{"alg":"EdDSA","kid":"KID","kid":"KID","typ":"{TYP}"}}'),
        "statement: a header that is a list": raw_head("[]"),
        "statement: two parts": respelled(at, lambda jws: jws.rpartition(".")[0]),
        "statement: four parts": respelled(at, lambda jws: f"{jws}."),
        "statement: a part padded": respelled(at, lambda jws: f"{jws}=="),
        "statement: a line feed behind it": respelled(at, lambda jws: f"{jws}\n"),
        "statement: plain base64": respelled(at, lambda jws: jws.translate(plain) if "-" in jws or "_" in jws else "/"),
        "statement: bits set behind its last byte": respelled(at, lambda jws: jws[:-1] + chr(ord(jws[-1]) + 1)),
        "statement: a signature of zeros": with_signature(lambda _: bytes(64)),
        "statement: a signature cut": with_signature(lambda found: found[:63]),
        "statement: a signature with a byte behind it": with_signature(lambda found: found + b"\x00"),
        "statement: a signature whose scalar is not reduced": with_signature(not_reduced),
    }


def bad_signers() -> dict[str, Change]:
    """Return statements by keys that might not make them, there and then."""

    def by(at: int, use: str) -> Change:
        def change(story: Story) -> None:
            story.leaves[at].use = use

        return change

    def key_later(story: Story) -> None:
        story.leaves.append(story.leaves.pop(3))
        story.leaves[-1].logged_at = story.leaves[-2].logged_at

    def again(story: Story) -> None:
        void = revoked(story, "sign-delivery", "23 09:00:03")
        story.leaves[4:4] = [void, key(story, "sign-delivery", "23 09:00:03")]

    def void(at: int) -> Change:
        return insert(at, lambda story: revoked(story, "sign-delivery", "23 09:00:03"))

    return {
        "signer: accepted by the key of delivery": taken_by_delivery,
        "signer: bereitgestellt by the key of web": by(THERE, "sign-web"),
        "signer: bereitgestellt by the key of the log": by(THERE, "log"),
        "signer: a key that no statement names": by(THERE, "sign-delivery:2"),
        "signer: a key for other steps": says(3, steps=["lapsed", "rejected"]),
        "signer: a key for no step": says(3, steps=[]),
        "signer: a key that is named later": key_later,
        "signer: a key that was revoked before": void(4),
        "signer: a key that was revoked before it was named": void(3),
        "signer: a key that was revoked and named again": again,
    }


def taken_by_delivery(story: Story) -> None:
    """Have the key of delivery named before the first statement, and sign that."""
    taken, named = story.leaves[2:4]
    story.leaves[2:4] = [named, taken]
    named.logged_at, taken.use = moment("23 09:00:00"), "sign-delivery"
