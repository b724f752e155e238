"""The vectors of bundles as test cases, and what verification says about them."""

from typing import Any

from sk.errors import Invalid
from sk.evidence.note import VKey
from sk.evidence.verdict import NotValid, Verified
from sk.evidence.verify import verify_any, verify_bundle
from tests.crypto.cases import load
from tests.vectors.patches import Vector, base_of, text_of

LOADED = load("bundle.json")
VECTORS: list[Vector] = LOADED["vectors"]
KNOWN = {name: VKey.read(text) for name, text in LOADED["vkeys"].items()}
FETCHED, TAKEN = "a Verwaltungsakt that was fetched", "a message that was taken"


def named(name: str) -> Vector:
    """Return the vector of a name."""
    return next(vector for vector in VECTORS if vector["name"] == name)


def raw_of(vector: Vector | str) -> bytes:
    """Return the bundle that a vector is about, byte for byte."""
    return text_of(named(vector) if isinstance(vector, str) else vector, VECTORS)


def known_to(vector: Vector) -> list[str]:
    """Return whose keys are known beforehand."""
    return list(vector["trusted"] if "trusted" in vector else base_of(vector, VECTORS)["trusted"])


def expected(vector: Vector) -> Any:  # noqa: ANN401 - a word, or the number of a rule
    """Return what verification must say: a word, or which rule refuses the bundle."""
    return vector["fails"] if "fails" in vector else vector.get("says", base_of(vector, VECTORS)["says"])


def said_of(raw: bytes, known: list[str]) -> tuple[str, str]:
    """Return what verification says, in a word and in a sentence. Nothing but its two refusals may come out of it."""
    try:
        verified = verify_any(raw, [KNOWN[name] for name in known])
    except NotValid as error:
        return "not-valid", str(error)
    except Invalid as error:
        return "unreadable", str(error)
    return ("valid" if verified.trusted else "unvouched"), ""


def verified(vector: str) -> Verified:
    """Return what the bundle of a vector proves."""
    return verify_bundle(raw_of(vector), [KNOWN[name] for name in known_to(named(vector))])
