"""What the vectors of signed statements and cards say."""

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from tests.vectors.reference import ED25519_ORDER, base64url, ed25519, fixed, jws, kid

TYP = "sk-statement+jws"
USE = "sign-web"
KEY, PUBLIC = ed25519(fixed("sign-web", 32))
KID = kid(USE, PUBLIC)
OTHER, OTHER_PUBLIC = ed25519(fixed("sign-delivery", 32))
OTHER_KID = kid("sign-delivery", OTHER_PUBLIC)
STRANGER, STRANGER_PUBLIC = ed25519(fixed("stranger", 32))
HEAD = {"alg": "EdDSA", "kid": KID, "typ": TYP}
BODY = '{"step":"accepted","number":1}'

GOOD_PAYLOADS = {
    "the example": BODY,
    "text in UTF-8": '{"authority":"Stadt Köln","text":"€ 😀"}',
    "text in escapes": '{"authority":"Stadt K\\u00f6ln","text":"\\u20ac \\ud83d\\ude00"}',
    "objects, lists, null, true and false": '{"a":{"b":[1,null,true,false,[]]},"c":{}}',
    "the largest and the smallest number": '{"max":9007199254740991,"min":-9007199254740991}',
    "space between the tokens": ' {\t"step" : "accepted" ,\r\n"number" : 1 } ',
    "one name in two objects": '{"a":{"n":1},"b":{"n":2}}',
    "an empty object": "{}",
}
BAD_PAYLOADS: dict[str, str | bytes] = {
    "one name twice": '{"number":1,"number":2}',
    "one name twice, with the same value": '{"number":1,"number":1}',
    "one name twice, spelled differently": '{"number":1,"\\u006eumber":2}',
    "one name twice, further down": '{"a":[{"number":1,"number":2}]}',
    "a fraction": '{"number":1.5}',
    "a whole number with a point": '{"number":1.0}',
    "an exponent": '{"number":1e2}',
    "NaN": '{"number":NaN}',
    "Infinity": '{"number":Infinity}',
    "-Infinity": '{"number":-Infinity}',
    "a number too large": '{"number":9007199254740992}',
    "a number too small": '{"number":-9007199254740992}',
    "a leading zero": '{"number":01}',
    "a list": "[1]",
    "a string": '"accepted"',
    "a number": "1",
    "null": "null",
    "nothing": "",
    "space": " ",
    "no JSON": "step=accepted",
    "an object and more": '{"number":1}{"number":1}',
    "a comma behind the last": '{"number":1,}',
    "names without quotes": "{number:1}",
    "a comment": '{"number":1/**/}',
    "a control character in a string": '{"text":"\n"}',
    "half a surrogate pair": '{"text":"\\ud83d"}',
    "half a surrogate pair in a name": '{"\\ude00":1}',
    "a byte order mark": b'\xef\xbb\xbf{"number":1}',
    "a byte that is no UTF-8": b'{"text":"\xff"}',
    "a surrogate in UTF-8": b'{"text":"\xed\xa0\xbd"}',
    "UTF-16": BODY.encode("utf-16-le"),
}
BAD_HEADS: dict[str, str | bytes] = {
    "alg none": json.dumps(HEAD | {"alg": "none"}),
    "alg ES256": json.dumps(HEAD | {"alg": "ES256"}),
    "alg HS256": json.dumps(HEAD | {"alg": "HS256"}),
    "alg Ed25519": json.dumps(HEAD | {"alg": "Ed25519"}),
    "alg in lower case": json.dumps(HEAD | {"alg": "eddsa"}),
    "alg null": json.dumps(HEAD | {"alg": None}),
    "alg missing": json.dumps({"kid": KID, "typ": TYP}),
    "kid missing": json.dumps({"alg": "EdDSA", "typ": TYP}),
    "kid null": json.dumps(HEAD | {"kid": None}),
    "kid a list": json.dumps(HEAD | {"kid": [KID]}),
    "typ missing": json.dumps({"alg": "EdDSA", "kid": KID}),
    "another typ": json.dumps(HEAD | {"typ": "sk-account-key+jws"}),
    "typ with application/": json.dumps(HEAD | {"typ": f"application/{TYP}"}),
    "typ in upper case": json.dumps(HEAD | {"typ": TYP.upper()}),
    "one member more: crit": json.dumps(HEAD | {"crit": ["b64"], "b64": True}),
    "one member more: b64": json.dumps(HEAD | {"b64": False}),
    "one member more: jwk": json.dumps(
        HEAD | {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": base64url(STRANGER_PUBLIC)}}
    ),
    "one member more: x5u": json.dumps(HEAD | {"x5u": "https://example.org/"}),
    "one member more: null": json.dumps(HEAD | {"cty": None}),
    "kid twice": f'{{"alg":"EdDSA","kid":"{OTHER_KID}","kid":"{KID}","typ":"{TYP}"}}',
    "a list": json.dumps([HEAD]),
    "nothing": "",
    "no JSON": "EdDSA",
    "no UTF-8": b'{"alg":"EdDSA\xff"}',
}
SMALL_ORDER = {
    "the neutral point": "0100000000000000000000000000000000000000000000000000000000000000",
    "the neutral point with a sign": "0100000000000000000000000000000000000000000000000000000000000080",
    "the neutral point, not reduced": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "the neutral point, not reduced, with a sign": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "order 2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order 2 with a sign": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "order 4": "0000000000000000000000000000000000000000000000000000000000000000",
    "order 4 with a sign": "0000000000000000000000000000000000000000000000000000000000000080",
    "order 4, not reduced": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order 4, not reduced, with a sign": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8 with a sign": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order 8, the other": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order 8, the other, with a sign": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}


def sign_cases() -> dict[str, Any]:
    """Everything signed is a compact JWS, and most are not ours."""
    signers = {
        KID: {"use": USE, "x": base64url(PUBLIC)},
        OTHER_KID: {"use": "sign-delivery", "x": base64url(OTHER_PUBLIC)},
    }
    good = {name: jws(compact(HEAD), body, KEY.sign) for name, body in GOOD_PAYLOADS.items()}
    good["a header in another order, with space"] = jws(
        f'{{ "typ": "{TYP}", "kid": "{KID}", "alg": "EdDSA" }}', BODY, KEY.sign
    )
    vectors = [vector(name, signed, payload=payload_of(signed)) for name, signed in good.items()]
    card = jws(compact(HEAD | {"typ": "sk-account-key+jws"}), BODY, KEY.sign)
    vectors.append(vector("another typ, asked for", card, typ="sk-account-key+jws", payload=payload_of(card)))
    vectors += [vector(name, text, fails="form") for name, text in bad_forms(good["the example"]).items()]
    vectors += [vector(name, text, fails="base64url") for name, text in bad_spellings(good["the example"]).items()]
    for name, head in BAD_HEADS.items():
        vectors.append(vector(f"header: {name}", jws(head, BODY, signature_for(name)), fails="header"))
    vectors += bad_keys(good["the example"])
    for name, signature in bad_signatures(good["the example"]).items():
        signed = good["the example"].rpartition(".")[0]
        vectors.append(vector(f"signature: {name}", f"{signed}.{base64url(signature)}", fails="signature"))
    for name, body in BAD_PAYLOADS.items():
        vectors.append(vector(f"payload: {name}", jws(compact(HEAD), body, KEY.sign), fails="payload"))
    keys = [{"name": name, "x": base64url(bytes.fromhex(raw)), "fails": "key"} for name, raw in SMALL_ORDER.items()]
    keys += [
        {"name": "31 bytes", "x": base64url(PUBLIC[:31]), "fails": "key"},
        {"name": "33 bytes", "x": base64url(PUBLIC + b"\x00"), "fails": "key"},
        {"name": "nothing", "x": "", "fails": "key"},
    ]
    return {"signers": signers, "vectors": vectors, "keys": keys}


def vector(name: str, text: str, *, typ: str = TYP, use: str = USE, **outcome: Any) -> dict[str, Any]:
    """Return one vector."""
    return {"name": name, "typ": typ, "use": use, "jws": text, **outcome}


def compact(head: dict[str, str]) -> str:
    """Return a header without space."""
    return json.dumps(head, separators=(",", ":"))


def payload_of(text: str) -> Any:  # noqa: ANN401 - JSON
    """Return what a good JWS says."""
    body = next(body for body in GOOD_PAYLOADS.values() if base64url(body.encode()) == text.split(".")[1])
    return json.loads(body)


def signature_for(name: str) -> Callable[[bytes], bytes]:
    """Return how to sign under a header: as its alg would have it, where a careless reader might follow it."""
    if name == "alg none":
        return lambda _: b""
    if name == "alg HS256":
        return lambda signed: hmac.digest(PUBLIC, signed, sha256)
    return STRANGER.sign if name.endswith("jwk") else KEY.sign


def bad_forms(text: str) -> dict[str, str]:
    """Return what has not three parts."""
    head, body, signature = text.split(".")
    return {
        "nothing": "",
        "two parts": f"{head}.{body}",
        "four parts": f"{text}.",
        "five parts": f"{head}.{body}..{signature}.{head}",
        "the JSON serialization": json.dumps({"protected": head, "payload": body, "signature": signature}),
    }


def bad_spellings(text: str) -> dict[str, str]:
    """Return other spellings of the same bytes."""
    head, body, signature = text.split(".")
    nonzero = chr(ord(signature[-1]) + 1)
    texts = {
        "a line break behind it": f"{text}\n",
        "a space before it": f" {text}",
        "a line break inside": f"{head}.{body[:8]}\n{body[8:]}.{signature}",
        "the header padded": f"{head}=.{body}.{signature}",
        "the signature padded": f"{head}.{body}.{signature}==",
        "bits set behind the last byte of the signature": f"{head}.{body}.{signature[:-1]}{nonzero}",
        "a letter that is not ASCII": f"{head}.{body}é.{signature}",
        "one character behind whole bytes": f"{head}.{body}.{signature}AAA",
    }
    slashed = next(raw for n in range(1000) if "/" in to_plain(raw := KEY.sign(bytes([n % 256, n // 256]))))
    texts["+ and / of plain base64"] = f"{head}.{body}.{to_plain(slashed)}"
    return texts


def to_plain(raw: bytes) -> str:
    """Return plain base64 without padding."""
    return base64url(raw).replace("-", "+").replace("_", "/")


def bad_keys(text: str) -> list[dict[str, Any]]:
    """Return what is signed by nobody who may."""
    unknown = kid(USE, STRANGER_PUBLIC)
    return [
        vector("kid: unknown", jws(compact(HEAD | {"kid": unknown}), BODY, STRANGER.sign), fails="kid"),
        vector("kid: empty", jws(compact(HEAD | {"kid": ""}), BODY, KEY.sign), fails="kid"),
        vector("kid: in upper case", jws(compact(HEAD | {"kid": KID.upper()}), BODY, KEY.sign), fails="kid"),
        vector("kid: with a space", jws(compact(HEAD | {"kid": f"{KID} "}), BODY, KEY.sign), fails="kid"),
        vector("kid: trusted for another use", jws(compact(HEAD | {"kid": OTHER_KID}), BODY, OTHER.sign), fails="kid"),
        vector("kid: good, asked for another use", text, use="sign-delivery", fails="kid"),
        vector("kid: good, asked for no use", text, use="", fails="kid"),
    ]


def bad_signatures(text: str) -> dict[str, bytes]:
    """Return what does not sign the example."""
    signed = text.rpartition(".")[0].encode()
    right = KEY.sign(signed)
    scalar = int.from_bytes(right[32:], "little")
    return {
        "empty": b"",
        "zeros": bytes(64),
        "cut": right[:63],
        "half": right[:32],
        "a byte behind it": right + b"\x00",
        "twice": right + right,
        "the halves swapped": right[32:] + right[:32],
        "by another key": OTHER.sign(signed),
        "of another payload": KEY.sign(signed + b"x"),
        "of the payload alone": KEY.sign(BODY.encode()),
        "of the bytes instead of their spelling": KEY.sign(compact(HEAD).encode() + b"." + BODY.encode()),
        "the scalar not reduced": right[:32] + (scalar + ED25519_ORDER).to_bytes(32, "little"),
        "its first byte changed": bytes([right[0] ^ 1]) + right[1:],
        "its last byte changed": right[:-1] + bytes([right[-1] ^ 1]),
    }
