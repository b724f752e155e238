"""Who has sent a notice, as its authority was registered."""

from sk.auth.authority import Authority
from sk.errors import Damaged, NotFound
from sk.postbox.notice import Notice
from sk.services import Services


async def sender_of(notice: Notice, services: Services) -> str:
    """Return the name of the authority that has sent a notice, or raise `Damaged` if there is none."""
    try:
        authority = await services.store.get(Authority, notice.authority_id)
    except NotFound as error:
        raise Damaged from error
    return authority.details(services.keys.signers).name
