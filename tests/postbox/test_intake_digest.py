"""The content digest: what `docs/authority.md` says of it is enough to compute it without us."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import rfc8785

from tests.refusals import Office
from tests.world import A_FILE, a_notice

AUTHORITY = Path(__file__).parents[2] / "docs/authority.md"
HANDLE = "re2lkwv662fx4wxyzxueqlxl5qhqdfk37qfy5wvwvp3u5z33lpnq"
FILLED_IN: dict[str, Any] = {
    "text": "",
    "case": "",
    "minimum_trust": "low",
    "reply": False,
    "recipient": {"land": "NW", "abroad": False},
    "attachments": [],
}


class Example(NamedTuple):
    """What the document shows: a notice as it is sent, what is hashed of it, and the digest."""

    sent: dict[str, Any]
    hashed: bytes
    digest: str


def the_example() -> Example:
    _, _, told = AUTHORITY.read_text().partition("### The content digest")
    told, _, _ = told.partition("\n## ")
    sent, hashed = re.findall(r"```json\n(.*?)\n```", told, re.DOTALL)
    (digest,) = re.findall(r"\b[0-9a-f]{64}\b", told)
    return Example(json.loads(sent), hashed.encode(), digest)


def test_the_example_is_hashed_as_the_document_says() -> None:
    example = the_example()

    assert rfc8785.dumps({**FILLED_IN, **example.sent}) == example.hashed
    assert sha256(example.hashed).hexdigest() == example.digest


async def test_the_example_has_the_digest_that_the_document_says(office: Office) -> None:
    example = the_example()

    assert await _our_digest(office, example.sent) == example.digest


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, {}),
        ({"text": "Größe: 5 m²\r\n", "case": "", "reply": False}, {"text": "Größe: 5 m²\r\n", "case": ""}),
        ({"zustellung": False}, {}),
        ({"recipient": {"land": "BY"}}, {"recipient": {"land": "BY", "abroad": False}}),
        ({"recipient": {"land": "BY", "abroad": True}}, {"recipient": {"land": "BY", "abroad": True}}),
        ({"attachments": [A_FILE.declared()] * 2}, {"attachments": [A_FILE.declared()] * 2}),
    ],
    ids=["as it is", "text", "no Zustellung", "recipient", "abroad", "attachments"],
)
async def test_every_notice_has_the_digest_that_can_be_computed_without_us(
    office: Office, changes: dict[str, Any], counts: dict[str, Any]
) -> None:
    notice = a_notice(HANDLE)

    assert await _our_digest(office, {**notice, **changes}) == _computed({**notice, **counts})


async def test_null_counts_as_left_out(office: Office) -> None:
    nulls = dict.fromkeys(("law", "rechtsbehelf", "belehrung", "recipient", "publish_at"))

    assert await _our_digest(office, {**the_example().sent, **nulls}) == the_example().digest


async def _our_digest(office: Office, notice: dict[str, Any]) -> str:
    """Return what the 409 calls the digest of a notice, the reference of which is taken."""
    taken = a_notice(office.handle, reference=notice["reference"], subject="Ein anderer")
    assert (await office.post(taken)).status == 202
    told = (await office.post(notice)).says("reference-taken", "reference")
    assert told["content_digest"] == _computed(taken)
    return str(told["your_digest"])


def _computed(counts: dict[str, Any]) -> str:
    """Return the digest of a notice of an authority in NW, of which this counts beside what is filled in."""
    return sha256(rfc8785.dumps({**FILLED_IN, **counts})).hexdigest()
