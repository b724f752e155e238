"""What the vectors of contexts, streams, locked and sealed values and handles say."""

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.vectors.reference import (
    CHUNK,
    HEAD,
    SEALED_CHUNK,
    Refused,
    base32,
    blind,
    context,
    fixed,
    handle,
    hpke,
    open_locked,
    open_stream,
    pattern,
    seal_stream,
)

Piece = str | Sequence[int | str]
FULL_BYTES = 200
"""Longer ciphertexts are given by their SHA-256 and their beginning."""

KEY = fixed("key", 32)
OTHER_KEY = fixed("other key", 32)
ACCOUNT = base32(fixed("account", 16))
OTHER_ACCOUNT = base32(fixed("other account", 16))
OBJECT = base32(fixed("object", 16))
PLACE = {"kind": "credentials", "account_id": ACCOUNT, "object_id": ACCOUNT}
OTHER_PLACES = {
    "another kind": {"kind": "mail"},
    "another account": {"account_id": OTHER_ACCOUNT},
    "another object": {"object_id": OTHER_ACCOUNT},
    "account and object taking a character from each other": {
        "account_id": ACCOUNT + ACCOUNT[0],
        "object_id": ACCOUNT[1:],
    },
}


def spliced(sealed: bytes, pieces: Sequence[Piece], others: dict[str, bytes]) -> bytes:
    """Put a ciphertext together: bytes in hex, or from where to where, of this ciphertext or of the one named."""
    out = b""
    for piece in pieces:
        if isinstance(piece, str):
            out += bytes.fromhex(piece)
        else:
            start, end, *name = piece
            source = others[str(name[0])] if name else sealed
            out += source[int(start) : int(end)]
    return out


def changed(sealed: bytes, at: int) -> list[Piece]:
    """Return the pieces of a ciphertext of which one byte is turned round."""
    return [[0, at], f"{sealed[at] ^ 0xFF:02x}", [at + 1, len(sealed)]]


def refusal(read: Callable[..., bytes], *given: object) -> str:
    """Return why a reader refuses this."""
    try:
        read(*given)
    except Refused as why:
        return str(why)
    raise AssertionError(given)


def context_cases() -> dict[str, Any]:
    """Contexts, and what would not be one."""
    places: list[dict[str, Any]] = [
        {"name": "the example", **PLACE, "generation": 1},
        {"name": "a later generation", **PLACE, "generation": 65535},
        {"name": "an object of its own", "kind": "notice", "account_id": ACCOUNT, "object_id": OBJECT, "generation": 1},
        {"name": "lengths count bytes", "kind": "prüfung", "account_id": "ä", "object_id": "€", "generation": 10},
        {"name": "empty parts", "kind": "", "account_id": "", "object_id": "", "generation": 1},
        {"name": "a border here", "kind": "k", "account_id": "ab", "object_id": "c", "generation": 1},
        {"name": "a border there", "kind": "k", "account_id": "a", "object_id": "bc", "generation": 1},
        {"name": "a digit in the object", "kind": "k", "account_id": "a", "object_id": "b1", "generation": 1},
        {"name": "a digit in the generation", "kind": "k", "account_id": "a", "object_id": "b", "generation": 11},
    ]
    bound = [context(*(place[part] for part in (*PLACE, "generation"))) for place in places]
    if len(set(bound)) != len(bound):
        raise AssertionError
    vectors = [{**place, "bound": raw.hex()} for place, raw in zip(places, bound, strict=True)]
    long = {**PLACE, "generation": 1, "object_id": "a", "object_id_repeated": 65536}
    return {"vectors": [*vectors, {"name": "a part longer than u16 can say", **long, "fails": "length"}]}


STREAMS = {
    "empty": 0,
    "one byte": 1,
    "one byte less than a chunk": CHUNK - 1,
    "one chunk": CHUNK,
    "one byte more than a chunk": CHUNK + 1,
    "two chunks": 2 * CHUNK,
    "three chunks, the last one short": 40000,
    "the same bytes under another salt": 40000,
}
TWO, THREE, OTHER = tuple(STREAMS)[-3:]


