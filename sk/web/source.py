"""Where a request comes from, as far as throttling needs to know."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp import web

from sk.config import Network
from sk.web.keys import SERVICES

IPV6_PREFIX = 64
"""What one household or one server has: it may pick any address in it."""


def source_of(request: web.Request) -> str:
    """Return the address, or of IPv6 the prefix, from which a request comes.

    What is said about it by others counts as far back as they are our own proxies: the last hop that is none is it.
    """
    trusted = request.app[SERVICES].settings.proxies()
    said = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    hops = [*(hop.strip() for hop in said if hop.strip()), request.remote or ""]
    return _prefix(_last_stranger(hops, trusted))


def _last_stranger(hops: Sequence[str], trusted: Sequence[Network]) -> IPv4Address | IPv6Address | None:
    found = None
    for hop in reversed(hops):
        try:
            address = _unmapped(ip_address(hop))
        except ValueError:
            return found  # nobody of ours has written that
        found = address
        if not any(address in network for network in trusted):
            break
    return found


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _prefix(address: IPv4Address | IPv6Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), IPV6_PREFIX), strict=False))
    return str(address or "")
