"""A simulated eID-Server (TR-03130) for trials: its SOAP face, and what becomes of a card that somebody shows to it.

It keeps to the guideline where that binds a real one: every message is verified and signed, the counter of a session
goes up by one, a result is told once, and any answer but "no result yet" is the last of its session. It reads no cards.
"""

import re
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import NameOID

from sk.auth.eid.messages import ECARD_MINOR, MINOR, UNUSED, ResultMinor, Started
from sk.auth.eid.server import EidServer
from sk.auth.eid.simulator_messages import (
    GetResult,
    GetServerInfo,
    UseId,
    get_result_response,
    read_request,
    refusal,
    server_info_response,
    use_id_response,
)
from sk.auth.eid.simulator_personas import Persona, next_card, on_a_phone, personas
from sk.auth.eid.wsse import sign, verify
from sk.clock import Clock, local_day
from sk.errors import Damaged
from sk.xml import Element, Malformed

SESSIONS_MAX = 1000
LASTS = timedelta(minutes=10)
EARLY_REQUESTS = 2
"""How often the result is asked for in vain that comes late."""
PSK = re.compile(r"([0-9A-Fa-f]{2}){8,64}")
US, THEM = "Dienst im Testbetrieb", "eID-Simulator"
Choice = Literal[
    "pin", "deny-voluntary", "new-card", "lower-level", "late", "other-browser",
    "cancel", "wrong-pin", "expired", "blocked", "denied",
]  # fmt: skip
CHOICES: tuple[Choice, ...] = get_args(Choice)
CARDS = {"new-card": next_card, "lower-level": on_a_phone}
"""What is shown instead of somebody's card."""


class Ending(NamedTuple):
    """How a use of the card ends that reads nothing: the eID-Server's reason, and the client's on the way back."""

    minor: str
    client: str


ENDINGS: Mapping[str, Ending] = {
    "cancel": Ending(ECARD_MINOR + "sal#cancellationByUser", "cancellationByUser"),
    "wrong-pin": Ending(ECARD_MINOR + "al/common#unknownError", "clientError"),
    "expired": Ending(MINOR + "getResult#invalidDocument", "serverError"),
    "blocked": Ending(MINOR + "getResult#invalidDocument", "serverError"),
    "denied": Ending(MINOR + "getResult#deniedDocument", "serverError"),
}


class Identity(NamedTuple):
    """Who signs: a key, and the certificate by which it is known."""

    key: RSAPrivateKey
    certificate: x509.Certificate


