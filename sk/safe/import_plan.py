"""What is taken out of an archive, file by file: as its `safe.json` says, or else just as it is packed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sk.archive import Archive, Broken, File, NoArchive
from sk.safe.manifest import FILE, Manifest, PackedDocument, PackedVersion, read_manifest
from sk.safe.packing import BASE

MANIFESTS = (f"{BASE}/{FILE}", FILE)
"""Where `safe.json` lies: in an export, or in what somebody has packed again who had unpacked one."""
MANIFEST_MAX_BYTES = 20_000_000
BUNDLES_MAX_BYTES = 8_000_000
"""Of the evidence beside one document, which is stored as one value with it."""
NOT_DOCUMENTS = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What systems put into archives of their own accord."""
OF_A_SYSTEM = "__MACOSX/"


class Incoming(NamedTuple):
    """A file that is to become a document, or a version of one: where it lies in the archive, and what is known of it.

    `document` is the number of the document that it belongs to. Of a plain archive nothing else is known; `why` says
    why it cannot be taken, if that is known already.
    """

    path: str
    file: int
    document: int
    folder: str
    name: str
    why: str = ""
    packed: PackedDocument | None = None
    version: PackedVersion | None = None
    bundle: int | None = None


class Plan(NamedTuple):
    """The files that are taken, in their order; the folders that there are to be; and how many files do not belong."""

    incoming: Sequence[Incoming]
    folders: Sequence[str]
    beside: int
    unread: bool


async def planned(archive: Archive) -> Plan:
    """Return what is taken out of an archive. It is the same each time, so that an import goes on where it was."""
    by_path = {file.name: number for number, file in enumerate(archive.files) if not file.why}
    places = [place for place in MANIFESTS if place in by_path]
    for place in places:
        if manifest := await _manifest(archive, by_path[place]):
            return _restored(manifest, place.removesuffix(FILE), archive.files, by_path)
    return _plain(archive.files)._replace(unread=bool(places))


async def small(archive: Archive, number: int, most: int) -> bytes | None:
    """Return a file that fits into memory, or None if it is too large or damaged."""
    if archive.files[number].size > most:
        return None
    try:
        return b"".join([block async for block in archive.read(number)])
    except Broken as broken:
        if broken.is_end:
            raise
        return None


async def _manifest(archive: Archive, number: int) -> Manifest | None:
    try:
        raw = await small(archive, number, MANIFEST_MAX_BYTES)
    except Broken:
        raise NoArchive("unreadable") from None
    return read_manifest(raw) if raw is not None else None


def _restored(manifest: Manifest, base: str, files: Sequence[File], by_path: Mapping[str, int]) -> Plan:
    """Take what `safe.json` names, and nothing else."""
    reasons, named, incoming = {file.name: file.why for file in files}, {base + FILE}, list[Incoming]()
    used = set[str]()
    for number, packed in enumerate(manifest.documents):
        place = "/".join(filter(None, (packed.folder, packed.name)))
        if not packed.versions:
            incoming.append(Incoming(place, 0, number, packed.folder, packed.name, "left-out", packed))
        bundles = 0
        for version in packed.versions:
            path, bundle = base + version.file, base + (version.origin.bundle if version.origin else "")
            why = "twice" if path in used else reasons.get(path, "missing") if version.file else "left-out"
            used |= {path} if version.file else set()
            named |= {path, bundle}
            bundles += files[by_path[bundle]].size if bundle in by_path else 0
            incoming.append(
                Incoming(
                    path if version.file else place,
                    by_path.get(path, 0),
                    number,
                    packed.folder,
                    version.name,
                    why,
                    packed,
                    version,
                    by_path.get(bundle) if bundles <= BUNDLES_MAX_BYTES else None,
                )
            )
    return Plan(incoming, manifest.folders, sum(file.name not in named for file in files), unread=False)


def _plain(files: Sequence[File]) -> Plan:
    """Take every file, in the folders in which they are packed."""
    incoming = list[Incoming]()
    for number, file in enumerate(files):
        folder, _, name = file.name.rpartition("/")
        if name not in NOT_DOCUMENTS and not file.name.startswith(OF_A_SYSTEM):
            why = file.why or ("name" if file.name.startswith("/") else "")
            incoming.append(Incoming(file.name, number, number, folder, name, why))
    return Plan(incoming, (), len(files) - len(incoming), unread=False)
