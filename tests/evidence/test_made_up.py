"""Whatever is made up is refused in so many words, or understood, and never leads to an accident."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sk.errors import Invalid
from sk.evidence.sentences import about, heading, report_on
from sk.evidence.verdict import NotValid
from sk.evidence.verify import verify_any
from tests.evidence.bundles import FETCHED, named, said_of
from tests.vectors.bundle_shares import SHARED, a_share
from tests.vectors.bundle_stories import a_delivered_message, a_message, a_verwaltungsakt
from tests.vectors.evidence import bundled, spelled

Json = Any
REFUSED = {"not-valid", "unreadable"}
KONTO = ["konto"]
UNHURRIED = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
MOMENTS = [f"{day}T12:00:00.000000Z" for day in ("1970-01-01", "2019-05-05", "2026-11-23", "2101-01-01", "9998-12-31")]
DAYS = ["0001-01-01", "2024-12-31", "2026-11-27", "9999-12-31", None]
LAWS = ["ozg-9", "egovg-nrw-5-3", "vwvfg-41-2", "vwvfg-41-2a", "sgbx-37-2a", "ao-122a", "klage-sgg", "none", "{", None]
SCALAR = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=40)
ANYTHING = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
)


@pytest.mark.parametrize("inside", ["[" * 10**6, '{"a":' * 10**6, '["\\u0041",' * 10**5])
def test_json_that_is_nested_without_end_is_refused(inside: str) -> None:
    story = a_message()
    story.leaves[1].says = {"raw": f'{{"v":{inside[:40_000]}'}

    assert said_of(f'{{"v":{inside}'.encode(), KONTO)[0] == "unreadable"
    assert said_of(spelled(bundled(story)).encode(), KONTO)[0] == "not-valid"


@UNHURRIED
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(raw: bytes) -> None:
    assert said_of(raw, [])[0] == "unreadable"


def places(value: Json, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every place of a JSON value."""
    yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*at, name))


def with_another(value: Json, at: tuple[Any, ...], other: Json) -> Json:
    """Return a JSON value with something else in one place."""
    if not at:
        return other
    changed = value.copy()
    changed[at[0]] = with_another(value[at[0]], at[1:], other)
    return changed


@UNHURRIED
@given(st.data())
@pytest.mark.parametrize("vector", [FETCHED, SHARED])
def test_any_json_in_any_place_of_a_bundle_is_refused(vector: str, data: st.DataObject) -> None:
    bundle = named(vector)["bundle"]
    changed = with_another(bundle, data.draw(st.sampled_from([*places(bundle)])), data.draw(ANYTHING))
    raw = spelled(changed).encode(errors="surrogatepass")

    outcome, _ = said_of(raw, KONTO)
    assert outcome in REFUSED or changed in (bundle, bundle | {"opening": None})  # without openings it proves less


def put_into_words(raw: bytes) -> None:
    """Put into words what a bundle proves, if it proves anything, as somebody would who made it all himself."""
    try:
        verified = verify_any(raw)
    except (NotValid, Invalid):
        return
    report = report_on(verified)
    assert report.proven
    assert about(verified).de
    assert heading(verified).de


@UNHURRIED
@given(st.data())
def test_whatever_is_signed_with_the_right_keys_is_understood_or_refused(data: st.DataObject) -> None:
    story = data.draw(st.sampled_from([a_message, a_delivered_message, a_verwaltungsakt, a_share]))()
    leaf = data.draw(st.sampled_from([leaf for leaf in story.leaves if leaf.part] + [story.as_of]))
    at = data.draw(st.sampled_from([*places(leaf.says)]))

    said = with_another(leaf.says, at, data.draw(ANYTHING))
    leaf.says = said if isinstance(said, dict) else {"raw": spelled(said)}
    put_into_words(spelled(bundled(story)).encode(errors="surrogatepass"))


def like(value: Json) -> st.SearchStrategy[Json]:
    """Return other values of the same form: any moment, any day, any text, any number."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, int):
        return st.integers(0, 2**53 - 1)
    if isinstance(value, str) and value.endswith("Z"):
        return st.sampled_from(MOMENTS)
    if isinstance(value, str) and value.startswith("2026-"):
        return st.sampled_from(DAYS)
    return st.text(max_size=20) | st.sampled_from(LAWS) | st.sampled_from(DAYS)


@UNHURRIED
@given(st.data())
def test_a_bundle_that_holds_can_be_put_into_words_whatever_it_says(data: st.DataObject) -> None:
    story = data.draw(st.sampled_from([a_delivered_message, a_verwaltungsakt, a_share]))()
    leaves = [leaf for leaf in story.leaves if leaf.part == "statements"]
    for _ in range(data.draw(st.integers(1, 3))):
        says = data.draw(st.sampled_from(leaves)).says
        name = data.draw(st.sampled_from([name for name in says if name not in ("step", "v", "nonce", "commitments")]))
        says[name] = data.draw(like(says[name]))

    put_into_words(spelled(bundled(story)).encode())


@UNHURRIED
@given(st.data())
def test_whatever_header_is_signed_is_understood_or_refused(data: st.DataObject) -> None:
    story = a_message()
    leaf = data.draw(st.sampled_from([*story.leaves[:3], story.as_of]))
    leaf.head = data.draw(
        st.dictionaries(st.sampled_from(["alg", "kid", "typ", "b64"]), ANYTHING, min_size=1)
        | ANYTHING.map(lambda head: {"raw": spelled(head)})
    )
    put_into_words(spelled(bundled(story)).encode(errors="surrogatepass"))
