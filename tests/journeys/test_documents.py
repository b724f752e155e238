"""Real documents: what an authority has posted is what the citizen downloads, byte for byte, in both modes."""

import io
import shutil
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import NamedTuple

import aiohttp
import pytest
from PIL import Image

from sk.client import AuthorityClient, File
from sk.demo.bescheid import typeset_bescheid
from sk.demo.browser import Browser
from sk.demo.story import ADDRESS, CASE, CITIZEN, Cast
from sk.ids import new_id
from tests.platforms import MODES, Platform, started, until_bereitgestellt
from tests.process import peak_megabytes
from tests.servers import Servers
from tests.upload import Document, post_in_pieces
from tests.world import a_notice

SHARED = Path(__file__).parents[3] / "shared"
SAMPLES = SHARED / "samples"
"""Documents of third parties, which lie beside the checkout or do not."""
KIB, MIB = 2**10, 2**20
PEAK_MEGABYTES = 250


class Post(NamedTuple):
    """A platform that runs, an authority and a citizen."""

    platform: Platform
    players: Cast

    async def fetched(self, http: aiohttp.ClientSession, notice_id: str, subject: str) -> dict[str, str]:
        """Open a notice as the citizen and return the addresses of its documents by their names."""
        await until_bereitgestellt(self.authority(http), notice_id)
        browser = Browser(http, self.platform.base_url)
        postbox = await browser.log_in(self.players.username, self.players.password)
        opened = await browser.send(postbox.form(subject))
        return {name: self.platform.base_url + path for name, path in opened.links.items()}

    def authority(self, http: aiohttp.ClientSession) -> AuthorityClient:
        """Return the authority's client."""
        return self.platform.authority(http, self.players)