def stream_cases() -> dict[str, Any]:
    """Streams around the borders of chunks, and every way to put them together wrongly."""
    bound = context(**PLACE, generation=1)
    vectors: list[dict[str, Any]] = []
    streams: dict[str, bytes] = {}
    for name, length in STREAMS.items():
        salt = fixed(f"salt of {name}", 24)
        streams[name] = sealed = seal_stream(KEY, salt, bound, pattern(length))
        whole = {"sealed": sealed.hex()} if len(sealed) <= FULL_BYTES else {"sealed_begins": sealed[: HEAD + 16].hex()}
        vector = {"name": name, "key": KEY.hex(), "context": bound.hex(), "salt": salt.hex(), "plain_length": length}
        digest = sha256(sealed).hexdigest()
        vectors.append({**vector, "sealed_length": len(sealed), "sealed_sha256": digest, **whole})
    for name, instead in wrong_openings().items():
        given = {"key": KEY, "context": bound} | instead
        kind = refusal(open_stream, given["key"], given["context"], streams[THREE])
        spelled = {part: raw.hex() for part, raw in instead.items()}
        vectors.append({"name": name, "of": THREE, **spelled, "fails": kind})
    for of, changes in ((THREE, wrong_streams(streams[THREE])), (TWO, wrong_ends(len(streams[TWO])))):
        for name, pieces in changes.items():
            kind = refusal(open_stream, KEY, bound, spliced(streams[of], pieces, streams))
            vectors.append({"name": name, "of": of, "pieces": pieces, "fails": kind})
    return {"vectors": vectors}


def wrong_openings() -> dict[str, dict[str, bytes]]:
    """Return other keys and contexts."""
    places = {name: {"context": context(**PLACE | other, generation=1)} for name, other in OTHER_PLACES.items()}
    return {
        "another key": {"key": OTHER_KEY},
        "a key of 16 bytes": {"key": KEY[:16]},
        "a key of 33 bytes": {"key": KEY + b"\x00"},
        "no context": {"context": b""},
        "another version": {"context": context(**PLACE, generation=1, version="sk/2")},
        "another generation": {"context": context(**PLACE, generation=2)},
        **places,
    }


def wrong_streams(sealed: bytes) -> dict[str, list[Piece]]:
    """Return what a stream of three chunks can be turned into."""
    size, head = len(sealed), [0, HEAD]
    chunks = [[HEAD + n * SEALED_CHUNK, min(HEAD + (n + 1) * SEALED_CHUNK, size)] for n in range(3)]
    first, second, third = chunks
    places = {"the salt": 0, "the salt's end": 23, "the commitment": 24, "the commitment's end": HEAD - 1}
    for number, (start, end) in enumerate(chunks):
        places |= {f"chunk {number}": start, f"the tag of chunk {number}": end - 1}
    return {
        **{f"a changed byte in {where}": changed(sealed, at) for where, at in places.items()},
        "the salt of another stream": [[0, 24, OTHER], [24, size]],
        "the commitment of another stream": [[0, 24], [24, HEAD, OTHER], [HEAD, size]],
        "salt and commitment of another stream": [[0, HEAD, OTHER], [HEAD, size]],
        "the first chunk of another stream": [head, [*first, OTHER], second, third],
        "the last chunk of another stream": [head, first, second, [*third, OTHER]],
        "two chunks swapped": [head, second, first, third],
        "a chunk in place of the next": [head, first, first, third],
        "a chunk repeated": [head, first, second, second, third],
        "the first chunk dropped": [head, second, third],
        "a chunk in the middle dropped": [head, first, third],
        "the last chunk missing: the end is at a border": [head, first, second],
        "the last two chunks missing": [head, first],
        "the last chunk cut inside": [[0, size - 1000]],
        "the last chunk cut to a tag": [[0, third[0] + 16]],
        "the last chunk cut to less than a tag": [[0, third[0] + 15]],
        "a chunk in the middle cut": [head, first, [second[0], second[1] - 1], third],
        "cut inside the first chunk": [[0, first[0] + 1000]],
        "the head alone": [head],
        "half a head": [[0, 30]],
        "nothing": [""],
        "a byte behind the end": [[0, size], "00"],
        "a tag's length behind the end": [[0, size], "00" * 16],
        "the last chunk twice": [[0, size], third],
        "another stream behind the end": [[0, size], [0, size, OTHER]],
    }


def wrong_ends(size: int) -> dict[str, list[Piece]]:
    """Return what a stream can be turned into whose last chunk is empty."""
    return {
        "the empty last chunk missing": [[0, size - 16]],
        "a byte behind an empty last chunk": [[0, size], "00"],
    }