@lru_cache(maxsize=8)
def identity(name: str) -> Identity:
    """Return somebody's fresh key with a certificate that it has signed itself. They live as long as this process."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return Identity(key, certificate)


@dataclass
class Session:
    """A use of the card that has begun. `answer` is the envelope of its result, once somebody has shown a card."""

    request: UseId
    identifier: str
    ends_at: datetime
    counter: int = 0
    answer: Element | None = None
    early: int = 0

    def obstacle(self, counter: int) -> ResultMinor | None:
        """Return what keeps a request with this counter from its result, or None."""
        if counter != self.counter + 1:
            return "getResult#invalidCounter"
        return "getResult#noResultYet" if self.answer is None or self.early else None


class Simulator:
    """The eID-Server of one trial. `level_name` is the element in which it tells the level: the texts know two."""

    def __init__(self, clock: Clock, base_url: str, level_name: str = "LevelOfAssuranceResult") -> None:
        """Begin with no sessions."""
        self.base_url = base_url
        self._clock = clock
        self._level_name = level_name
        self._sessions: dict[str, Session] = {}
        self._refusals: deque[ResultMinor] = deque()

    def client(self) -> EidServer:
        """Return this server as the platform asks it, without a network between the two."""
        return EidServer(self.soap, *identity(US), identity(THEM).certificate, "", self._clock)

    def personas(self) -> Mapping[str, Persona]:
        """Return the people whose cards can be shown."""
        return personas(local_day(self._clock.now()))

    def refuse_next(self, minor: ResultMinor) -> None:
        """Give a reason for an answer to the next message that is in order, whatever it asks for."""
        self._refusals.append(minor)

    def refuse_no_more(self) -> None:
        """Answer what is in order, whatever was to be refused."""
        self._refusals.clear()

    async def soap(self, action: str, message: bytes) -> bytes:
        """Answer a message under the name of its SOAPAction."""
        self._forget()
        return sign(self._answer(action.rpartition("/")[2], message), *identity(THEM), self._clock.now())

    def decide(self, session_identifier: str, persona: str, choice: Choice, minor: ResultMinor | None = None) -> str:
        """Let somebody's card be read, or not; return the reason with which the client comes back, empty if it was.

        With `minor` that is what the eID-Server answers instead, and the client does not notice.
        """
        self._forget()
        session = next((one for one in self._sessions.values() if one.identifier == session_identifier), None)
        if session is None or session.answer is not None:
            return "trustedChannelEstablishmentFailed"
        ending = Ending(MINOR + minor, "") if minor else ENDINGS.get(choice)
        if ending:
            session.answer = refusal("getResult", ending.minor)
            return ending.client
        session.answer = self._read(session.request, self.personas()[persona], choice)
        session.early = EARLY_REQUESTS if choice == "late" else 0
        return ""

    def _read(self, request: UseId, persona: Persona, choice: Choice) -> Element:
        """Return the answer that tells what was read from somebody's card, if that card will do."""
        card = CARDS[choice](persona.card) if choice in CARDS else persona.card
        if not request.takes(card):
            return refusal("getResult", MINOR + "getResult#deniedDocument")
        voluntary = [name for name, said in request.operations.items() if said == "ALLOWED"]
        denied = voluntary if choice == "deny-voluntary" else ()
        return get_result_response(request, card, denied, no_place=persona.no_place, level_name=self._level_name)

    def _answer(self, function: str, message: bytes) -> Element:
        """Return the envelope of an answer. Who has not signed as they should learn just that (section 3.5.2)."""
        try:
            body = verify(message, identity(US).certificate, self._clock.now())
        except Damaged:
            return refusal(function, MINOR + "common#internalError")
        try:
            request = read_request(body)
        except Malformed:
            return refusal(function, MINOR + "common#schemaViolation")
        match request:
            case UseId():
                return self._begin(request)
            case GetResult():
                return self._result(request)
            case GetServerInfo():
                return server_info_response()

    def _begin(self, request: UseId) -> Element:
        if minor := self._refusal() or self._objection(request):
            return refusal("useID", MINOR + minor)
        session_id, fresh = secrets.token_hex(16), (secrets.token_hex(16), secrets.token_hex(32))
        identifier, key = request.psk or fresh
        self._sessions[session_id] = Session(request, identifier, self._clock.now() + LASTS)
        address = f"https://{self.base_url.partition('://')[2]}/dev/ausweis/paos"
        return use_id_response(Started(session_id, identifier, bytes.fromhex(key), address))

    def _objection(self, request: UseId) -> ResultMinor | None:
        """Return why a use of the card cannot begin, or None."""
        if request.lacks_argument:
            return "useID#missingArgument"
        if UNUSED & set(request.requested):
            return "useID#missingTerminalRights"
        if request.psk and not all(PSK.fullmatch(one) for one in request.psk):
            return "useID#invalidPSK"
        return "useID#tooManyOpenSessions" if len(self._sessions) >= SESSIONS_MAX else None

    def _result(self, request: GetResult) -> Element:
        """Return the answer to a request for a result: the last of its session unless there is no result yet."""
        session = self._sessions.pop(request.session_id, None)
        if session is None:
            return refusal("getResult", MINOR + "getResult#invalidSession")
        minor = self._refusal() or session.obstacle(request.counter)
        if minor == "getResult#noResultYet":
            session.counter, session.early = request.counter, max(0, session.early - 1)
            self._sessions[request.session_id] = session
        if minor or session.answer is None:
            return refusal("getResult", MINOR + str(minor))
        return session.answer

    def _refusal(self) -> ResultMinor | None:
        return self._refusals.popleft() if self._refusals else None

    def _forget(self) -> None:
        """Forget the sessions whose time is over."""
        now = self._clock.now()
        self._sessions = {name: session for name, session in self._sessions.items() if session.ends_at > now}
