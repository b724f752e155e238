"""Bytes of strangers: what a job makes of them, what it cannot reach, and that the next one is done all the same."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

from sk.errors import Unavailable
from sk.render.serve import AT_ONCE, WAITING_MAX
from sk.renderer import DRAWN_TYPES, NoPicture, Picture, Renderer
from tests.process import is_gone, until
from tests.rendering import MOST_BYTES, open_renderer
from tests.strangers import (
    SECRET_PLACE,
    a_drawing,
    a_fax,
    a_filled_in_form,
    a_huge_drawing,
    a_nested_pdf,
    a_pdf,
    a_photo,
    a_slow_pdf,
)

HASTY = 1
"""Seconds of computing, for those who do not want to wait for ten."""


@pytest.fixture
def renderer(rendering: Path) -> Renderer:
    """Return what speaks to a process `sk render`."""
    return Renderer(str(rendering), MOST_BYTES)


@asynccontextmanager
async def hasty(folder: Path) -> AsyncIterator[Renderer]:
    """Return what speaks to a renderer whose jobs may compute for a second only."""
    async with open_renderer(folder, HASTY) as socket:
        yield Renderer(socket, MOST_BYTES)


async def drawn(renderer: Renderer, data: bytes, media_type: str = "application/pdf", page: int = 1) -> Picture:
    async def blocks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    return await renderer.picture(media_type, page, len(data), blocks())


async def refused(renderer: Renderer, data: bytes, media_type: str = "application/pdf", page: int = 1) -> str:
    with pytest.raises(NoPicture) as none:
        await drawn(renderer, data, media_type, page)
    return none.value.why


def pixels(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png))


async def test_each_page_of_a_pdf_is_a_picture_of_its_own_and_all_are_counted(renderer: Renderer) -> None:
    found = [await drawn(renderer, a_pdf(3), page=number) for number in (1, 2, 3)]

    assert {one[:3] for one in found} == {(3, 1000, 1415)}
    assert len({one.png for one in found}) == 3
    assert all(pixels(one).size == (1000, 1415) for one in found)
    assert await refused(renderer, a_pdf(3), page=4) == "no-page"


async def test_what_was_filled_into_a_form_is_seen(renderer: Renderer) -> None:
    picture = pixels(await drawn(renderer, a_filled_in_form()))

    assert (picture.getpixel((5, 5)), picture.getpixel((500, 666))) == ((255,) * 3, (0,) * 3)


async def test_of_a_photo_leave_pixels_and_nothing_that_it_says_beside_them(renderer: Renderer) -> None:
    photo = a_photo()
    assert SECRET_PLACE.encode() in photo

    picture = pixels(found := await drawn(renderer, photo, "image/jpeg"))

    assert found[:3] == (1, 1000, 750)
    assert SECRET_PLACE.encode() not in found.png
    assert (picture.info, dict(picture.getexif())) == ({}, {})


async def test_a_photo_stands_upright(renderer: Renderer) -> None:
    found = await drawn(renderer, a_photo(800, 600, orientation=6), "image/jpeg")

    assert found[:3] == (1, 600, 800)


async def test_what_is_transparent_lies_on_white_paper(renderer: Renderer) -> None:
    picture = pixels(await drawn(renderer, a_drawing(), "image/png"))

    assert (picture.mode, picture.size, picture.getpixel((0, 0))) == ("RGB", (1000, 563), (255, 127, 127))


async def test_a_fax_of_two_pages_has_two_pages(renderer: Renderer) -> None:
    first, second = [await drawn(renderer, a_fax(), "image/tiff", page) for page in (1, 2)]

    assert (first.pages, pixels(first).getpixel((5, 5)), pixels(second).getpixel((5, 5))) == (2, (0,) * 3, (255,) * 3)


@pytest.mark.parametrize(
    ("data", "media_type", "why"),
    [
        (b"%PDF-1.7\n" + bytes(range(256)) * 200, "application/pdf", "unreadable"),
        (a_pdf(password="geheim"), "application/pdf", "unreadable"),
        (a_nested_pdf(), "application/pdf", "unreadable"),
        (a_drawing()[:-100], "image/png", "unreadable"),
        (a_drawing(), "image/jpeg", "unreadable"),
        (b"", "image/png", "unreadable"),
        (a_huge_drawing(), "image/png", "too-large"),
    ],
    ids=["garbage", "locked", "nested", "cut off", "another type", "empty", "huge"],
)
async def test_what_cannot_be_shown_is_told_and_the_next_document_is_shown(
    renderer: Renderer, data: bytes, media_type: str, why: str
) -> None:
    assert await refused(renderer, data, media_type) == why
    assert (await drawn(renderer, a_pdf(1))).pages == 1


async def test_too_many_bytes_are_not_even_read(renderer: Renderer) -> None:
    async def unread() -> AsyncIterator[bytes]:
        yield pytest.fail("it was read")

    with pytest.raises(NoPicture) as none:
        await renderer.picture("application/pdf", 1, MOST_BYTES + 1, unread())

    assert none.value.why == "too-large"


async def test_whoever_sends_too_many_bytes_is_hung_up_on_and_the_next_document_is_shown(renderer: Renderer) -> None:
    careless = renderer._replace(most_bytes=100_000_000)
    with suppress(Unavailable):  # the job hangs up while they are sent
        assert await refused(careless, bytes(60_000_000)) == "too-large"
    assert (await drawn(renderer, a_pdf(1))).pages == 1


async def test_a_page_that_takes_too_long_is_given_up_and_the_next_document_is_shown(tmp_path: Path) -> None:
    async with hasty(tmp_path) as renderer:
        slow = [asyncio.create_task(refused(renderer, a_slow_pdf())) for _ in range(AT_ONCE)]
        assert await asyncio.gather(*slow) == ["too-slow"] * AT_ONCE
        assert (await drawn(renderer, a_pdf(1))).pages == 1


async def test_who_finds_many_that_wait_is_told_to_come_back(tmp_path: Path) -> None:
    async with hasty(tmp_path) as renderer:
        slow = [asyncio.create_task(refused(renderer, a_slow_pdf())) for _ in range(AT_ONCE)]
        await until(lambda: len(jobs()) == AT_ONCE)
        late = (drawn(renderer, a_pdf(1)) for _ in range(WAITING_MAX + 1))
        found = await asyncio.gather(*late, return_exceptions=True)
        assert await asyncio.gather(*slow) == ["too-slow"] * AT_ONCE

    assert [str(one) for one in found if isinstance(one, BaseException)] == ["the renderer is busy"]
    assert [one.pages for one in found if isinstance(one, Picture)] == [1] * WAITING_MAX


async def test_told_to_stop_it_lets_no_job_go_on(tmp_path: Path) -> None:
    async with hasty(tmp_path) as renderer:
        slow = asyncio.create_task(refused(renderer, a_slow_pdf()))
        await until(lambda: len(jobs()) == 1)
        (job,) = jobs()
    assert is_gone(job)
    assert await slow == "too-slow"


async def test_one_that_is_not_there_is_not_waited_for(tmp_path: Path) -> None:
    nobody = Renderer(str(tmp_path / "nobody"), MOST_BYTES)
    with pytest.raises(Unavailable, match="does not answer"):
        await nobody.check()
    assert await refused(Renderer(), a_pdf()) == "off"
    assert (Renderer().draws, nobody.draws) == (frozenset(), DRAWN_TYPES)


async def test_its_socket_is_for_its_own_user_and_group_and_its_folder_may_lie_deep(tmp_path: Path) -> None:
    (deep := tmp_path / ("folder" * 20)).mkdir()
    async with hasty(deep) as renderer:
        assert oct((deep / "render.sock").stat().st_mode)[-3:] == "660"
        await renderer.check()
    assert not list(deep.iterdir())


async def test_a_job_inherits_its_two_ends_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SK_STORE", "mongodb://sk:secret@store/sk")
    async with hasty(tmp_path) as renderer:
        slow = asyncio.create_task(refused(renderer, a_slow_pdf()))
        await until(
            lambda: [told(job, "limits").partition("Max open files")[2][:20].strip() for job in jobs()] == ["0"]
        )
        (job,) = jobs()

        assert held(job) == {"0": "socket", "1": "socket", "2": "/dev/null"}
        assert told(job, "environ") == ""
        assert await slow == "too-slow"


REACHES = """
import os, socket, sys
from sk.render.confined import confine, MEMORY_BYTES
folder, kept = sys.argv[1], os.open(sys.argv[1] + "/kept", os.O_WRONLY)
confine(5)
tried = {
    "read": lambda: open("/etc/passwd"),
    "environment": lambda: open(f"/proc/{os.getppid()}/environ"),
    "write": lambda: open(folder + "/new", "w"),
    "change": lambda: os.write(kept, b"x"),
    "connect": lambda: socket.socket(socket.AF_INET),
    "socket": lambda: socket.socket(socket.AF_UNIX),
    "pipe": os.pipe,
    "double": lambda: os.dup(1),
    "memory": lambda: bytearray(MEMORY_BYTES),
}
for name, what in tried.items():
    try:
        what()
    except (OSError, MemoryError):
        continue
    print(name)
"""


def test_what_limits_promise_of_a_job_that_a_document_has_taken_over(tmp_path: Path) -> None:
    """No descriptor and no byte of a file: what is promised, and no more (docs/adr/0016)."""
    (tmp_path / "kept").write_bytes(b"kept")
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", REACHES, tmp_path], capture_output=True, text=True, check=False, timeout=30
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "kept").read_bytes() == b"kept"
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]


def jobs() -> list[int]:
    """Return the jobs that this process has started."""
    pid = os.getpid()
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [child for child in children if "sk.render.job" in told(child, "cmdline")]


def told(pid: int, what: str) -> str:
    """Return what the system tells of a process; of one that is gone, nothing."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/{what}").read_text()
    return ""


def held(pid: int) -> dict[str, str]:
    """Return what a process has open."""
    return {file.name: str(file.readlink()).partition(":")[0] for file in Path(f"/proc/{pid}/fd").iterdir()}
