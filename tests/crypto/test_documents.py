import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.crypto.keyring import ROLES
from sk.crypto.sign import decode, encode, kid_of
from tests.crypto.cases import FOLDER
from tests.vectors.make import FILES

ROOT = Path(__file__).parent.parent.parent
FORMATS = ROOT / "docs" / "formats"
SPELLED = re.compile(r"[A-Za-z0-9_.-]{32,}")
LINK = re.compile(r"\]\(([\w./-]+)\)")


def text_of(document: str) -> str:
    return (FORMATS / document).read_text(encoding="utf-8")


def rows_of(document: str) -> set[str]:
    """Return the names in the first columns of a document's tables."""
    rows = re.findall(r"^\| (`.+?) \|", text_of(document), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def written_in_code(pattern: str) -> Iterator[str]:
    for file in (ROOT / "sk").rglob("*.py"):
        yield from re.findall(pattern, file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_the_example_of_a_document_is_a_vector(name: str) -> None:
    example = text_of(f"{name.removesuffix('.json')}.md").split("```")[1]
    vectors = (FOLDER / name).read_text(encoding="utf-8")

    assert SPELLED.findall(example)
    assert [value for value in SPELLED.findall(example) if value not in vectors] == []


def test_the_example_of_the_files_of_keys_fits_together() -> None:
    secrets, signers = map(json.loads, re.findall(r"```json\n(.*?)```", text_of("keys.md"), re.DOTALL))
    key = Ed25519PrivateKey.from_private_bytes(decode(secrets["sign-delivery"]["1"]))
    public = encode(key.public_key().public_bytes_raw())

    assert all(kid_of(signer["use"], decode(signer["x"])) == kid for kid, signer in signers.items())
    assert {"use": "sign-delivery", "x": public} in signers.values()


def test_the_documents_name_every_kind_of_context_that_the_code_uses() -> None:
    assert set(written_in_code(r"""[cC]ontext\(\s*"([a-z-]+)\"""")) == rows_of("context.md")


def test_the_documents_name_every_field_that_is_found_blindly() -> None:
    assert set(written_in_code(r"""\.blind(?:_id)?\(\s*"([a-z-]+)\"""")) == rows_of("handle.md")


def test_the_documents_name_every_typ_that_is_signed() -> None:
    assert set(written_in_code(r"""\"(sk-[a-z-]+\+jws)\"""")) == rows_of("sign.md")


def test_the_documents_name_every_key_and_who_holds_it() -> None:
    assert rows_of("keys.md") == set().union(*ROLES.values())


def test_the_documents_lead_to_each_other_and_all_are_listed() -> None:
    documents = {document.name for document in FORMATS.glob("*.md")}
    listed = set(LINK.findall(text_of("README.md")))

    assert documents - {"README.md"} <= listed
    for document in documents:
        assert {link for link in LINK.findall(text_of(document)) if "/" not in link} <= documents | {"statement.md"}