def lock_cases() -> dict[str, Any]:
    """Locked values: a generation and a stream."""
    keys = {"1": KEY.hex(), "2": fixed("second key", 32).hex()}
    plain, salt = b'{"username":"mia"}', fixed("salt of a locked value", 24)

    def locked(generation: int) -> bytes:
        key, bound = bytes.fromhex(keys[str(generation)]), context(**PLACE, generation=generation)
        return generation.to_bytes(2) + seal_stream(key, salt, bound, plain)

    first, second = locked(1), locked(2)
    good: dict[str, Any] = {"keys": keys, "context": PLACE}
    vectors = [
        {"name": "the example", **good, "salt": salt.hex(), "plain": plain.hex(), "locked": first.hex()},
        {"name": "the newest generation", **good, "salt": salt.hex(), "plain": plain.hex(), "locked": second.hex()},
    ]
    openings: dict[str, dict[str, Any]] = {
        "another key": {"keys": {"1": OTHER_KEY.hex()}},
        "a generation that is not held": {"keys": {"2": keys["2"]}},
        **{name: {"context": PLACE | other} for name, other in OTHER_PLACES.items()},
    }
    parts = {"salt": 2, "commitment": 2 + 24, "chunk": 2 + HEAD, "tag": len(first) - 1}
    values = {
        "generation 0": b"\x00\x00" + first[2:],
        "the generation with its bytes swapped": b"\x01\x00" + first[2:],
        "another generation that is held": b"\x00\x02" + first[2:],
        **{f"a changed byte in the {part}": spliced(first, changed(first, at), {}) for part, at in parts.items()},
        "a byte behind the end": first + b"\x00",
        "a byte missing": first[:-1],
        "less than a tag": first[: 2 + HEAD + 15],
        "the head alone": first[: 2 + HEAD],
        "a generation alone": first[:2],
        "half a generation": first[1:2],
        "nothing": b"",
    }
    wrong = [(name, good | instead, first) for name, instead in openings.items()]
    wrong += [(name, good, value) for name, value in values.items()]
    wrong.append(
        (
            "one key under two generations",
            good | {"keys": {"1": keys["1"], "2": keys["1"]}},
            values["another generation that is held"],
        )
    )
    for name, given, value in wrong:
        kind = refusal(open_locked, given["keys"], given["context"], value)
        vectors.append({"name": name, **given, "locked": value.hex(), "fails": kind})
    return {"vectors": vectors}


def seal_cases() -> dict[str, Any]:
    """Key pairs and sealed values, on encapsulations of the X-Wing draft."""
    draft = json.loads(Path(__file__).with_name("xwing-draft.json").read_text())["vectors"]
    place = {"kind": "notice", "account_id": ACCOUNT, "object_id": OBJECT}
    vectors: list[dict[str, Any]] = []
    sealed: dict[str, bytes] = {}
    plains = {"the example": b'{"subject":"Bescheid"}', "an empty plaintext": b"", "a long plaintext": pattern(5000)}
    for generation, (name, plain), pair in zip((1, 2, 65535), plains.items(), draft, strict=True):
        info = context(**place, generation=generation)
        sealed[name] = bytes.fromhex(pair["ct"]) + hpke(bytes.fromhex(pair["ss"]), info, plain)
        given = {"name": name, "seed": pair["seed"], "public_key": pair["pk"]}
        place_of = {"context": place, "generation": generation}
        said = {"plain": plain.hex()} if len(plain) <= FULL_BYTES else {"plain_length": len(plain)}
        digest = sha256(sealed[name]).hexdigest()
        vectors.append({**given, **place_of, **said, "sealed_sha256": digest, "sealed": sealed[name].hex()})

    example = sealed["the example"]
    size, encapsulated = len(example), len(example) - len(plains["the example"]) - 16

    def refuse(name: str, pieces: Sequence[Piece] = (), kind: str = "open", **instead: Any) -> None:
        vector: dict[str, Any] = {"name": name, "of": "the example"} | ({"pieces": pieces} if pieces else {})
        vectors.append({**vector, **instead, "fails": kind})

    refuse("another account's seed", seed=draft[1]["seed"])
    refuse("a seed of 31 bytes", seed=draft[0]["seed"][:-2], kind="key")
    refuse("a seed of 96 bytes", seed=fixed("long seed", 96).hex(), kind="key")
    refuse("another generation", generation=2)
    for name, other in OTHER_PLACES.items():
        refuse(name, context=place | other)
    for where, at in {"ML-KEM": 0, "X25519": 1100, "ciphertext": encapsulated, "tag": size - 1}.items():
        refuse(f"a changed byte: {where}", changed(example, at))
    refuse("an X25519 half of small order", [[0, 1088], "00" * 32, [encapsulated, size]])
    refuse("the encapsulation of another value", [[0, encapsulated, "an empty plaintext"], [encapsulated, size]])
    refuse(
        "the ciphertext of another value", [[0, encapsulated], [encapsulated, encapsulated + 16, "an empty plaintext"]]
    )
    refuse("the halves of the encapsulation swapped", [[1088, encapsulated], [0, 1088], [encapsulated, size]])
    refuse("a byte behind the end", [[0, size], "00"])
    refuse("a byte missing", [[0, size - 1]])
    refuse("the encapsulation alone", [[0, encapsulated]], kind="length")
    refuse("half an encapsulation", [[0, 560]], kind="length")
    refuse("nothing", [""], kind="length")
    public = bytes.fromhex(draft[0]["pk"])
    keys = {
        "a byte missing": public[:-1],
        "a byte too many": public + b"\x00",
        "the halves swapped": public[1184:] + public[:1184],
        "a coefficient of ML-KEM that is not reduced": b"\xff\xff\xff" + public[3:],
        "an X25519 half of small order": public[:1184] + bytes(32),
        "nothing": b"",
    }
    bad_keys = [{"name": name, "public_key": raw.hex(), "fails": "key"} for name, raw in keys.items()]
    return {"vectors": vectors, "public_keys": bad_keys}


