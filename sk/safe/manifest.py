"""What `safe.json` says in an export: all that makes a safe of its files again (docs/formats/export.md).

It is written for people as well, so its words are German. What is read was perhaps written by somebody else: one that
is not just so is no `safe.json` at all.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sk.archive import FILES_MAX
from sk.auth.trust import TrustLevel
from sk.postbox.notice_in import FILE_NAME, NAME_MAX, Without
from sk.safe.document import VERSIONS_MAX
from sk.safe.folder_steps import DEPTH_MAX, FOLDERS_MAX
from sk.safe.steps import LABEL_MAX, LABELS_MAX

FILE = "safe.json"
FORMAT = "sk-safe/1"
PATH_MAX = (DEPTH_MAX + 3) * (NAME_MAX + 1)
Name = Annotated[str, Field(min_length=1, max_length=NAME_MAX), FILE_NAME]
NOT_IN_A_LABEL = Without(rf"^\s|\s$|,|{FILE_NAME.pattern}", FILE_NAME.words)
Label = Annotated[str, Field(min_length=1, max_length=LABEL_MAX), NOT_IN_A_LABEL]
Path = Annotated[str, Field(max_length=PATH_MAX)]
"""Names with slashes between them: of a folder those in which it lies first, of a file those next to `safe.json`."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class PackedOrigin(_Model):
    """From which attachment of which notice a version was taken over, and where the evidence about it lies."""

    notice: str = Field(alias="nachricht", max_length=NAME_MAX)
    number: int = Field(alias="anhang", ge=1)
    bundle: Path = Field("", alias="nachweis")


class PackedVersion(_Model):
    """A version: where its bytes lie, unless they are not in the export; then the hint of the document says why."""

    file: Path = Field("", alias="datei")
    name: Name
    added_at: AwareDatetime = Field(alias="hinzugefuegt_am")
    type: str = Field(alias="typ", max_length=NAME_MAX)
    size: int = Field(alias="groesse", ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    origin: PackedOrigin | None = Field(None, alias="herkunft")


class PackedDocument(_Model):
    """A document, its versions in the order in which they came."""

    name: Name
    folder: Path = Field("", alias="ordner")
    labels: tuple[Label, ...] = Field((), alias="stichworte", max_length=LABELS_MAX)
    expires_on: date | None = Field(None, alias="gueltig_bis")
    trashed_at: AwareDatetime | None = Field(None, alias="im_papierkorb_seit")
    issued_by: str = Field("", alias="ausgestellt_von", max_length=NAME_MAX)
    level: TrustLevel = Field("low", alias="vertrauensniveau")
    hint: str = Field("", alias="hinweis", max_length=1000)
    versions: tuple[PackedVersion, ...] = Field(alias="fassungen", max_length=VERSIONS_MAX)


class Manifest(_Model):
    """A whole safe."""

    format: Literal["sk-safe/1"]
    made_at: AwareDatetime = Field(alias="erstellt_am")
    folders: tuple[Path, ...] = Field(alias="ordner", max_length=FOLDERS_MAX)
    documents: tuple[PackedDocument, ...] = Field(alias="dokumente")


def read_manifest(raw: bytes) -> Manifest | None:
    """Return what a `safe.json` says, or None if it is not one that we can read."""
    try:
        manifest = Manifest.model_validate_json(raw, by_alias=True, by_name=False)
    except ValueError:
        return None
    files = sum(max(1, len(document.versions)) for document in manifest.documents)
    return manifest if files <= FILES_MAX else None
