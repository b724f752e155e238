"""Verification of a share: that nothing was fetched by it but what was granted, as often and as long as it was."""

from collections import Counter
from collections.abc import Sequence

from sk.evidence.bundle import ShareBundle
from sk.evidence.spelling import read_moment
from sk.evidence.verdict import NotValid, Proven


def expect_granted(bundle: ShareBundle, statements: Sequence[Proven]) -> None:
    """Raise `NotValid` unless all that was stated about a share is covered by its first statement."""
    granted, *later = statements
    commitments, until = granted.says["commitments"], read_moment(granted.says["until"])
    opening, fetched = bundle.opening, Counter[int]()
    if opening and opening.commitments(commitments["account"]).model_dump() != commitments:
        raise NotValid(
            "Zweck und Prüfsummen der Dokumente gehören nicht zu dieser Freigabe.",
            "Purpose and digests of the documents do not belong to this share.",
        )
    if any(one.step == "share-revoked" for one in later[:-1]):
        raise NotValid("Nach dem Ende der Freigabe steht noch etwas.", "Something stands behind the end of the share.")
    for one in later:
        if one.step != "share-fetched":
            continue
        document = one.says["document"]
        fetched[document] += 1
        if document > len(commitments["documents"]) or fetched[document] > granted.says["fetches"] or one.at > until:
            raise NotValid(
                "Aussage {number} geht über die Freigabe hinaus: zu spät, zu oft oder ein Dokument, das nicht "
                "dazugehört.",
                "Statement {number} goes beyond the share: too late, too often, or a document that is not in it.",
                number=str(one.says["number"]),
            )
