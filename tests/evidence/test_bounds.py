"""Bundles of strangers cost no more than their bytes: what is wrong is told of one thing, and nothing is kept."""

import json
import tracemalloc
from typing import Any

import pytest

from sk.crypto import sign
from sk.evidence.verify import verify_bundle
from tests.evidence.bundles import FETCHED, named, raw_of, said_of
from tests.vectors.evidence import spelled

MIB = 1024 * 1024


def remembered() -> list[int]:
    """Return how much of what was read is kept for the next time."""
    caches = (sign._signed_payload, sign._known_kid)  # noqa: SLF001 - memory is seen nowhere else
    return [cache.cache_info().currsize for cache in caches]


def with_(**members: Any) -> bytes:
    """Return the bundle of a Verwaltungsakt with other members."""
    return spelled(json.loads(raw_of(FETCHED)) | members).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b'{"keys":[' + b",".join([b"{}"] * 100_000) + b"]}",
        b'{"keys":[' + b",".join([b"1"] * 500_000) + b"]}",
        b'{"stamps":[' + b",".join([b"{}"] * 300_000) + b"]}",
        with_(keys=[{}] * 300_000),
        with_(statements=[{"proof": [""] * 300_000}]),
        with_(opening={"attachments": [{}] * 300_000}),
        with_(opening={"attachments": [""] * 300_000}),
        with_(**{f"more{number}": number for number in range(60_000)}),
        with_(opening={f"more{number}": number for number in range(60_000)}),
    ],
    ids=range(9),
)
def test_what_is_full_of_mistakes_is_refused_for_one_of_them(raw: bytes) -> None:
    tracemalloc.start()
    said, sentence = said_of(raw, [])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert said == "unreadable"
    assert len(sentence) < 200
    assert peak < 32 * MIB


@pytest.mark.parametrize(
    "raw",
    [
        with_(keys=named(FETCHED)["bundle"]["keys"] * 300),
        with_(stamps=named(FETCHED)["bundle"]["stamps"] * 500),
        with_(as_of="x" * 65 * 1024),
        with_(checkpoint="x" * 5000),
        with_(statements=[named(FETCHED)["bundle"]["statements"][0] | {"statement": "x" * 65 * 1024}]),
        with_(statements=[named(FETCHED)["bundle"]["statements"][0] | {"proof": ["A" * 43] * 65}]),
    ],
    ids=range(6),
)
def test_a_bundle_with_more_than_any_has_is_not_looked_into(raw: bytes) -> None:
    assert said_of(raw, ["konto"])[0] == "unreadable"


def test_nothing_of_a_bundle_is_remembered() -> None:
    before = remembered()

    verify_bundle(raw_of(FETCHED))

    assert remembered() == before
