"""What an authority has posted: one of its notices, and taking it back, by its software or by hand."""

from sk.auth.authority import AuthorityCard
from sk.clock import moment_to_sign
from sk.errors import NotFound
from sk.postbox.history import History, history_of
from sk.postbox.notice import Notice
from sk.services import Services
from sk.store.races import looking_again


async def own_notice(notice_id: str, authority: AuthorityCard, services: Services) -> tuple[Notice, History]:
    """Return a notice of an authority. One of another authority is as unknown to it as one that never was."""
    notice = await services.store.get(Notice, notice_id)
    history = await history_of(notice, services)
    if notice.authority_id != authority.authority:
        raise NotFound(f"there is no notice {notice_id}")
    return notice, history


@looking_again
async def withdraw(notice_id: str, authority: AuthorityCard, services: Services) -> None:
    """Take a notice back for its authority, or raise `Conflict` where it stays. Withdrawn again, nothing changes."""
    notice, _ = await own_notice(notice_id, authority, services)
    notice.withdraw(await moment_to_sign(services.clock), services.keys.signer("sign-web"))
    await services.store.save(notice)
