"""Vectors of bundles about a share in which something was changed without any key."""

from collections.abc import Iterator
from typing import Any

from tests.vectors.bundle_changes import DELIVERED, MESSAGE, OTHER_HASH
from tests.vectors.bundle_shares import PURPOSE, SHARED, a_share, still_running
from tests.vectors.bundle_stories import moment, opening
from tests.vectors.bundle_texts import UNREADABLE, Patched
from tests.vectors.evidence import bundled

Json = Any


def patched_shares(bundles: Json) -> Iterator[Patched]:
    """Yield bundles in which something about the share was changed by whoever passes them on."""
    share = bundles[SHARED]
    first, second = share["opening"]["documents"]
    earlier = a_share()
    still_running(earlier)
    patches: list[tuple[int | str, str, dict[str, Json]]] = [
        *((6 if at < 4 else 7, f"statement {at + 1} left out", {"drop": [f"statements/{at}"]}) for at in range(5)),
        (6, "all statements left out", {"set": {"statements": []}}),
        (4, "web's key left out", {"drop": ["keys/1"]}),
        (7, "a time stamp left out", {"drop": ["stamps/0"]}),
        (7, "as-of of before it was revoked", {"set": {"as_of": bundled(earlier)["as_of"]}}),
        (7, "as-of of a notice", {"set": {"as_of": bundles[DELIVERED]["as_of"]}}),
        (6, "called a notice", {"set": {"v": "sk-bundle/1", "opening": None}}),
        (5, "another moment in the log", {"set": {"statements/1/logged_at": moment("24 08:00:01")}}),
        (7, "a time stamp without its proof", {"set": {"stamps/0/proof": []}}),
        (12, "another purpose", {"set": {"opening/purpose": "Wohngeld"}}),
        (12, "another salt", {"set": {"opening/purpose_salt": OTHER_HASH}}),
        (12, "another document", {"set": {"opening/documents/0/sha256": OTHER_HASH}}),
        (12, "documents swapped", {"set": {"opening/documents/0": second, "opening/documents/1": first}}),
        (12, "a document fewer", {"drop": ["opening/documents/1"]}),
        (12, "a document more", {"set": {"opening/documents/2": first}}),
        (UNREADABLE, "no documents", {"set": {"opening/documents": []}}),
        (UNREADABLE, "an opening of 51 documents", {"set": {"opening/documents": [first] * 51}}),
        (UNREADABLE, "a purpose of 10001 letters", {"set": {"opening/purpose": "x" * 10_001}}),
        (UNREADABLE, "no purpose", {"drop": ["opening/purpose"]}),
        (UNREADABLE, "a member more in its opening", {"set": {"opening/account": first}}),
        (UNREADABLE, "the opening of a notice", {"set": {"opening": opening()}}),
        (UNREADABLE, "no opening", {"drop": ["opening"]}),
        (UNREADABLE, "replies", {"set": {"replies": []}}),
        (UNREADABLE, "Vollmachten", {"set": {"vollmachten": []}}),
        (UNREADABLE, "another version", {"set": {"v": "sk-share-bundle/2"}}),
        (UNREADABLE, "a space behind a comma", {"replace": [['1","vkey"', '1", "vkey"']]}),
        (UNREADABLE, "a letter escaped", {"replace": [[PURPOSE, f"\\u{ord(PURPOSE[0]):04x}{PURPOSE[1:]}"]]}),
    ]
    for rule, name, patch in patches:
        yield Patched(rule, SHARED, f"share: {name}", patch)
    about_notice: Json = {"set": {"v": "sk-share-bundle/1", "opening": None}}
    yield Patched(6, MESSAGE, "a notice that is called a share", about_notice)
