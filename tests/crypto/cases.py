"""The vectors as test cases, and changes to try on small values."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from sk.crypto.context import Context
from tests.vectors.reference import pattern, seal_stream
from tests.vectors.sealed_cases import spliced

FOLDER = Path(__file__).parent.parent / "vectors"
Vector = dict[str, Any]
UNHURRIED = settings(deadline=None)
"""For properties: how long one example takes says more about the machine than about the code."""


def load(file: str) -> dict[str, Any]:
    """Return a file of vectors."""
    loaded: dict[str, Any] = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    return loaded


def cases(file: str, part: str = "vectors", *, fail: bool) -> list[Any]:
    """Return the vectors of a file that open, or those that must not."""
    return [pytest.param(vector, id=vector["name"]) for vector in load(file)[part] if ("fails" in vector) is fail]


def completed(vector: Vector, file: str) -> Vector:
    """Return a vector with what it takes over from the one that it changes."""
    return next(v for v in load(file)["vectors"] if v["name"] == vector["of"]) | vector if "of" in vector else vector


def stream_of(vector: Vector) -> bytes:
    """Make the ciphertext that a vector of streams is about."""
    streams = {
        good["name"]: seal_stream(
            bytes.fromhex(good["key"]),
            bytes.fromhex(good["salt"]),
            bytes.fromhex(good["context"]),
            pattern(good["plain_length"]),
        )
        for good in load("stream.json")["vectors"]
        if "salt" in good and (good["name"] == vector.get("of", vector["name"]) or "pieces" in vector)
    }
    sealed = streams[vector.get("of", vector["name"])]
    return spliced(sealed, vector["pieces"], streams) if "pieces" in vector else sealed


def place_of(vector: Vector) -> Context:
    """Return the context that a vector names."""
    return Context(**vector["context"])


def damaged_copies(value: bytes) -> Iterator[bytes]:
    """Yield a value with each of its bytes changed to each other one, and cut at every length."""
    for at, byte in enumerate(value):
        yield value[:at]
        for other in range(256):
            if other != byte:
                yield value[:at] + bytes([other]) + value[at + 1 :]


def flipped_copies(value: bytes) -> Iterator[bytes]:
    """Yield a value with each of its bits flipped, and cut at every length."""
    for at, byte in enumerate(value):
        yield value[:at]
        for bit in range(8):
            yield value[:at] + bytes([byte ^ 1 << bit]) + value[at + 1 :]
