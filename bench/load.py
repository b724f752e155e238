"""Load: the same notice again and again, with a fresh reference and another recipient each time, from wrk."""

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from sk.client import File

CONNECTIONS = 20
ATTACHMENT_BYTES = 100_000
LONGEST_SECONDS = 300
SCRIPT = Path(__file__).with_name("post.lua")
# Placeholders of the length of what wrk puts in their place.
REFERENCE, HANDLE = "00000000", "-handle-"


class Failed(Exception):
    """A measurement did not come to its end."""


def a_pdf() -> File:
    """Return a document that begins like a PDF and that nothing can compress."""
    head = b"%PDF-1.7\n"
    return File("bescheid.pdf", head + secrets.token_bytes(ATTACHMENT_BYTES - len(head)))


def write_request(folder: Path, recipients: Sequence[str], token: str = "") -> None:
    """Write the pieces from which post.lua puts each request together."""
    document = a_pdf()
    notice = {
        "reference": f"bench-{REFERENCE}",
        "to": HANDLE,
        "kind": "verwaltungsakt",
        "law": "ozg-9",
        "rechtsbehelf": "klage-vwgo",
        "belehrung": True,
        "subject": "Bescheid über Ihren Antrag",
        "text": "Guten Tag,\n\nIhr Bescheid liegt als PDF bei.",
        "case": "20-4711-0815",
        "attachments": [document.declared()],
    }
    before, _, after = json.dumps(notice).partition(REFERENCE)
    middle, _, rest = after.partition(HANDLE)
    boundary = secrets.token_hex(16)
    opening = _part(boundary, "notice", "application/json") + before.encode()
    ending = b"".join(
        (
            rest.encode(),
            b"\r\n",
            _part(boundary, f'attachment"; filename="{document.name}', document.type),
            document.data,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )
    size = sum(map(len, (opening, REFERENCE, middle, recipients[0], ending)))
    folder.mkdir()
    (folder / "first").write_bytes(_head(boundary, size, token) + opening)
    (folder / "middle").write_text(middle)
    (folder / "last").write_bytes(ending)
    (folder / "recipients").write_text("\n".join(recipients))


def _part(boundary: str, name: str, type_: str) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"'
    return f"--{boundary}\r\n{disposition}\r\nContent-Type: {type_}\r\n\r\n".encode()


def _head(boundary: str, size: int, token: str) -> bytes:
    lines = (
        "POST /api/v1/notices HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        f"Content-Type: multipart/form-data; boundary={boundary}",
        f"Content-Length: {size}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def post(base_url: str, folder: Path, count: int) -> float:
    """Post so many notices over all connections and return how many seconds that took."""
    wrk = await asyncio.create_subprocess_exec(
        *("wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={LONGEST_SECONDS}", "--timeout=60"),
        *(f"--script={SCRIPT}", base_url, "--", str(folder), str(count)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    began = time.perf_counter()
    try:
        said = await asyncio.wait_for(_until_answered(wrk), LONGEST_SECONDS)
        seconds = time.perf_counter() - began
    except TimeoutError:
        raise Failed(f"not all of {count} notices were answered within {LONGEST_SECONDS} seconds") from None
    finally:
        if wrk.returncode is None:
            wrk.terminate()
        _, refused = await wrk.communicate()
    if not said:
        raise Failed(f"wrk ended early: {refused.decode(errors='replace').strip()[:500]}")
    return seconds


async def _until_answered(wrk: asyncio.subprocess.Process) -> bool:
    """Tell whether wrk said that all was answered; if not, it has ended."""
    if wrk.stdout is None:
        return False
    async for line in wrk.stdout:
        if line == b"answered\n":
            return True
    await wrk.wait()
    return False
