"""The two shelves of a postbox: what is current, and the archive into which people put what they are done with."""

from sk.auth.sessions import LogIn
from sk.errors import Forbidden
from sk.postbox.notice import Shelf
from sk.postbox.release import own_notice
from sk.services import Services
from sk.store.races import looking_again


@looking_again
async def put_on_shelf(notice_id: str, shelf: Shelf, log_in: LogIn, services: Services) -> None:
    """Put a notice of this person on a shelf. It has no meaning for anybody else, and no Frist knows of it."""
    notice, _ = await own_notice(notice_id, log_in, services)
    if notice.account_id != log_in.account_id:
        raise Forbidden("only whose postbox it is puts its notices away")
    if shelf == "archive":
        notice.put_away(services.clock.now())
    else:
        notice.archived = False
    await services.store.save(notice)
