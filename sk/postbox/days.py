"""The days that follow from what was stated so far: worked out at each step that they hang on, and never changed.

A verifier without a store calls the same functions on the same statements, and needs nothing of the server.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from sk.clock import local_day
from sk.crypto.sign import encode
from sk.evidence.spelling import read_moment
from sk.postbox.bekanntgabe import Bekanntgabe
from sk.postbox.bekanntgabe_doubts import last_day_for_abruf
from sk.postbox.bekanntgabe_rules import benachrichtigung_in_time, by_abruf, by_bereitstellung
from sk.postbox.bekanntgabe_terms import Moments, Recipient, Version
from sk.postbox.holidays import Land, land_of
from sk.postbox.rechtsbehelf import Rechtsbehelf, compute_days
from sk.postbox.regimes import day_begins_at, regime_of

Said = Mapping[str, Mapping[str, Any]]
"""What was stated about a notice, by step, spelled as in statements."""
Days = tuple[Bekanntgabe | None, Rechtsbehelf | None]


def days_of(said: Said) -> Days:
    """Return the day of Bekanntgabe and the Frist that follow from what was stated.

    A notice without a law has neither. Under a law that counts from the Benachrichtigung or the Abruf there is
    neither until that is stated. The version in force at the Bereitstellung decides what is counted from, the one in
    force at that event how many days.
    """
    version = _version_in_force(said)
    event_on = _event_on(version, said) if version else None
    if version is None or event_on is None:
        return None, None
    accepted, abruf_on = said["accepted"], _day_of("abgerufen", said)
    moments = Moments(
        event=day_begins_at(event_on),
        abruf=day_begins_at(abruf_on) if abruf_on else None,
        benachrichtigung_proven=_is_proven(version, said),
        bounced="bounce-reported" in said,
        lenient_ten_days=_is_lenient(version, event_on, said),
        bereitgestellt_at=_decides(said),
    )
    remedy = {name: accepted[name] for name in ("rechtsbehelf", "belehrung")}
    return _days(accepted["law"], moments, _recipient(said), seat=land_of(accepted["seat"]), **remedy)


@lru_cache(maxsize=1024)  # thousands of notices of one night share their days, and the law counts in days
def _days(
    law: str, moments: Moments, recipient: Recipient, *, rechtsbehelf: str, belehrung: bool, seat: Land
) -> tuple[Bekanntgabe, Rechtsbehelf]:
    return compute_days(law, moments, recipient, rechtsbehelf=rechtsbehelf, belehrung=belehrung, seat=seat)


def settled(stated: Days, found: Days) -> Days:
    """Return the days that hold from now on: those found, unless they would change a day that was stated.

    Reasons and the other reading may still grow, as the Abruf or a bounce is told of.
    """
    bekanntgabe, _ = stated
    if bekanntgabe is None or bekanntgabe.on is None or _core(stated) == _core(found):
        return found
    return stated


def last_abruf_on(said: Said, answered_at: datetime, *, lenient: bool) -> date | None:
    """Return the last day on which a notice can be fetched that was told of at a moment; None if the law sets none.

    § 41 Abs. 2a Satz 4 VwVfG.
    """
    version = _version_in_force(said)
    if version is None or version.rule is not by_abruf:
        return None
    return last_day_for_abruf(version, local_day(answered_at), _recipient(said), lenient=lenient)


def stated_days(bekanntgabe: Bekanntgabe | None, rechtsbehelf: Rechtsbehelf | None) -> dict[str, str | None]:
    """Return the days as statements say them: with the law, the version of the rule, and nothing but text.

    `days` is the digest of all that is shown of them, other readings and reasons included.
    """
    return {
        "law": bekanntgabe.law if bekanntgabe else None,
        "version": str(bekanntgabe.version) if bekanntgabe else None,
        "bekanntgabe_on": _text(bekanntgabe.on if bekanntgabe else None),
        "frist_ends_on": _text(rechtsbehelf.frist_ends_on if rechtsbehelf else None),
        "days": _digest(bekanntgabe, rechtsbehelf) if bekanntgabe and rechtsbehelf else None,
    }


def _version_in_force(said: Said) -> Version | None:
    """Return the version of its law that a notice is under, once it is bereitgestellt."""
    law = said["accepted"]["law"]
    if law is None or "bereitgestellt" not in said:
        return None
    return regime_of(law).version_at(_moment_of("bereitgestellt", said))


def _decides(said: Said) -> datetime | None:
    """Return the day of the Bereitstellung where it decides which version is in force, by its beginning.

    Art. 97 § 1 Abs. 15 EGAO. Under the other laws the event decides that is counted from.
    """
    if not regime_of(said["accepted"]["law"]).counts_otherwise_since:
        return None
    return day_begins_at(local_day(_moment_of("bereitgestellt", said)))


def _event_on(version: Version, said: Said) -> date | None:
    """Return the day from which the law counts, or on which it was clear that it cannot; None while it waits."""
    if version.rule is by_bereitstellung:
        return _day_of("bereitgestellt", said)
    told_on = _day_of("benachrichtigt", said) or _day_of("benachrichtigung-failed", said)
    return _day_of("abgerufen", said) if told_on is None and version.rule is by_abruf else told_on


def _is_proven(version: Version, said: Said) -> bool:
    """Say whether the Benachrichtigung is as the law wants it, as far as is known.

    Where it has to leave on the day of the Bereitstellung, it may still do so until something is stated on a later one.
    """
    if version.rule is not by_bereitstellung:
        return "benachrichtigt" in said
    if "benachrichtigt" not in said:
        on = _day_of("bereitgestellt", said)
        day_is_over = any(on != local_day(read_moment(says["at"])) for step, says in said.items() if step != "accepted")
        return "benachrichtigung-failed" not in said and not day_is_over
    return benachrichtigung_in_time(_moment_of("bereitgestellt", said), _moment_of("benachrichtigt", said))


def _is_lenient(version: Version, sent_on: date, said: Said) -> bool:
    """Say whether the last day that was stated lies behind the days that the statute names."""
    lapses_on = said.get("benachrichtigt", {}).get("lapses_on")
    return lapses_on is not None and date.fromisoformat(lapses_on) > sent_on + timedelta(days=version.within)


def _recipient(said: Said) -> Recipient:
    return Recipient(**said["accepted"]["recipient"])


def _moment_of(step: str, said: Said) -> datetime:
    """Return the moment that counts: of a mail, when the server answered."""
    return read_moment(said[step].get("answered_at", said[step]["at"]))


def _day_of(step: str, said: Said) -> date | None:
    return local_day(_moment_of(step, said)) if step in said else None


def _core(days: Days) -> tuple[date | None, ...]:
    """Return what never changes once it was stated."""
    bekanntgabe, rechtsbehelf = days
    if bekanntgabe is None or rechtsbehelf is None:
        return ()
    return bekanntgabe.version, bekanntgabe.on, rechtsbehelf.frist_ends_on


def _digest(*parts: BaseModel) -> str:
    # A field that a later version adds has a default, and leaves the digest of what was frozen before as it is.
    text = "\n".join(part.model_dump_json(exclude_defaults=True) for part in parts)
    return encode(sha256(text.encode()).digest())


def _text(day: object) -> str | None:
    return str(day) if day else None
