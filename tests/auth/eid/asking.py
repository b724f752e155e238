"""The simulated eID-Server, asked as the platform asks it, or as somebody who has come into its place."""

from datetime import date

from sk.auth.eid.card import CardData
from sk.auth.eid.messages import EID, Refused, Started, read_use_id
from sk.auth.eid.server import USE_ID, EidServer
from sk.auth.eid.simulator import Choice, Simulator
from sk.auth.eid.simulator_personas import personas
from sk.auth.eid.wsse import SOAP, sign, verify
from sk.xml import Element

BASE_URL = "https://konto.example.org"
TODAY = date(2026, 11, 23)
ERIKA = personas(TODAY)["erika"].card


async def read(simulator: Simulator, persona: str = "erika", choice: Choice = "pin") -> CardData:
    """Have a card read."""
    started = await simulator.client().use_id()
    assert simulator.decide(started.session_identifier, persona, choice) == ""
    return await simulator.client().get_result(started.session_id, 1)


def signed(envelope: Element, server: EidServer) -> bytes:
    """Return a message that the platform has signed."""
    return sign(envelope, server.key, server.certificate, server.clock.now())


async def told(server: EidServer, action: str, message: bytes) -> Element:
    """Return the Body of the answer to a message that somebody else may have sent."""
    return verify(await server.transport(action, message), server.server_certificate, server.clock.now())


async def asked_to_begin(server: EidServer, *inside: Element) -> Started | Refused:
    """Return what becomes of a request to begin that holds this."""
    envelope = SOAP("Envelope", SOAP("Body", EID("useIDRequest", *inside)))
    return read_use_id(await told(server, USE_ID, signed(envelope, server)))
