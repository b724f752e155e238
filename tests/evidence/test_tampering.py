"""Whoever changes a bundle is found out: a byte of it, a field of a statement, or everything but the key of the log."""

import json
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from sk.crypto.sign import decode
from tests.evidence.bundles import FETCHED, TAKEN, named, raw_of, said_of
from tests.vectors.bundle_shares import SHARED
from tests.vectors.bundle_stories import a_message, a_verwaltungsakt
from tests.vectors.evidence import Story, bundled, spelled
from tests.vectors.reference import base64url

Json = Any
REFUSED = {"not-valid", "unreadable"}
KONTO = ["konto"]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("vector", [FETCHED, SHARED])
def test_a_bundle_of_which_a_byte_was_changed_proves_nothing(vector: str, seed: int) -> None:
    random, right = Random(seed), raw_of(vector)  # noqa: S311 - to repeat what was found
    for _ in range(1000):
        at = random.randrange(len(right))
        other = (right[at] + random.randrange(1, 256)) % 256
        changed = right[:at] + bytes([other]) + right[at + 1 :]
        assert said_of(changed, KONTO)[0] in REFUSED, (at, other)


def test_a_bundle_that_lost_or_gained_a_byte_proves_nothing() -> None:
    random, right = Random(20), raw_of(TAKEN)  # noqa: S311 - to repeat what was found
    for _ in range(1000):
        at = random.randrange(len(right))
        assert said_of(right[:at] + right[at + 1 :], KONTO)[0] in REFUSED, at
        byte = random.randrange(256)
        assert said_of(right[:at] + bytes([byte]) + right[at:], KONTO)[0] in REFUSED, (at, byte)


def test_a_bundle_that_was_cut_proves_nothing() -> None:
    right = raw_of(TAKEN)
    assert {said_of(right[:at], KONTO)[0] for at in range(len(right))} == {"unreadable"}


def test_somebody_who_knows_no_key_cannot_be_deceived_by_a_changed_byte_either() -> None:
    random, right = Random(30), raw_of(TAKEN)  # noqa: S311 - to repeat what was found
    for _ in range(1000):
        at = random.randrange(len(right))
        changed = right[:at] + bytes([right[at] ^ 1 << random.randrange(8)]) + right[at + 1 :]
        assert said_of(changed, [])[0] in REFUSED, at


def otherwise(value: Json) -> Iterator[Json]:
    """Yield a JSON value with each of its parts changed, one at a time."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from (value | {name: other} for other in otherwise(part))
            yield {other: part for other, part in value.items() if other != name}
        yield value | {"more": 1}
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in otherwise(part))
            yield value[:at] + value[at + 1 :]
        yield [*value, "more"]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str):
        yield f"{value[:-1]}{'A' if value[-1:] != 'A' else 'E'}"
        yield "" if value else "something"
    else:
        yield "something"
    yield None if value is not None else 0


def signed_parts(bundle: Json) -> Iterator[tuple[Json, Any]]:
    """Yield the places of a bundle in which a signed statement stands: what it lies in, and by which name."""
    for entry in (*bundle["keys"], *bundle["statements"]):
        yield entry, "statement"
    yield bundle, "as_of"


def test_no_field_of_any_statement_can_be_changed_without_its_key() -> None:
    bundle = deepcopy(named(FETCHED)["bundle"])
    stranger = a_verwaltungsakt().key("sign-web:stranger")[0]
    tried = 0
    for place, name in signed_parts(bundle):
        right = place[name]
        head, body, signature = right.split(".")
        for said in otherwise(json.loads(decode(body))):
            signed = f"{head}.{base64url(spelled(said).encode())}"
            for by in (signature, base64url(stranger.sign(signed.encode()))):
                place[name] = f"{signed}.{by}"
                assert said_of(spelled(bundle).encode(), KONTO)[0] in REFUSED, said
                tried += 1
        place[name] = right
    assert said_of(spelled(bundle).encode(), KONTO)[0] == "valid"
    assert tried > 500


def test_no_field_can_be_changed_by_somebody_who_only_writes_the_log_anew() -> None:
    count = len(a_verwaltungsakt().leaves)
    for at in range(count):
        story = a_verwaltungsakt()
        if not story.leaves[at].part:
            continue
        story.leaves[at].signed_by = "sign-web:stranger"
        for said in otherwise(story.leaves[at].says):
            changed = deepcopy(story)
            changed.leaves[at].says = said if isinstance(said, dict) else {"raw": spelled(said)}
            assert said_of(spelled(bundled(changed)).encode(), KONTO)[0] in REFUSED, said


class Thief(Story):
    """Somebody who has every key of an installation but that of its log."""

    def key(self, use: str) -> Any:  # noqa: ANN401 - a key and its public half
        """Return a key: the right one, or of the log one of his own."""
        return super().key("log:thief" if use == "log" else use)


def told_by_a_thief(story: Story) -> Json:
    """Return the bundle of a story that somebody tells who has not the key of the log."""
    return bundled(Thief(**vars(story)))


def test_everything_made_anew_without_the_key_of_the_log_is_refused() -> None:
    right, forged = named(FETCHED)["bundle"], told_by_a_thief(a_verwaltungsakt())
    parts = ("vkey", "checkpoint", "keys", "statements", "stamps", "as_of")
    for kept in range(2 ** len(parts)):
        mixed = {name: (right if name in parts and kept >> parts.index(name) & 1 else forged)[name] for name in right}
        assert (said_of(spelled(mixed).encode(), KONTO)[0] == "valid") is (mixed == right)


def test_a_thief_is_believed_by_nobody_who_compares_the_key() -> None:
    forged = spelled(told_by_a_thief(a_message())).encode()

    assert said_of(forged, KONTO)[0] == "not-valid"
    assert said_of(forged, [])[0] == "unvouched"
