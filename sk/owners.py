"""What has objects in the object store: backups take these along, and `sk doctor` looks for those that are nobody's."""

from collections.abc import Mapping, Sequence

from sk.postbox.draft import Draft
from sk.postbox.notice import Notice
from sk.postbox.reply import Reply
from sk.safe.document import Document
from sk.safe.importing import Import
from sk.safe.upload import Upload

BESIDE_NOTICES: Sequence[type[Import | Upload | Document | Draft]] = (Import, Upload, Document, Draft)
"""In an order: an upload becomes a document, and a draft becomes a notice when it is sent."""
OWNERS: Mapping[str, type[Import | Upload | Document | Draft | Notice | Reply]] = {
    kind.kind: kind for kind in (*BESIDE_NOTICES, Notice, Reply)
}
"""All of them, by their kinds."""
