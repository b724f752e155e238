"""Drafts that nobody has sent in time: forgotten, with their attachments. Web does it, which alone can open them."""

from sk.errors import NotFound
from sk.events import DraftEnded
from sk.postbox.draft import Draft
from sk.postbox.draft_steps import give_up
from sk.services import Services


async def forget_draft(event: DraftEnded, services: Services) -> None:
    """Forget a draft whose time is over; one that was sent or given up is gone already."""
    try:
        draft = await services.store.get(Draft, event.draft_id)
    except NotFound:
        await services.store.save(done=event)
    else:
        await give_up(draft, services, done=event)
