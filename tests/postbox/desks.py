"""Authorities by hand: members in front of their browsers, and what they have posted."""

from typing import Any

from sk.client import AuthorityClient
from tests.security.tab import Tab, open_tab
from tests.world import Delivered, World


async def desk(world: World, authority: AuthorityClient, *roles: Any, username: str = "sachbearbeiterin") -> Tab:
    """Return a tab of a member who has logged in by a passkey."""
    return await open_tab(world, await world.member(authority, *roles, username=username), means="passkey")


def page_of(notice: Delivered) -> str:
    """Return where the authority of a notice looks at it."""
    return f"/behoerde/{notice.authority.client_id}/bescheide/{notice.notice_id}"
