"""Verification of the Vollmachten in a bundle: that whoever has acted for the account might do so, then and there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sk.clock import local_day
from sk.evidence.bundle import Bundle, BundledVollmacht
from sk.evidence.entries import Keys, expect_key, in_order, signed
from sk.evidence.form import REPRESENTATIVE
from sk.evidence.note import Checkpoint
from sk.evidence.spelling import read_moment
from sk.evidence.verdict import NotValid, Proven, ProvenVollmacht

ORDER = ("vollmacht-granted", "vollmacht-accepted", "vollmacht-revoked")


def verify_vollmachten(
    bundle: Bundle, keys: Keys, checkpoint: Checkpoint, statements: Sequence[Proven]
) -> list[ProvenVollmacht]:
    """Return the Vollmachten of a bundle if they are those of its acts and cover each of them; else `NotValid`."""
    found = {one.id: one for one in (_proven(bundled, keys, checkpoint) for bundled in bundle.vollmachten)}
    acts = [one for one in statements if one.says.get("by") == REPRESENTATIVE]
    if [*found] != [*dict.fromkeys(one.says["vollmacht"] for one in acts)] or len(found) != len(bundle.vollmachten):
        raise NotValid(
            "Die Vollmachten des Pakets sind nicht die, nach denen gehandelt wurde.",
            "The Vollmachten of the bundle are not those by which somebody has acted.",
        )
    for act in acts:
        if not covers(found[act.says["vollmacht"]], act):
            raise NotValid(
                "Für Aussage {number} reichte die Vollmacht nicht: Sie galt nicht, noch nicht oder nicht mehr dafür.",
                "For statement {number} the Vollmacht did not suffice: it did not cover it, not yet or no longer.",
                number=str(act.says["number"]),
            )
    return list(found.values())


def _proven(bundled: BundledVollmacht, keys: Keys, checkpoint: Checkpoint) -> ProvenVollmacht:
    """Return a Vollmacht that was granted, then accepted, and then perhaps revoked, in the words that are there."""
    statements = list(_read(bundled, keys, checkpoint))
    steps, moments = tuple(one.step for one in statements), [one.at for one in statements]
    named = {(one.says["authority"], one.says.get("vollmacht")) for one in statements}
    if steps not in (ORDER, ORDER[:2]) or moments != sorted(set(moments)) or len(named) != 1:
        raise NotValid(
            "Eine Vollmacht des Pakets ist nicht vollständig: Es fehlt, dass sie erteilt und angenommen wurde.",
            "A Vollmacht of the bundle is not complete: that it was granted and accepted is missing.",
        )
    opening, said = bundled.opening, [one.says["commitments"] for one in statements[:2]]
    if opening and opening.commitments() != (said[0]["document"], said[1]["name"]):
        raise NotValid(
            "Der Wortlaut einer Vollmacht ist nicht der, der festgehalten wurde.",
            "The words of a Vollmacht are not those that were recorded.",
        )
    return ProvenVollmacht(statements, opening)


def _read(bundled: BundledVollmacht, keys: Keys, checkpoint: Checkpoint) -> Iterable[Proven]:
    for says, logged in in_order(bundled.statements, checkpoint, lambda jws: signed(jws, keys)):
        expect_key(logged.statement, says["step"], keys, logged.index)
        yield Proven(says, logged.index, read_moment(logged.logged_at))


def covers(vollmacht: ProvenVollmacht, act: Proven) -> bool:
    """Tell whether a Vollmacht was in force at the moment of an act, for this authority and for acts like this one."""
    granted, accepted, *revoked = vollmacht.statements
    says: Mapping[str, object] = granted.says
    begins_on, ends_on = (date.fromisoformat(str(says[name])) for name in ("begins_on", "ends_on"))
    return (
        accepted.at < act.at
        and all(act.at < one.at for one in revoked)
        and begins_on <= local_day(act.at) <= ends_on
        and says["authority"] in ("", act.says["authority"])
        and (act.step != "replied" or bool(says["replies"]))
    )
