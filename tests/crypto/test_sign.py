import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from sk.crypto.sign import MAX_INTEGER, SMALL_ORDER, Signer, Signers, decode, encode, kid_of, load_public, strict_json
from sk.errors import Damaged
from tests.crypto.cases import UNHURRIED, Vector, cases, flipped_copies, load

TYP = "sk-statement+jws"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def signer_and_signers() -> tuple[Signer, Signers]:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    kid = kid_of("sign-web", key.public_key().public_bytes_raw())
    return Signer(kid, key), Signers({kid: ("sign-web", key.public_key())})


SIGNER, SIGNERS = signer_and_signers()
TRUSTED = Signers(
    {kid: (key["use"], load_public(decode(key["x"]))) for kid, key in load("sign.json")["signers"].items()}
)


@pytest.mark.parametrize("vector", cases("sign.json", fail=False))
def test_what_was_signed_elsewhere_is_believed(vector: Vector) -> None:
    assert TRUSTED.verify(vector["jws"], typ=vector["typ"], use=vector["use"]) == vector["payload"]


@pytest.mark.parametrize("vector", cases("sign.json", fail=True))
def test_what_is_not_signed_strictly_is_not_believed(vector: Vector) -> None:
    with pytest.raises(Damaged):
        TRUSTED.verify(vector["jws"], typ=vector["typ"], use=vector["use"])


@pytest.mark.parametrize("vector", cases("sign.json", "keys", fail=True))
def test_a_key_under_which_anything_is_signed_is_refused(vector: Vector) -> None:
    with pytest.raises(Damaged):
        load_public(decode(vector["x"]))


def test_a_key_of_small_order_would_verify_anything_if_it_came_in() -> None:
    neutral = bytes([1]) + bytes(31)
    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"whatever")

    assert neutral in SMALL_ORDER


def test_the_names_of_the_keys_follow_from_them() -> None:
    for kid, key in load("sign.json")["signers"].items():
        assert kid_of(key["use"], decode(key["x"])) == kid


@UNHURRIED
@given(st.dictionaries(st.text(), JSON))
def test_what_is_signed_is_read_as_it_was(payload: dict[str, object]) -> None:
    assert SIGNERS.verify(SIGNER.sign(TYP, payload), typ=TYP, use="sign-web") == payload


def test_every_flipped_bit_and_every_cut_of_a_signed_statement_is_refused() -> None:
    for copy in flipped_copies(SIGNER.sign(TYP, {"step": "accepted"}).encode()):
        with pytest.raises(Damaged):
            SIGNERS.verify(copy.decode("latin-1"), typ=TYP, use="sign-web")


def test_half_characters_are_refused_wherever_they_stand() -> None:
    for at in range(3):
        parts = SIGNER.sign(TYP, {"step": "accepted"}).split(".")
        parts[at] += "\udc00"
        with pytest.raises(Damaged):
            SIGNERS.verify(".".join(parts), typ=TYP, use="sign-web")


@pytest.mark.parametrize(
    "text", ['{"a":' * 100_000 + "1" + "}" * 100_000, '{"a":' + "[" * 100_000, '{"a":' + "9" * 10_000 + "}"]
)
def test_json_that_is_made_to_break_a_parser_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        strict_json(text.encode())


@UNHURRIED
@given(st.binary(max_size=50))
def test_bytes_have_one_spelling(raw: bytes) -> None:
    spelled = encode(raw)

    assert decode(spelled) == raw
    for other in (f"{spelled}=", f" {spelled}", f"{spelled}\n", f"{spelled}.", f"{spelled}A" * (len(spelled) % 4 == 0)):
        if other:
            with pytest.raises(Damaged):
                decode(other)


def test_what_was_signed_here_under_a_trusted_name_by_another_key_is_refused() -> None:
    trusted, forger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    kid = kid_of("sign-web", trusted.public_key().public_bytes_raw())
    signers = Signers({kid: ("sign-web", trusted.public_key())})

    assert signers.verify(Signer(kid, trusted).sign("t", {"a": 1}), typ="t", use="sign-web") == {"a": 1}
    with pytest.raises(Damaged):
        signers.verify(Signer(kid, forger).sign("t", {"a": 1}), typ="t", use="sign-web")
