"""The simulator's other face: what the eID-Client on somebody's device does with a token (TR-03124-1), and no card.

Like a real client it fetches the token without the browser's cookies, and leads the browser back only to the origin
from which the token came. That origin is always this installation: it fetches nothing from elsewhere.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode, urlsplit

from sk.auth.eid.messages import ResultMinor
from sk.auth.eid.simulator import Choice, Simulator
from sk.auth.eid.tctoken import TcToken, read_tctoken
from sk.errors import Damaged, Invalid, NotFound

Fetch = Callable[[str], Awaitable[bytes]]
"""Returns what is at an address, asked for without cookies; `NotFound` if it is not there."""


async def show_card(
    simulator: Simulator, token_url: str, persona: str, choice: Choice, minor: ResultMinor | None, fetch: Fetch
) -> str:
    """Fetch a token, let a card be read or not, and return the address to which the browser is led back.

    Without a token there is no way back: that is `NotFound`, as real clients say 404 then.
    """
    if not _is_ours(simulator, token_url):
        raise Invalid("the address of the token is not at this installation")
    try:
        token = read_tctoken(await fetch(token_url))
    except Damaged:
        raise NotFound("what is at this address is no token") from None
    if not _is_ours(simulator, token.refresh_address):
        return _way_out(simulator, token)
    reason = simulator.decide(token.session_identifier, persona, choice, minor)
    return with_result(token.refresh_address, reason)


def with_result(address: str, minor: str) -> str:
    """Return an address with what became of the card, as clients add it to the query that is there."""
    said = {"ResultMajor": "error", "ResultMinor": minor} if minor else {"ResultMajor": "ok"}
    url = urlsplit(address)
    return url._replace(query="&".join(filter(None, (url.query, urlencode(said))))).geturl()


def _way_out(simulator: Simulator, token: TcToken) -> str:
    """Return where the browser goes when the RefreshAddress is not to be trusted."""
    if not _is_ours(simulator, token.error_address):
        raise Invalid("the token leads to another origin than its own")
    return with_result(token.error_address, "communicationError")


def _is_ours(simulator: Simulator, url: str) -> bool:
    return url.startswith(f"{simulator.base_url}/")