@pytest.fixture(scope="module")
def post(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Iterator[Post]:
    """Return a platform that takes documents of up to a gibibyte, for all tests of one mode."""
    folder = tmp_path_factory.mktemp("data")
    with started(request.param, folder, servers, attachment_max_bytes=2**30) as platform:
        yield Post(platform, platform.cast())
    shutil.rmtree(folder)  # it would be kept for three runs


IN_TURN = {mode: pytest.mark.xdist_group(f"documents {mode}") for mode in MODES}
in_both_modes = pytest.mark.parametrize(
    "post", [pytest.param(mode, marks=IN_TURN[mode]) for mode in MODES], indirect=True
)


async def come_back(post: Post, files: list[File]) -> None:
    """Check that all of these, posted in one notice, are downloaded as the same bytes under the same type."""
    notice = a_notice(post.players.handle, subject=f"Unterlagen {new_id()}")
    async with aiohttp.ClientSession() as http:
        status, answer = await post.authority(http).post(notice, files)
        assert status == 202, answer
        addresses = await post.fetched(http, answer["id"], notice["subject"])
        for file in files:
            async with http.get(addresses[file.name]) as download:
                assert (await download.read(), download.content_type) == (file.data, file.type)


def a_bescheid() -> File:
    pdf = typeset_bescheid(name=CITIZEN, address=ADDRESS, aktenzeichen=CASE, issued_on=date(2026, 11, 23))
    return File("Bescheid.pdf", pdf)


def a_text() -> File:
    return File("Hinweis für Sie (§ 9).txt", "Größe: 5 m², Straße: gesperrt – bis 1.12.\r\n".encode(), "text/plain")


def a_picture() -> File:
    picture = io.BytesIO()
    Image.effect_noise((640, 480), 50).save(picture, "PNG")
    return File("Lageplan.png", picture.getvalue(), "image/png")


def a_letter() -> File:
    """Return an OpenDocument text, as small as one can be."""
    kind = "application/vnd.oasis.opendocument.text"
    text = '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>'
    return File("Brief.odt", _zipped({"mimetype": kind, "content.xml": text}), kind)


def a_container() -> File:
    return File(
        "XÖV.zip", _zipped({f"nachricht-{number}.xml": "<n/>" * number for number in range(99)}), "application/zip"
    )


def _zipped(members: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as container:
        for name, text in members.items():
            container.writestr(name, text)
    return written.getvalue()


def _sample(path: Path) -> File:
    return File(path.name, path.read_bytes())


DOCUMENTS: dict[str, Callable[[], File]] = {
    "a Bescheid": a_bescheid,
    "a text": a_text,
    "a picture": a_picture,
    "a letter": a_letter,
    "a container": a_container,
    **{path.name: partial(_sample, path) for path in sorted(SAMPLES.glob("*.pdf"))},
}


def test_where_documents_of_third_parties_belong_there_are_some() -> None:
    """Who has the folder `shared` beside the checkout tests with its samples, and learns it if they are missing.

    Of everybody else, who has no such folder, nothing is asked.
    """
    assert any(SAMPLES.glob("*.pdf")) or not SHARED.exists()


@in_both_modes
@pytest.mark.parametrize("document", DOCUMENTS)
async def test_a_document_comes_back_byte_for_byte(document: str, post: Post) -> None:
    await come_back(post, [DOCUMENTS[document]()])


@in_both_modes
async def test_twenty_documents_of_one_notice_come_back_byte_for_byte(post: Post) -> None:
    await come_back(post, [a_text_of(100 * number, f"Anlage {number}.txt") for number in range(1, 21)])


@in_both_modes
async def test_documents_as_long_as_the_borders_within_come_back_byte_for_byte(post: Post) -> None:
    borders = [16 * KIB, 32 * KIB, 256 * KIB, MIB]  # a chunk, two, a block as it is read, what is written at once
    sizes = [1, *(border + beside for border in borders for beside in (-1, 0, 1))]
    await come_back(post, [a_text_of(size, f"{size}.txt") for size in sizes])


def a_text_of(size: int, name: str) -> File:
    """Return a text of so many bytes, each time the same."""
    return File(name, _noise(size).replace(b"\0", b" "), "text/plain")


def _noise(size: int) -> bytes:
    return Random(size).randbytes(size)  # noqa: S311 - to be made again, not a secret


class Huge:
    """A document that fits into no memory: it is made as it is sent, each time the same."""

    def __init__(self, size: int) -> None:
        """Make a document of whole mebibytes."""
        self._numbers = range(size // MIB)
        self._noise = _noise(MIB)
        digest = sha256()
        for number in self._numbers:
            digest.update(self._piece(number))
        self.document = Document("Akte.pdf", "application/pdf", size, digest.hexdigest())

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the document."""
        for number in self._numbers:
            yield self._piece(number)

    def _piece(self, number: int) -> bytes:
        mark = b"%PDF-1.7 page " + str(number).encode()
        return mark + self._noise[len(mark) :]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("post", "mebibytes"),
    [
        pytest.param("embedded", 1024, marks=IN_TURN["embedded"]),
        pytest.param("distributed", 190, marks=IN_TURN["distributed"]),
        pytest.param("distributed", 1024, marks=[IN_TURN["distributed"], pytest.mark.long]),
    ],
    indirect=["post"],
)
async def test_a_huge_document_comes_back_byte_for_byte_and_passes_through_little_memory(
    mebibytes: int, post: Post
) -> None:
    huge, notice = Huge(mebibytes * MIB), a_notice(post.players.handle, subject=f"Akte {new_id()}")
    base_url, digest = post.platform.base_url, sha256()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http:
        status, answer = await post_in_pieces(
            http, base_url, post.authority(http), notice, huge.document, huge.pieces()
        )
        assert status == 202, answer
        addresses = await post.fetched(http, answer["id"], notice["subject"])
        async with http.get(addresses[huge.document.name]) as download:
            async for block in download.content.iter_chunked(MIB):
                digest.update(block)

    assert digest.hexdigest() == huge.document.sha256
    assert peak_megabytes(post.platform.pids()["web"]) < PEAK_MEGABYTES
