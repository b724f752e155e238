"""Where an address leads that a stranger has named: judged after it was looked up."""

import socket

import aiohttp
import pytest

from sk.ask import ask, is_on_the_internet, outside, outside_or_here
from sk.errors import Unavailable

INSIDE = (
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
    "255.255.255.255", "240.0.0.1", "192.0.0.8", "192.88.99.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "64:ff9b:1::1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1", "::127.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_on_the_internet_is_not_asked(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    assert not is_on_the_internet(address)
    with pytest.raises(OSError, match="not on the Internet"):
        outside((family, socket.SOCK_STREAM, 0, "", (address, 443)))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2a00:1450:4001::1", "::ffff:8.8.8.8", "2002:808:808::", "64:ff9b::808:808"]
)
def test_what_is_on_the_internet_may_be_asked(address: str) -> None:
    assert is_on_the_internet(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
async def test_a_name_that_leads_to_this_machine_is_not_asked(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        port = listening.getsockname()[1]
        with pytest.raises(Unavailable, match="does not answer"):
            await _ask(f"http://{host}:{port}/", outside)
        with pytest.raises(TimeoutError):
            listening.accept()


def test_in_a_trial_this_machine_may_be_asked_and_no_other_inside() -> None:
    outside_or_here((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 443))).close()
    with pytest.raises(OSError, match="not on the Internet"):
        outside_or_here((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("10.0.0.1", 443)))


async def _ask(url: str, sockets: aiohttp.SocketFactoryType) -> bytes:
    return await ask("somebody", url, None, {}, seconds=2, max_bytes=100, sockets=sockets)
