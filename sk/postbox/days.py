"""The days that follow from what was accepted: worked out once, at the Bereitstellung, and then frozen."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from sk.clock import local_day
from sk.crypto.sign import encode
from sk.postbox.bekanntgabe import Bekanntgabe, compute_bekanntgabe
from sk.postbox.bekanntgabe_terms import Moments, Recipient
from sk.postbox.holidays import Land, land_of
from sk.postbox.rechtsbehelf import Rechtsbehelf, compute_rechtsbehelf
from sk.postbox.regimes import day_begins_at


def days_of(
    accepted: Mapping[str, Any], bereitgestellt_at: datetime
) -> tuple[Bekanntgabe, Rechtsbehelf] | tuple[None, None]:
    """Return the day of Bekanntgabe and the Frist of an accepted notice; a notice without a law has neither."""
    if accepted["law"] is None:
        return None, None
    recipient = Recipient(**accepted["recipient"])
    remedy = {name: accepted[name] for name in ("rechtsbehelf", "belehrung")}
    on, seat = local_day(bereitgestellt_at), land_of(accepted["seat"])
    return _days(on, accepted["law"], recipient, seat=seat, **remedy)


@lru_cache  # thousands of notices of one night share their days, and the law counts in days
def _days(
    bereitgestellt_on: date, law: str, recipient: Recipient, *, rechtsbehelf: str, belehrung: bool, seat: Land
) -> tuple[Bekanntgabe, Rechtsbehelf]:
    bekanntgabe = compute_bekanntgabe(law, Moments(event=day_begins_at(bereitgestellt_on)), recipient)
    return bekanntgabe, compute_rechtsbehelf(
        rechtsbehelf, bekanntgabe, seat=seat, belehrung=belehrung, abroad=recipient.abroad
    )


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


def _digest(*parts: BaseModel) -> str:
    # A field that a later version adds has a default, and leaves the digest of what was frozen before as it is.
    text = "\n".join(part.model_dump_json(exclude_defaults=True) for part in parts)
    return encode(sha256(text.encode()).digest())


def _text(day: object) -> str | None:
    return str(day) if day else None
