"""The desk: who acts for which authority, on every page under `/behoerde/{client_id}`."""

from typing import NamedTuple

from aiohttp import web

from sk.auth.authorities import posting
from sk.auth.authority import AuthorityCard
from sk.auth.members import MemberCard, Role, member_of
from sk.errors import Forbidden
from sk.web.keys import LOG_IN, SERVICES


class Desk(NamedTuple):
    """An authority, and the member who acts for it."""

    authority: AuthorityCard
    member: MemberCard


async def desk_of(request: web.Request, role: Role | None = None) -> Desk:
    """Return for which authority somebody acts who is logged in, if they may.

    Whoever is no member does not learn that there is such an authority: it is `NotFound`, as is one that is disabled.
    A member is `Forbidden` what needs a role that they lack, and everything after a log-in by a password alone.
    """
    services, log_in, client_id = request.app[SERVICES], request[LOG_IN], request.match_info["client_id"]
    member = await member_of(client_id, log_in.account_id, services)
    authority = await posting(client_id, services)
    if log_in.means == "password" or (log_in.means == "bundid" and log_in.level == "low"):  # which is a password, too
        raise Forbidden("who acts for an authority logs in with more than a password", problem="second-factor-needed")
    if role and role not in member.roles:
        raise Forbidden(f"this member lacks the role {role}", problem="role-missing")
    return Desk(authority, member)
