"""Where a document comes from: what the evidence beside it proves, verified anew each time it is shown."""

from datetime import date
from typing import Literal, NamedTuple

from sk.auth.authority import Authority
from sk.clock import local_day
from sk.crypto.sign import decode
from sk.errors import Damaged, Invalid, NotFound
from sk.evidence.sentences import is_trial
from sk.evidence.verdict import NotValid, Verified
from sk.evidence.verify import verify_bundle
from sk.installation import log_vkeys
from sk.postbox.proven import authorities_of
from sk.safe.document import Origin, Version
from sk.services import Services


class Provenance(NamedTuple):
    """What can be said of where a version comes from: which authority has issued it, and when.

    It waits until the evidence is there. What is not proven is not said to be false: it cannot be told.
    """

    state: Literal["proven", "waiting", "unproven"]
    authority: str = ""
    on: date | None = None
    is_trial: bool = False


async def provenance_of(version: Version, services: Services) -> Provenance | None:
    """Return what the evidence says of a version, or None if it was not taken over from a notice."""
    origin = version.origin
    if origin is None:
        return None
    if not origin.bundle:
        return Provenance("waiting")
    try:
        verified = verify_bundle(origin.bundle.encode(), await log_vkeys(services), authorities_of(services))
        authority = await services.store.get(Authority, verified.statements[0].says["authority"])
        name = authority.details(services.keys.signers).name
    except (NotValid, Invalid, NotFound, Damaged):
        return Provenance("unproven")
    if not verified.trusted or not _is_of(version, origin, verified):
        return Provenance("unproven")
    made_available = next(one for one in verified.statements if one.step == "bereitgestellt")
    return Provenance("proven", name, local_day(made_available.at), is_trial(verified))


def _is_of(version: Version, origin: Origin, verified: Verified) -> bool:
    """Tell whether the evidence is that of this notice, and names these very bytes at this place."""
    if verified.statements[0].says["notice"] != origin.notice or verified.opening is None:
        return False
    digests = [decode(attachment.sha256).hex() for attachment in verified.opening.attachments]
    return 0 < origin.number <= len(digests) and digests[origin.number - 1] == version.sha256