def handle_cases() -> dict[str, Any]:
    """Postbox handles and blind indexes."""
    key, other_key = fixed("handle key", 64), fixed("other handle key", 64)
    sector, other_sector = base32(fixed("authority", 16)), base32(fixed("other authority", 16))
    account, other_account = fixed("account", 16), fixed("other account", 16)
    vectors: list[dict[str, Any]] = []
    good = (
        ("the example", account, sector),
        ("the same account towards another sector", account, other_sector),
        ("another account", other_account, sector),
        ("a sector of one character", account, "*"),
        ("a sector in UTF-8", account, "Köln"),
    )
    for name, raw, towards in good:
        given = {"name": name, "key": key.hex(), "sector": towards}
        vectors.append({**given, "account_id": base32(raw), "handle": handle(key, raw, towards)})
    example = vectors[0]["handle"]

    def refuse(name: str, kind: str, spelled: str = example, towards: str = sector, under: bytes = key) -> None:
        vector = {"name": name, "key": under.hex(), "sector": towards, "handle": spelled}
        vectors.append({**vector, "fails": kind})

    refuse("another sector", "open", towards=other_sector)
    refuse("no sector", "open", towards="")
    refuse("part of the sector", "open", towards=sector[:-1])
    refuse("another key", "open", under=other_key)
    refuse("the halves of the key swapped", "open", under=key[32:] + key[:32])
    refuse("the handle towards another sector", "open", vectors[1]["handle"])
    refuse("the first character changed", "open", ("a" if example[0] != "a" else "b") + example[1:])
    refuse(
        "a character in the middle changed", "open", example[:30] + ("a" if example[30] != "a" else "b") + example[31:]
    )
    refuse("an account id", "open", ACCOUNT)
    refuse("half a handle", "open", example[:26])
    refuse("nothing", "open", "")
    refuse("bits set behind the last byte", "spelling", example[:-1] + chr(ord(example[-1]) + 1))
    refuse("upper case", "spelling", example.upper())
    refuse("padding", "spelling", example + "====")
    refuse("a character missing", "spelling", example[:-1])
    refuse("a character too many", "spelling", example + "a")
    refuse("a space behind it", "spelling", example + " ")
    refuse("a line break inside", "spelling", example[:26] + "\n" + example[26:])
    refuse("a digit that base32 does not have", "spelling", "1" + example[1:])
    refuse("a letter that becomes one in upper case", "spelling", "\u0131" + example[1:])
    index = fixed("index key", 32)
    values = (
        ("the example", "username", "mia"),
        ("the same value in another field", "email", "mia"),
        ("a border here", "ab", "c"),
        ("a border there", "a", "bc"),
        ("an empty value", "username", ""),
        ("a value in UTF-8", "username", "jürgen"),
    )
    blinds = [
        {"name": name, "key": index.hex(), "field": field, "value": value, "index": blind(index, field, value)}
        for name, field, value in values
    ]
    return {"vectors": vectors, "indexes": blinds}
