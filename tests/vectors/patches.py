"""Vectors that are small changes of others: how they are written down, and how the changed text is made again.

`set` puts values into places of the JSON, named like `statements/2/index`; `drop` takes places out. The result is
spelled as bundles are, and then `replace` changes the first place where a text stands, one after the other: for what no
JSON can say. `replace_with` is the same with the new bytes in hex.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from tests.vectors.evidence import spelled

Json = Any
Vector = dict[str, Any]


def difference(base: Json, other: Json, at: tuple[str, ...] = ()) -> Iterator[tuple[str, Json]]:
    """Yield the places in which a value differs from another one, and what stands there."""
    if isinstance(base, dict) and isinstance(other, dict) and [*base] == [*other]:
        for name in base:
            yield from difference(base[name], other[name], (*at, name))
    elif isinstance(base, list) and isinstance(other, list) and len(base) == len(other):
        for number, pair in enumerate(zip(base, other, strict=True)):
            yield from difference(*pair, (*at, str(number)))
    elif base != other or type(base) is not type(other):
        yield "/".join(at), other


def base_of(vector: Vector, vectors: list[Vector]) -> Vector:
    """Return the vector that another one changes, or itself."""
    return next(one for one in vectors if one["name"] == vector.get("of", vector["name"]))


def text_of(vector: Vector, vectors: list[Vector]) -> bytes:
    """Return the bundle that a vector is about, byte for byte."""
    bundle = deepcopy(base_of(vector, vectors)["bundle"])
    for path, value in vector.get("set", {}).items():
        place, name = _place(bundle, path)
        if isinstance(place, list) and name == len(place):
            place.append(value)
        else:
            place[name] = value
    for path in vector.get("drop", ()):
        place, name = _place(bundle, path)
        del place[name]
    raw = spelled(bundle).encode()
    changes = [(old, new.encode()) for old, new in vector.get("replace", ())]
    changes += [(old, bytes.fromhex(new)) for old, new in vector.get("replace_with", ())]
    for old, new in changes:
        if old.encode() not in raw:
            raise LookupError(f"{vector['name']}: {old} does not stand there")
        raw = raw.replace(old.encode(), new, 1)
    return raw


def _place(value: Json, path: str) -> tuple[Json, Any]:
    *parents, last = path.split("/")
    for name in parents:
        value = value[int(name) if isinstance(value, list) else name]
    return value, int(last) if isinstance(value, list) else last
