"""Taking the safe along: as a folder of a ZIP file, which can be imported again.

safe/dokumente/…    the documents in their folders, each as its newest version
safe/fassungen/…    older versions, in the same folders
safe/papierkorb/…   what lies in the trash
safe/nachweise/…    the evidence about documents from the postbox, for `sk verify`
safe/safe.json      all that is known of them (`sk/safe/manifest.py`); the last, when it is clear what has come along
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from sk.auth.sessions import LogIn
from sk.errors import Damaged, Forbidden
from sk.safe.document import Version
from sk.safe.entries import Entry
from sk.safe.found import alarm, open_document
from sk.safe.manifest import FILE, FORMAT, Manifest, PackedDocument, PackedOrigin, PackedVersion
from sk.safe.safe import ROOT, Contents, Opened, find_safe
from sk.safe.steps import in_two
from sk.safe.streams import Source
from sk.safe.zip_names import Paths
from sk.services import Services
from sk.zipped import Zipped, whole

BASE = "safe"
DOCUMENTS, OLDER, TRASH, EVIDENCE = "dokumente", "fassungen", "papierkorb", "nachweise"
MISSING = "Dieses Dokument ist beschädigt oder fehlt, oder eine Fassung davon. Der Betreiber wurde benachrichtigt."
LEVEL = "Dieses Dokument verlangt eine Anmeldung auf einem höheren Vertrauensniveau. Es ist nicht enthalten."


def export_safe(log_in: LogIn, services: Services) -> AsyncGenerator[bytes, None]:
    """Yield a ZIP file of the safe alone. If this raises, what was sent so far has no end and is no ZIP file."""
    return whole(services.clock.now(), lambda zipped: pack_safe(zipped, log_in, services))


async def pack_safe(zipped: Zipped, log_in: LogIn, services: Services) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a folder with the safe; there is none if there was never anything in it."""
    opened = await find_safe(log_in.account_id, services)
    if opened is None:
        return
    contents, packing = opened.contents, Packing(zipped, opened, services)
    for entry in sorted(contents.entries.values(), key=lambda entry: (folder_path(contents, entry.folder), entry.name)):
        async with aclosing(packing.document(entry, log_in)) as blocks:
            async for block in blocks:
                yield block
    manifest = Manifest(
        format=FORMAT,
        made_at=services.clock.now(),
        folders=tuple(sorted(folder_path(contents, id_) for id_ in contents.folders)),
        documents=tuple(packing.packed),
    )
    for block in zipped.add_json(f"{BASE}/{FILE}", manifest.model_dump(mode="json", by_alias=True)):
        yield block


def folder_path(contents: Contents, folder_id: str) -> str:
    """Return the names that lead to a folder; of one that is there no more, those of none."""
    return "/".join(folder.name for folder in contents.path(folder_id if folder_id in contents.folders else ROOT))


class Packing:
    """A safe that is being packed. `packed` is what `safe.json` will say of its documents."""

    def __init__(self, zipped: Zipped, opened: Opened, services: Services) -> None:
        """Begin with the folders, so that no document takes the name of one."""
        self.packed: list[PackedDocument] = []
        self._zipped = zipped
        self._opened = opened
        self._services = services
        self._paths = Paths()
        self._folders = {ROOT: ""}
        contents = opened.contents
        for id_ in sorted(contents.folders, key=lambda id_: len(contents.path(id_))):
            name, above = contents.folder(id_).name, self._folders[contents.folder(id_).parent]
            below, _ = (self._paths.add(base + above, name) for base in (DOCUMENTS, OLDER))
            self._folders[id_] = below.removeprefix(DOCUMENTS)

    async def document(self, entry: Entry, log_in: LogIn) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of all versions of a document. What demands a higher level is named, and what is damaged."""
        hint, versions, packed = "", tuple[Version, ...](), list[PackedVersion]()
        try:
            versions = (await open_document(self._opened, entry, log_in.level, self._services)).content.versions
        except Forbidden as refused:
            hint = LEVEL if refused.problem == "document-level-too-low" else MISSING
        for number, version in enumerate(versions, 1):
            folder, name = self._place(entry, version, number if number < len(versions) else 0)
            is_whole = await self._is_whole(entry, version)
            path = self._paths.add(folder, name if is_whole else f"{name}-fehlt.txt")
            async with aclosing(self._file(path, entry, version if is_whole else None)) as blocks:
                async for block in blocks:
                    yield block
            bundle = self._paths.add(EVIDENCE, f"{name}.json") if version.origin and version.origin.bundle else ""
            if version.origin and bundle:
                for block in self._zipped.add(f"{BASE}/{bundle}", version.origin.bundle):
                    yield block
            packed.append(_version(version, path if is_whole else "", bundle))
            hint = hint if is_whole else MISSING
        self.packed.append(_document(entry, folder_path(self._opened.contents, entry.folder), hint, packed))

    def _place(self, entry: Entry, version: Version, older: int) -> tuple[str, str]:
        """Return the folder and the name of a version, which has a number unless it is the newest."""
        name = f"{in_two(entry.name)[0]} (Fassung {older}){in_two(version.name)[1]}" if older else entry.name
        base = TRASH if entry.trashed_at else OLDER if older else DOCUMENTS
        return base + ("" if entry.trashed_at else self._folders.get(entry.folder, "")), name

    async def _is_whole(self, entry: Entry, version: Version) -> bool:
        """Tell whether every stream is there, with the length that it should have: a byte of each is looked at."""
        source, begins = Source(version.streams, version.key, self._services), 0
        try:
            for stream in version.streams:
                async for _ in source.read(begins, begins + 1):
                    begins += stream.size
        except Damaged:
            alarm(entry.id)
            return False
        return True

    async def _file(self, path: str, entry: Entry, version: Version | None) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a version, or of a note in the place of one that does not open."""
        if version is None:
            for block in self._zipped.add(f"{BASE}/{path}", f"{MISSING}\n"):
                yield block
            return
        source = Source(version.streams, version.key, self._services)
        try:
            async with aclosing(self._zipped.add_stream(f"{BASE}/{path}", source.read())) as blocks:
                async for block in blocks:
                    yield block
        except Damaged:
            alarm(entry.id)
            raise


def _version(version: Version, path: str, bundle: str) -> PackedVersion:
    origin = version.origin
    return PackedVersion(
        file=path,
        name=version.name,
        added_at=version.added_at,
        type=version.type,
        size=version.size,
        sha256=version.sha256,
        origin=PackedOrigin(notice=origin.notice, number=origin.number, bundle=bundle) if origin else None,
    )


def _document(entry: Entry, folder: str, hint: str, versions: Sequence[PackedVersion]) -> PackedDocument:
    return PackedDocument(
        name=entry.name,
        folder=folder,
        labels=entry.labels,
        expires_on=entry.expires_on,
        trashed_at=entry.trashed_at,
        issued_by=entry.issued_by,
        level=entry.level,
        hint=hint,
        versions=tuple(versions),
    )
