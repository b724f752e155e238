"""The TCToken (TR-03124-1 section 2.4): what the eID-Client on the citizen's device gets from us, and its links to us.

The client comes without the browser's cookies, so its address must say whose token it is. It sends the browser back to
the RefreshAddress only if that is at the same origin as the address of the token.
"""

from typing import NamedTuple
from urllib.parse import urlencode

from lxml import etree

from sk.xml import Malformed, child, local_name, parse, text

BINDING = "urn:liberty:paos:2006-08"
PATH_SECURITY = "urn:ietf:rfc:4279"
MEDIA_TYPE = "text/xml"
CLIENT = "127.0.0.1:24727/eID-Client"


class ClientLinks(NamedTuple):
    """How a browser starts the eID-Client with a token: by its server on this computer, or as an app on a phone."""

    desktop: str
    mobile: str


class TcToken(NamedTuple):
    """A token as a client reads it."""

    server_address: str
    session_identifier: str
    refresh_address: str
    error_address: str
    psk: bytes | None


def tctoken(
    server_address: str, session_identifier: str, refresh_address: str, error_address: str, psk: bytes | None
) -> bytes:
    """Return a token. Without a PSK it says nothing of a secured path: the eID-Server then looks after that itself."""
    values = {
        "ServerAddress": server_address,
        "SessionIdentifier": session_identifier,
        "RefreshAddress": refresh_address,
        "CommunicationErrorAddress": error_address,
        "Binding": BINDING,
    }
    token = etree.Element("TCTokenType")
    for name, value in values.items():
        if value:
            etree.SubElement(token, name).text = value
    if psk is not None:
        etree.SubElement(token, "PathSecurity-Protocol").text = PATH_SECURITY
        parameters = etree.SubElement(token, "PathSecurity-Parameters")
        etree.SubElement(parameters, "PSK").text = psk.hex().upper()
    return etree.tostring(token, encoding="UTF-8", xml_declaration=True)


def read_tctoken(raw: bytes) -> TcToken:
    """Return what a token says, or raise `Malformed` if a client would not take it."""
    token = parse(raw)
    if local_name(token) != "TCTokenType" or text(token, "Binding") != BINDING:
        raise Malformed
    parameters, protocol = child(token, "PathSecurity-Parameters"), text(token, "PathSecurity-Protocol")
    psk = text(parameters, "PSK") if parameters is not None else ""
    server, refresh = text(token, "ServerAddress"), text(token, "RefreshAddress")
    if not server or not refresh or protocol not in ("", PATH_SECURITY):
        raise Malformed
    try:
        secret = bytes.fromhex(psk) if psk else None
    except ValueError:
        raise Malformed from None
    return TcToken(server, text(token, "SessionIdentifier"), refresh, text(token, "CommunicationErrorAddress"), secret)


def client_links(token_url: str) -> ClientLinks:
    """Return the links that start the eID-Client with the token at an address."""
    query = urlencode({"tcTokenURL": token_url})
    return ClientLinks(f"http://{CLIENT}?{query}", f"eid://{CLIENT}?{query}")
