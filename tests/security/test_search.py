"""The search for canaries: it finds what is there, in every spelling, and nothing else."""

import base64
import secrets
import sqlite3
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.security.search import files_below, rows_of, search

CANARY = "Kanarie Ä/+?>~ 4711".encode()
DIGEST = sha256(CANARY).digest()
PLANTS = {
    "as it is": CANARY,
    "in upper case": "KANARIE Ä/+?>~ 4711".encode(),
    "hex": CANARY.hex().upper().encode(),
    "base32": base64.b32encode(CANARY),
    "UTF-16": CANARY.decode().encode("utf-16"),
    "UTF-16, the other way around": CANARY.decode().encode("utf-16-be"),
    "in a URL": quote(CANARY.decode()).encode(),
    "in a URL, all of it": quote(CANARY.decode(), safe="").encode(),
    "in a form": quote_plus(CANARY.decode()).encode(),
    "in JSON": rb"Kanarie \u00c4/+?>~ 4711",
    "SHA-256": DIGEST,
    "SHA-256 in hex": DIGEST.hex().encode(),
    "SHA-256 in base64": base64.b64encode(DIGEST),
    "SHA-256 in base64url": base64.urlsafe_b64encode(DIGEST).rstrip(b"="),
    "SHA-256 in lower case": sha256(CANARY.lower()).digest(),
    **{f"base64, {before} bytes in": base64.b64encode(bytes(before) + CANARY + b"x") for before in range(3)},
    **{f"base64url, {before} bytes in": base64.urlsafe_b64encode(bytes(before) + CANARY) for before in range(3)},
    "SHA-256 in the midst of base64": base64.b64encode(b'{"sha256":"' + DIGEST + b'"}'),
}


@pytest.mark.parametrize("planted", PLANTS.values(), ids=PLANTS)
def test_a_canary_is_found_in_every_spelling(tmp_path: Path, planted: bytes) -> None:
    (tmp_path / "deep" / "below").mkdir(parents=True)
    (tmp_path / "deep" / "below" / "file").write_bytes(secrets.token_bytes(50_000) + planted + secrets.token_bytes(99))

    found = search(files_below(tmp_path), {"subject": CANARY})

    assert {(find.where, find.canary) for find in found} == {(str(tmp_path / "deep/below/file"), "subject")}


def test_a_canary_is_found_in_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "Kanarie 4711.pdf").touch()

    assert search(files_below(tmp_path), {"name": b"Kanarie 4711"})


def test_a_canary_is_found_in_a_row(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("CREATE TABLE document (body TEXT)")
        db.execute("INSERT INTO document VALUES (?)", ("x" * 20_000 + CANARY.decode() + "x" * 20_000,))
    db.close()

    assert search(rows_of(tmp_path / "store.db"), {"subject": CANARY})


def test_a_secret_that_nobody_can_guess_may_be_there_as_a_digest(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DIGEST)
    assert search(files_below(tmp_path), {}, {"token": CANARY}) == []

    (tmp_path / "file").write_bytes(CANARY)
    assert search(files_below(tmp_path), {}, {"token": CANARY})


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(secrets.token_bytes(200_000) + b"Kanarie 4712")

    assert search(files_below(tmp_path), {"subject": CANARY}) == []


def test_a_folder_that_is_spared_is_not_searched(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "1.eml").write_bytes(CANARY)

    assert search(files_below(tmp_path, but=[tmp_path / "mail"]), {"subject": CANARY}) == []
