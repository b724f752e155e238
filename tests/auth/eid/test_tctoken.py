"""The token that a client gets from us: letter for letter, and refused by it when something is wrong."""

import pytest

from sk.auth.eid.tctoken import TcToken, client_links, read_tctoken, tctoken
from sk.xml import Malformed, parse

SERVER, REFRESH, ERROR = (
    "https://eid.example.org/paos",
    "https://konto.example.org/zurueck?id=1&t=2",
    "https://konto.example.org/fehler",
)
PSK = bytes(range(16))
TOKEN = """<?xml version='1.0' encoding='UTF-8'?>
<TCTokenType><ServerAddress>https://eid.example.org/paos</ServerAddress><SessionIdentifier>0987654321abcdef</SessionIdentifier>\
<RefreshAddress>https://konto.example.org/zurueck?id=1&amp;t=2</RefreshAddress>\
<CommunicationErrorAddress>https://konto.example.org/fehler</CommunicationErrorAddress>\
<Binding>urn:liberty:paos:2006-08</Binding><PathSecurity-Protocol>urn:ietf:rfc:4279</PathSecurity-Protocol>\
<PathSecurity-Parameters><PSK>000102030405060708090A0B0C0D0E0F</PSK></PathSecurity-Parameters></TCTokenType>"""


def test_a_token_holds_what_the_guideline_says_in_its_order() -> None:
    assert tctoken(SERVER, "0987654321abcdef", REFRESH, ERROR, PSK).decode() == TOKEN


def test_a_token_without_a_psk_says_nothing_of_a_secured_path() -> None:
    names = [str(one.tag) for one in parse(tctoken(SERVER, "0987654321abcdef", REFRESH, "", None))]

    assert names == ["ServerAddress", "SessionIdentifier", "RefreshAddress", "Binding"]


@pytest.mark.parametrize("psk", [PSK, None])
def test_what_is_written_into_a_token_is_read_from_it(psk: bytes | None) -> None:
    assert read_tctoken(tctoken(SERVER, "s", REFRESH, ERROR, psk)) == TcToken(SERVER, "s", REFRESH, ERROR, psk)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("urn:liberty:paos:2006-08", "urn:liberty:paos:2003-08"),
        ("urn:ietf:rfc:4279", "urn:ietf:rfc:5487"),
        ("TCTokenType", "Token"),
        ("RefreshAddress", "Refresh"),
        ("ServerAddress", "Server"),
        ("0102", "not hex"),
        ("<Binding>", "<Binding>urn:liberty:paos:2006-08</Binding><Binding>"),
        ("<?xml version='1.0' encoding='UTF-8'?>", "<!DOCTYPE TCTokenType>"),
    ],
)
def test_a_token_that_is_none_is_refused(before: str, after: str) -> None:
    assert before in TOKEN
    with pytest.raises(Malformed):
        read_tctoken(TOKEN.replace(before, after).encode())


def test_a_client_is_started_on_this_computer_or_on_a_phone() -> None:
    links = client_links("https://konto.example.org/eid/token?id=ä&x=1")

    query = "tcTokenURL=https%3A%2F%2Fkonto.example.org%2Feid%2Ftoken%3Fid%3D%C3%A4%26x%3D1"
    assert links.desktop == f"http://127.0.0.1:24727/eID-Client?{query}"
    assert links.mobile == f"eid://127.0.0.1:24727/eID-Client?{query}"
