"""The eID-Server of an installation: a wrong setting stops the start and is named, and with right ones it is asked."""

from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_pem_x509_certificate

from sk.auth.eid.server import EidServer, eid_server_of, http_transport
from sk.auth.eid.simulator import Simulator
from sk.config import load_settings
from sk.errors import Invalid, Unavailable
from tests.auth.eid.parties import certificate_of
from tests.auth.eid.tls import Pair, new_pair, served
from tests.fakes import FakeClock
from tests.process import run_sk

URL = "https://eid.example.org/soap"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """Return keys and certificates: ours, the eID-Server's, and one of a kind that does not sign messages."""
    folder = tmp_path_factory.mktemp("eid")
    return {name: new_pair(folder, name) for name in ("ours", "theirs")}


def server(pairs: dict[str, Pair], **settings: str) -> EidServer | None:
    """Return the eID-Server of an installation with these settings beside right ones."""
    right = {"eid": URL, "eid_key": pairs["ours"].setting, "eid_server_cert": str(pairs["theirs"].certificate)}
    return eid_server_of(load_settings({**right, **settings}))


def test_an_installation_that_names_no_eid_server_has_none(pairs: dict[str, Pair]) -> None:
    assert server(pairs, eid="") is None


def test_an_eid_server_is_known_by_the_certificate_that_is_named_and_knows_us_by_ours(pairs: dict[str, Pair]) -> None:
    found = server(pairs, eid_address="https://eid.example.org/paos", eid_tls=pairs["ours"].setting)

    assert found
    assert found.server_address == "https://eid.example.org/paos"
    assert found.server_certificate == load_pem_x509_certificate(pairs["theirs"].certificate.read_bytes())
    assert found.key.public_key() == found.certificate.public_key()


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("eid", "http://eid.example.org/", "SK_EID must be https"),
        ("eid", "eid.example.org", "SK_EID must be https"),
        ("eid_address", "http://eid.example.org/", "SK_EID_ADDRESS must be https"),
        ("eid_key", "", "SK_EID_KEY: no file cannot be read as a certificate"),
        ("eid_key", "missing.pem,missing.key", "SK_EID_KEY: missing.pem cannot be read as a certificate"),
        ("eid_server_cert", "", "SK_EID_SERVER_CERT: no file cannot be read as a certificate"),
        ("eid_server_cert", "missing.pem", "SK_EID_SERVER_CERT: missing.pem cannot be read"),
        ("eid_tls", "missing.pem,missing.key", "SK_EID_TLS: missing.pem and missing.key cannot be used"),
    ],
)
def test_a_wrong_setting_is_named(pairs: dict[str, Pair], setting: str, value: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=f"^{sentence}"):
        server(pairs, **{setting: value})


def test_a_key_that_is_missing_or_another_one_than_the_certificates_is_named(pairs: dict[str, Pair]) -> None:
    ours, theirs = pairs["ours"], pairs["theirs"]
    for files in (f"{ours.certificate}", f"{ours.certificate},missing.key", f"{ours.certificate},{ours.certificate}"):
        with pytest.raises(Invalid, match=r"^SK_EID_KEY: .* cannot be read as a key in PEM"):
            server(pairs, eid_key=files)
    with pytest.raises(Invalid, match=r"^SK_EID_KEY: the key is not that of the certificate"):
        server(pairs, eid_key=f"{ours.certificate},{theirs.key}")


def test_a_certificate_of_elliptic_curves_signs_no_messages(pairs: dict[str, Pair], tmp_path: Path) -> None:
    key = generate_private_key(SECP256R1())
    certificate = certificate_of(key)
    (file := tmp_path / "ec.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (key_file := tmp_path / "ec.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for wrong, name in (
        ({"eid_key": f"{file},{key_file}"}, "SK_EID_KEY"),
        ({"eid_server_cert": str(file)}, "SK_EID_SERVER_CERT"),
    ):
        with pytest.raises(Invalid, match=f"^{name}: .* must be of an RSA key of 2048 bits or more"):
            server(pairs, **wrong)


def test_a_wrong_setting_stops_the_start(tmp_path: Path) -> None:
    environment = {"SK_DATA": str(tmp_path / "data"), "SK_EID": URL, "SK_PORT": "0"}

    ended = run_sk(tmp_path, environment, "up")

    assert ended.returncode == 1
    assert "SK_EID_KEY: no file cannot be read as a certificate in PEM" in ended.stderr


async def test_an_eid_server_may_ask_for_a_certificate_in_tls(pairs: dict[str, Pair], clock: FakeClock) -> None:
    simulator = Simulator(clock, "https://konto.example.org")

    async def handle(request: web.Request) -> web.Response:
        answer = await simulator.soap(request.headers["SOAPAction"].strip('"'), await request.read())
        return web.Response(body=answer, content_type="text/xml")

    app = web.Application()
    app.router.add_post("/", handle)
    trusting, knowing = pairs["theirs"].trusted(), pairs["theirs"].trusted()
    knowing.load_cert_chain(pairs["ours"].certificate, pairs["ours"].key)
    async with served(app, pairs["theirs"].served(clients=pairs["ours"])) as origin:
        client = simulator.client()
        started = await replace(client, transport=http_transport(origin, knowing)).use_id()
        assert started.server_address == "https://konto.example.org/dev/ausweis/paos"
        with pytest.raises(Unavailable):
            await replace(client, transport=http_transport(origin, trusting)).use_id()
