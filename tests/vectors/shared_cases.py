"""What the vectors of shared documents say."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.vectors.reference import base32, base64url, context, fixed, hpke, seal_stream

SHARE, NUMBER = base32(fixed("share", 16)), 1
PIECES = (b"Guten ", b"Tag.")


def share_cases() -> dict[str, Any]:
    """Return a document in two streams, its key on an encapsulation of the X-Wing draft, and what no reader opens."""
    draft = json.loads(Path(__file__).with_name("xwing-draft.json").read_text())["vectors"]
    key, pair = fixed("document key", 32), draft[0]
    info = context("share-key", "", f"{SHARE}.{NUMBER}", 1)
    sealed_key = bytes.fromhex(pair["ct"]) + hpke(bytes.fromhex(pair["ss"]), info, key)
    objects = [f"2026/11/23/{fixed(f'object {number}', 16).hex()}" for number in (1, 2)]
    streams = [{"object": name, "size": len(piece)} for name, piece in zip(objects, PIECES, strict=True)]
    sealed = [
        seal_stream(key, fixed(f"salt of {name}", 24), context("safe-stream", "", name, 1), piece)
        for name, piece in zip(objects, PIECES, strict=True)
    ]
    body = b"".join(sealed)
    example = {
        "name": "the example",
        "seed": pair["seed"],
        "share": SHARE,
        "number": NUMBER,
        "sealed_key": base64url(sealed_key),
        "streams": streams,
        "sha256": sha256(b"".join(PIECES)).hexdigest(),
        "body": body.hex(),
        "plain": b"".join(PIECES).hex(),
    }
    other = [{**streams[0], "object": objects[1]}, streams[1]]
    sizes = [{**one, "size": 5} for one in streams]
    refused: list[tuple[str, str, dict[str, Any]]] = [
        ("another seed", "open", {"seed": draft[1]["seed"]}),
        ("the number of another document", "open", {"number": 2}),
        ("another share", "open", {"share": base32(fixed("other share", 16))}),
        ("half of a sealed key", "length", {"sealed_key": base64url(sealed_key[:560])}),
        ("a padded sealed key", "base64url", {"sealed_key": f"{base64url(sealed_key)}="}),
        ("an object of another name", "commitment", {"streams": other}),
        ("the streams in another order", "commitment", {"body": (sealed[1] + sealed[0]).hex()}),
        ("lengths that are not those of the streams", "chunk", {"streams": sizes}),
        ("a changed byte", "chunk", {"body": (body[:-1] + bytes([body[-1] ^ 1])).hex()}),
        ("an end that is missing", "length", {"body": body[:-1].hex()}),
        ("a stream that is missing", "length", {"body": sealed[0].hex()}),
        ("a byte behind the end", "length", {"body": f"{body.hex()}00"}),
        ("another digest", "digest", {"sha256": sha256(b"Guten Abend.").hexdigest()}),
    ]
    return {
        "vectors": [
            example,
            *({"name": name, "of": "the example", **changes, "fails": fails} for name, fails, changes in refused),
        ]
    }
