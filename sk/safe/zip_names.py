"""Names in a ZIP file, for whatever system it is unpacked on: never a way out of their folder, and no two alike."""

import re
import unicodedata
from collections import defaultdict

from sk.postbox.along import NOT_IN_A_NAME
from sk.safe.steps import free_name, in_two

DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""What Windows takes for a device, whatever its ending is."""
BYTES_MAX = 200
"""Of a name: most systems keep 255, and a number may follow."""
ENDING_MAX = 20


def harmless(name: str) -> str:
    """Return a name that every system can keep, as much like the one given as can be."""
    name = NOT_IN_A_NAME.sub("_", unicodedata.normalize("NFC", name)).rstrip(". ")
    if not name or DEVICE.fullmatch(name):
        name = f"_{name}"
    stem, ending = in_two(name)
    while len((stem + ending).encode()) > BYTES_MAX:
        stem, ending = stem[:-1], ending[:ENDING_MAX]
    return stem + ending


class Paths:
    """The paths in one archive."""

    def __init__(self) -> None:
        """Begin with none."""
        self._taken: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, folder: str, name: str) -> str:
        """Return a path that nothing else has, for something of this name in a folder of ours."""
        free = free_name(harmless(name), self._taken[folder])
        self._taken[folder].add(free.casefold())
        return f"{folder}/{free}"
