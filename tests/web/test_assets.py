"""The files that pages are made with: kept by browsers while they stay the same, small, and enough for names."""

import gzip
from io import BytesIO

import brotli
import pytest
from fontTools.ttLib import TTFont

from sk.auth.characters import LETTERS, MARKED, SIGNS
from sk.web.assets import FONTS, STATIC, address, assets
from tests.world import World

KILOBYTE = 1000


@pytest.mark.parametrize("path", sorted(assets()))
async def test_a_file_is_kept_for_a_year_and_is_the_same_in_every_encoding(world: World, path: str) -> None:
    plain = (STATIC / path).read_bytes()
    for encoding, decoded in (("br", brotli.decompress), ("gzip", gzip.decompress), ("identity", bytes)):
        async with world.http.get(
            f"{world.base_url}{address()}/{path}", headers={"Accept-Encoding": encoding}, auto_decompress=False
        ) as answer:
            body = await answer.read()
        is_packed = encoding in assets()[path].encoded
        assert answer.headers.get("Content-Encoding") == (encoding if is_packed else None)
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert (decoded(body) if is_packed else body) == plain


def test_all_is_compressed_but_fonts_which_are_so_already() -> None:
    encodings = {path: [*asset.encoded] for path, asset in assets().items()}

    assert encodings == {path: [] if path.endswith(".woff2") else ["br", "gzip"] for path in encodings}


async def test_a_page_of_another_process_gets_its_files_and_does_not_keep_them(world: World) -> None:
    async with world.http.get(f"{world.base_url}/static/0123456789abcdef/sk.css") as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")


async def test_there_is_nothing_else_in_the_folder(world: World) -> None:
    for path in ("kern/VERSION", "kern/fonts/fira-sans/FiraSans-Regular.woff2", "../render.py", "", "sk.css/"):
        async with world.http.get(f"{world.base_url}{address()}/{path}") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
def test_a_cut_down_font_has_all_that_names_are_written_with(weight: str) -> None:
    whole = TTFont(STATIC / f"kern/fonts/fira-sans/FiraSans-{weight}.woff2").getBestCmap()
    cut = TTFont(BytesIO(assets()[f"{FONTS}FiraSans-{weight}.woff2"].plain)).getBestCmap()
    letters = {ord(letter) for letter in {*LETTERS, *SIGNS, *"".join(MARKED)}}

    assert letters & whole.keys() == letters & cut.keys()
    assert len(letters & cut.keys()) > 450
    assert {*map(ord, "„“–…€§→")} <= cut.keys()


def test_they_are_small() -> None:
    sent = {path: len(asset.encoded.get("br", asset.plain)) for path, asset in assets().items()}

    assert max(sent.values()) < 30 * KILOBYTE
    assert sum(sent.values()) < 80 * KILOBYTE
