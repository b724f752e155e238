"""Asking somebody else's server over HTTP: no redirections, no proxies, and only so much is waited and read.

Where its address was named by a stranger and not by the operator, `outside` judges where it leads, after it was looked
up: a name of theirs may stand for a machine in our own network.
"""

import socket
import ssl
from collections.abc import Collection, Mapping
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import aiohttp

from sk.errors import Unavailable

GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
COMPATIBLE = IPv6Network("::/96")
NOT_THE_INTERNET = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"), IPv6Network("3fff::/20"))
"""Special uses that Python 3.11 takes for global: protocol assignments, relays of 6to4, documentation."""


async def ask(  # noqa: PLR0913 - what is asked, and how much of an answer is wanted
    who: str,
    url: str,
    message: bytes | None,
    headers: Mapping[str, str],
    *,
    seconds: float,
    max_bytes: int,
    answers_in: str = "",
    statuses: Collection[int] = (HTTPStatus.OK,),
    tls: ssl.SSLContext | bool = True,
    sockets: aiohttp.SocketFactoryType | None = None,
) -> bytes:
    """Post a message, or get if there is none, and return the answer; `Unavailable` names `who` was asked.

    An answer has one of the `statuses` and, where `answers_in` names one, that content type. `sockets` is `outside` or
    `outside_or_here` where a stranger has named the address.
    """
    limit, body = aiohttp.ClientTimeout(total=seconds), bytearray()
    method = "GET" if message is None else "POST"
    try:
        async with (
            aiohttp.ClientSession(timeout=limit, connector=aiohttp.TCPConnector(socket_factory=sockets)) as http,
            http.request(method, url, data=message, headers=headers, allow_redirects=False, ssl=tls) as answer,
        ):
            if answer.status not in statuses or (answers_in and answer.content_type != answers_in):
                raise Unavailable(f"{who} answers {answer.status} {answer.content_type}")
            async for block in answer.content.iter_any():
                body += block
                if len(body) > max_bytes:
                    raise Unavailable(f"{who}'s answer is too long")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise Unavailable(f"{who} does not answer") from error
    return bytes(body)


def outside(address: aiohttp.AddrInfoType) -> socket.socket:
    """Return a socket towards an address on the Internet; for any other, raise `OSError`."""
    family, kind, protocol, _, where = address
    if not is_on_the_internet(str(where[0])):
        raise OSError("this address is not on the Internet")
    return socket.socket(family, kind, protocol)


def outside_or_here(address: aiohttp.AddrInfoType) -> socket.socket:
    """Do the same, and let this machine itself be asked: in a trial, portals run beside us."""
    family, kind, protocol, _, where = address
    if ip_address(str(where[0]).partition("%")[0]).is_loopback:
        return socket.socket(family, kind, protocol)
    return outside(address)


def is_on_the_internet(text: str) -> bool:
    """Tell whether an address is global unicast, whatever IPv6 form an IPv4 address is wrapped in."""
    address = _unwrapped(ip_address(text.partition("%")[0]))
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    special = any(address.version == net.version and address in net for net in NOT_THE_INTERNET)
    return address.is_global and not address.is_multicast and not special


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address in an IPv4-mapped, IPv4-compatible, 6to4 or NAT64 one; any other as it is."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and (address in NAT64 or address in COMPATIBLE):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address
