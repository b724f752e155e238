"""Verification of a bundle: offline, with nothing but the bundle and one key known beforehand (docs/formats/bundle.md).

It imports nothing of the server. What it returns is proven by signatures and hashes; what that means in words is in
`sentences`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Any

from cryptography.x509 import Certificate
from pydantic import ValidationError

from sk.crypto.sign import decode
from sk.errors import Damaged, Invalid
from sk.evidence.backdating import PATIENCE, contradictions
from sk.evidence.bundle import Bundle, ShareBundle, Stamp, read_bundle, stamps_hash, vollmachten_hash
from sk.evidence.entries import Keys, expect_key, in_order, keys_in, signed
from sk.evidence.form import AsOf
from sk.evidence.note import Checkpoint, VKey, open_note
from sk.evidence.opening import ReplyOpening
from sk.evidence.spelling import hash_of, read_moment
from sk.evidence.stamps import Stamped, read_stamp
from sk.evidence.steps import STEPS
from sk.evidence.tree import roots_by_consistency
from sk.evidence.verdict import NotValid, Proven, Verified, VerifiedShare
from sk.evidence.verify_share import expect_granted
from sk.evidence.verify_vollmacht import verify_vollmachten

FIRST = {"notice": "accepted", "share": "share-granted"}
"""With which step begins what is said about something."""
Certificates = Sequence[Certificate]


def verify_bundle(raw: bytes, trusted: Iterable[VKey] = (), authorities: Certificates = ()) -> Verified:
    """Return what a bundle proves about a notice; one about something else is `Invalid`."""
    found = verify_any(raw, trusted, authorities)
    if not isinstance(found, Verified):
        raise Invalid("this bundle is about no notice", problem="unreadable")
    return found


def verify_any(raw: bytes, trusted: Iterable[VKey] = (), authorities: Certificates = ()) -> Verified | VerifiedShare:
    """Return what a bundle proves, or raise `NotValid`; what is no bundle at all is `Invalid`.

    `trusted` are the verifier keys known beforehand, `authorities` certificates of time-stamp authorities.
    """
    bundle = read_bundle(raw)
    vkey, checkpoint = _checkpoint(bundle)
    is_trusted = _is_trusted(vkey, list(trusted))
    keys = keys_in(bundle.keys, vkey, checkpoint)
    statements = _statements(bundle, keys, checkpoint)
    as_of = _as_of(bundle, keys, statements)
    # Who may be anybody has named whom they like, in certificates that nobody need read.
    read = partial(_stamp, vkey=vkey, checkpoint=checkpoint, authorities=authorities, named=is_trusted)
    stamps = _in_their_order([read(stamp) for stamp in bundle.stamps])
    _refuse_backdated(statements, stamps)
    if isinstance(bundle, ShareBundle):
        expect_granted(bundle, statements)
        return VerifiedShare(is_trusted, vkey, checkpoint, statements, as_of, bundle.opening, stamps)
    _compare_openings(bundle, statements)
    vollmachten = verify_vollmachten(bundle, keys, checkpoint, statements)
    return Verified(
        is_trusted, vkey, checkpoint, statements, as_of, bundle.opening, bundle.replies, vollmachten, stamps
    )


def _checkpoint(bundle: Bundle | ShareBundle) -> tuple[VKey, Checkpoint]:
    """Return the key that the bundle claims, and the checkpoint that it has signed."""
    try:
        vkey = VKey.read(bundle.vkey)
        checkpoint = Checkpoint.read(open_note(bundle.checkpoint, [vkey])[0])
    except Damaged:
        raise NotValid(
            "Der Prüfpunkt des Logs ist nicht mit dem Schlüssel unterschrieben, den das Paket nennt.",
            "The log's checkpoint is not signed with the key that the bundle names.",
        ) from None
    if checkpoint.origin != vkey.name:
        raise NotValid(
            "Der Prüfpunkt ist von einem anderen Log als dem des Schlüssels.",
            "The checkpoint is of another log than that of the key.",
        )
    return vkey, checkpoint


def _is_trusted(vkey: VKey, trusted: Sequence[VKey]) -> bool:
    """Tell whether a key is among those known beforehand; another key under a known name is a forgery."""
    if vkey in trusted:
        return True
    if any(known.name == vkey.name for known in trusted):
        raise NotValid(
            "Der Schlüssel des Pakets ist nicht der bekannte Schlüssel von {name}: Das Paket ist nicht von dort.",
            "The bundle's key is not the known key of {name}: the bundle is not from there.",
            name=vkey.name,
        )
    return False


def _statements(bundle: Bundle | ShareBundle, keys: Keys, checkpoint: Checkpoint) -> list[Proven]:
    """Return the statements about the notice or the share, if they are its unbroken chain from the first on."""
    about = "share" if isinstance(bundle, ShareBundle) else "notice"
    found: list[Proven] = []
    previous = ""
    for says, logged in in_order(bundle.statements, checkpoint, lambda jws: signed(jws, keys)):
        number = len(found) + 1
        expect_key(logged.statement, says["step"], keys, logged.index)
        first = found[0].says if found else says
        same = all(says.get(name) == first.get(name) for name in ("authority", "notice", "share"))
        if STEPS[says["step"]].about != about or not same:
            raise NotValid(
                "Aussage {number} handelt von etwas anderem.",
                "Statement {number} is about something else.",
                number=str(number),
            )
        if (says["number"], says["previous"]) != (number, previous) or (says["step"] == FIRST[about]) != (number == 1):
            raise NotValid(
                "Vor Aussage {number} fehlt etwas, oder die Reihenfolge stimmt nicht.",
                "Before statement {number} something is missing, or the order is wrong.",
                number=str(number),
            )
        grows = not found or says["at"] > found[-1].says["at"]
        if not grows or says.get("commitments", first["commitments"]) != first["commitments"]:
            raise NotValid(
                "Aussage {number} widerspricht den Aussagen vor ihr.",
                "Statement {number} contradicts those before it.",
                number=str(number),
            )
        found.append(Proven(says, logged.index, read_moment(logged.logged_at)))
        previous = hash_of(logged.statement)
    if not found:
        raise NotValid("Das Paket enthält keine Aussage.", "The bundle holds no statement.")
    return found


def _as_of(bundle: Bundle | ShareBundle, keys: Keys, statements: Sequence[Proven]) -> datetime:
    """Return up to when the bundle is complete, as web has signed it."""
    try:
        says = AsOf.model_validate(signed(bundle.as_of, keys))
    except (Damaged, ValidationError):
        raise NotValid(
            "Die Aussage, bis wann das Paket reicht, ist nicht gültig unterschrieben.",
            "The statement until when the bundle reaches is not validly signed.",
        ) from None
    if says.step != "as-of":
        raise NotValid("Die letzte Aussage ist nicht „as-of“.", "The last statement is not as-of.")
    expect_key(bundle.as_of, says.step, keys, None)
    last = statements[-1].says
    there = {
        **{name: last.get(name, "") for name in ("authority", "notice", "share", "number")},
        "previous": hash_of(bundle.statements[-1].statement),
        "keys": len(bundle.keys),
        "stamps": stamps_hash(bundle.stamps),
        "vollmachten": vollmachten_hash(bundle.vollmachten) if isinstance(bundle, Bundle) else "",
    }
    if any(getattr(says, name) != one for name, one in there.items()) or says.at < last["at"]:
        raise NotValid(
            "Das Paket ist nicht vollständig: Es wurde für {told} Aussagen und {keys} Schlüssel ausgestellt.",
            "The bundle is not complete: it was issued for {told} statements and {keys} keys.",
            told=str(says.number),
            keys=str(says.keys),
        )
    return read_moment(says.at)


def _compare_openings(bundle: Bundle, statements: Sequence[Proven]) -> None:
    """Raise `NotValid` unless each opening opens what was committed to. All are there, or none is."""
    opening, accepted = bundle.opening, statements[0].says
    contents = [one.says["contents"] for one in statements if one.step == "replied"] if opening else []
    opens = opening is None or opening.commitments().model_dump() == accepted["commitments"]
    if not opens or len(bundle.replies) != len(contents) or not all(map(_opens, bundle.replies, contents)):
        raise NotValid(
            "Die Prüfsummen von Inhalt und Anhängen gehören nicht zu dieser Nachricht.",
            "The digests of content and attachments do not belong to this notice.",
        )


def _opens(reply: ReplyOpening | None, contents: Mapping[str, Any]) -> bool:
    """Tell whether an opening is that of a reply, or lost."""
    return reply is None or reply.commitments().model_dump() == contents


def _in_their_order(found: Sequence[Stamped]) -> Sequence[Stamped]:
    """Return the time stamps if they stand in the order of the log."""
    if any(later.size < earlier.size for earlier, later in pairwise(found)):
        raise NotValid(
            "Die Zeitstempel stehen nicht in der Reihenfolge des Logs.",
            "The time stamps do not stand in the order of the log.",
        )
    return found


def _refuse_backdated(statements: Sequence[Proven], stamps: Sequence[Stamped]) -> None:
    """Raise `NotValid` if the log says other moments than an authority that is trusted, beyond all that can happen."""
    for words in contradictions(statements, [stamp for stamp in stamps if stamp.trusted], PATIENCE):
        raise NotValid("{said}", "{said}", said=words)


def _stamp(stamp: Stamp, vkey: VKey, checkpoint: Checkpoint, authorities: Certificates, *, named: bool) -> Stamped:
    """Return what a time stamp says, if the bundle's checkpoint continues the one that was stamped."""
    try:
        old = Checkpoint.read(open_note(stamp.checkpoint, [vkey])[0])
        proof = [decode(hash_) for hash_ in stamp.proof]
        found = read_stamp(decode(stamp.token), stamp.checkpoint, old.size, authorities, named=named)
        roots = roots_by_consistency(old.size, checkpoint.size, old.root, proof)
    except Damaged:
        raise _contradicted() from None
    if (old.origin, *roots) != (checkpoint.origin, old.root, checkpoint.root):
        raise _contradicted()
    return found


def _contradicted() -> NotValid:
    return NotValid(
        "Ein Zeitstempel widerspricht dem Prüfpunkt: Das Log ist nicht mehr das, das damals gestempelt wurde.",
        "A time stamp contradicts the checkpoint: the log is no longer the one that was stamped then.",
    )
