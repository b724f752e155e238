"""The eID-Server that reads cards for us (TR-03130), asked over SOAP: begin a use of the card, fetch what was read.

Its word counts if it is signed by the certificate that the operator has named, and not otherwise. That a card is
refused is for its owner to hear; all other trouble is ours: it is logged, and may be over later.
"""

import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from sk.ask import ask
from sk.auth.eid.card import CardData
from sk.auth.eid.messages import (
    Refused,
    Started,
    get_result_request,
    read_get_result,
    read_use_id,
    use_id_request,
)
from sk.auth.eid.wsse import sign, verify
from sk.clock import Clock, SystemClock
from sk.config import Settings
from sk.errors import Damaged, Invalid, SkError, Unavailable
from sk.pem import certificate_in, key_and_certificate
from sk.xml import MAX_BYTES, Element

Action = str
Transport = Callable[[Action, bytes], Awaitable[bytes]]
"""Brings a signed message to the eID-Server, under the name of its SOAPAction, and returns the answer."""
USE_ID, GET_RESULT = "http://bsi.bund.de/eID/useID", "http://bsi.bund.de/eID/getResult"
ANSWER_SECONDS = 15
T = TypeVar("T")
log = logging.getLogger(__name__)


class NoResultYet(SkError):
    """The card was not read yet; ask again, with the next counter."""

    problem = "no-result-yet"


class CardUseOver(SkError):
    """The eID-Server knows this use of the card no more: it has told its result before, or too much time has passed."""

    problem = "card-use-over"


class CardRefused(SkError):
    """The card was not read, or does not count, and will not in this use of it: the owner has to begin again.

    `minor` is the reason as the eID-Server gives it: `getResult#invalidDocument` (expired, or blocked),
    `getResult#deniedDocument` (a kind of card that is not taken), or what a client or server of the eCard-API has said,
    such as `sal#cancellationByUser`.
    """

    problem = "card-refused"

    def __init__(self, minor: str) -> None:
        """Keep the reason."""
        super().__init__(f"the ID card was refused: {minor}")
        self.minor = minor


@dataclass(frozen=True)
class EidServer:
    """An eID-Server, with the key by which it knows us and the certificate by which we know it.

    `server_address` is where eID-Clients find it, unless its answers say so.
    """

    transport: Transport
    key: RSAPrivateKey
    certificate: x509.Certificate
    server_certificate: x509.Certificate
    server_address: str
    clock: Clock

    async def use_id(self) -> Started:
        """Begin a use of the card, or raise `Unavailable`."""
        started = await self._ask(USE_ID, use_id_request(), read_use_id)
        if isinstance(started, Refused):
            raise _trouble(started)
        address = started.server_address or self.server_address
        if not address:
            log.error("eid-server-has-no-address")
            raise Unavailable("the eID-Server does not say where cards are read")
        return started._replace(server_address=address)

    async def get_result(self, session_id: str, counter: int) -> CardData:
        """Return what was read from the card. The first request of a session has the counter 1, the next one 2.

        A result is told once. Whatever is raised but `NoResultYet` and `Unavailable` ends the session.
        """
        result = await self._ask(GET_RESULT, get_result_request(session_id, counter), read_get_result)
        if isinstance(result, CardData):
            return result
        match result.minor:
            case "getResult#noResultYet":
                raise NoResultYet
            case "getResult#invalidSession" | "getResult#invalidCounter":
                raise CardUseOver
            case minor if minor.startswith(("common#", "useID#")):
                raise _trouble(result)
        raise CardRefused(result.minor)

    async def _ask(self, action: Action, envelope: Element, read: Callable[[Element], T]) -> T:
        message = sign(envelope, self.key, self.certificate, self.clock.now())
        answer = await self.transport(action, message)
        try:
            return read(verify(answer, self.server_certificate, self.clock.now()))
        except Damaged:
            log.exception("eid-answer-refused", extra={"action": action})
            raise Unavailable("the eID-Server's answer cannot be taken") from None


def _trouble(refused: Refused) -> Unavailable:
    log.error("eid-server-refuses", extra={"minor": refused.minor})
    return Unavailable("the eID-Server cannot do it right now")


def eid_server_of(settings: Settings, clock: Clock | None = None) -> EidServer | None:
    """Return the eID-Server of an installation, or None if it has none; a wrong setting is `Invalid`, by its name."""
    if not settings.eid:
        return None
    if not settings.eid.startswith("https://"):
        raise Invalid("SK_EID must be https://…")
    if settings.eid_address and not settings.eid_address.startswith("https://"):
        raise Invalid("SK_EID_ADDRESS must be https://…")
    key, certificate = key_and_certificate("SK_EID_KEY", settings.eid_key)
    return EidServer(
        transport=http_transport(settings.eid, _tls(settings.eid_tls)),
        key=key,
        certificate=certificate,
        server_certificate=certificate_in("SK_EID_SERVER_CERT", settings.eid_server_cert),
        server_address=settings.eid_address,
        clock=clock or SystemClock(),
    )


def http_transport(url: str, context: ssl.SSLContext, seconds: float = ANSWER_SECONDS) -> Transport:
    """Return how messages are brought to an address.

    Errors of TR-03130 come with the status 200; what comes with another one is no answer.
    """

    async def send(action: str, message: bytes) -> bytes:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        return await ask("the eID-Server", url, message, headers, seconds=seconds, max_bytes=MAX_BYTES, tls=context)

    return send


def _tls(files: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if files:
        certificate, _, key = files.partition(",")
        try:
            context.load_cert_chain(certificate, key or None)
        except OSError as error:
            raise Invalid(f"SK_EID_TLS: {certificate} and {key} cannot be used: {error}") from None
    return context
