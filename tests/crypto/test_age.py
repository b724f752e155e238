import zlib
from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.crypto.age import CHUNK_BYTES, TAG_BYTES, AgeDecryptor, AgeEncryptor
from sk.errors import Damaged, Invalid
from tests.crypto.age_files import VERSION, X25519, Chunk, authentic, header, payload, payload_cipher, stanza
from tests.crypto.cases import UNHURRIED, Vector, flipped_copies, load
from tests.vectors.reference import pattern

PASSPHRASE = "vier Wörter, die niemand errät"
SEALED = CHUNK_BYTES + TAG_BYTES
FULL = pattern(CHUNK_BYTES)
OURS = stanza(PASSPHRASE)
HEAD = header(OURS)
PAYLOAD_AT = len(HEAD) + 16
SIZES = st.builds(
    lambda chunks, more: max(0, chunks * CHUNK_BYTES + more),
    st.integers(0, 3),
    st.integers(-2, 2) | st.integers(0, 9999),
)
VECTORS: list[Vector] = load("age-cctv.json")["vectors"]
WHOLE = ""
DAMAGED = "damaged"


def opened(sealed: bytes, passphrase: str = PASSPHRASE, block: int = 10_007) -> tuple[bytes, str]:
    """Return what comes out of a file that comes in blocks, and the problem with it, if there is one."""
    decryptor, came = AgeDecryptor(passphrase), b""
    try:
        for at in range(0, len(sealed), block):
            came += decryptor.update(sealed[at : at + block])
        return came + decryptor.finish(), WHOLE
    except Damaged:
        return came, DAMAGED
    except Invalid as error:
        return came, error.problem


def sealed_by_us(plain: bytes, block: int = 10_007) -> bytes:
    """Encrypt what comes in blocks, at little cost."""
    encryptor = AgeEncryptor(PASSPHRASE, work_factor=1)
    pieces = [encryptor.update(plain[at : at + block]) for at in range(0, len(plain), block)]
    return b"".join([encryptor.begin(), *pieces, encryptor.finish()])


def file_of(*chunks: Chunk) -> bytes:
    """Return a file with any chunks."""
    return HEAD + payload(chunks)


@UNHURRIED
@given(SIZES, st.integers(100, 200_000), st.integers(100, 200_000))
def test_what_is_encrypted_as_it_passes_comes_back(size: int, block: int, other: int) -> None:
    sealed = sealed_by_us(pattern(size), block)

    assert len(sealed) == PAYLOAD_AT + size + max(1, -(-size // CHUNK_BYTES)) * TAG_BYTES
    assert opened(sealed, block=other) == (pattern(size), WHOLE)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_a_file_made_by_the_letter_of_the_specification_opens(size: int) -> None:
    numbers = range(max(1, -(-size // CHUNK_BYTES)))
    chunks = [(pattern(size)[n * CHUNK_BYTES :][:CHUNK_BYTES], n, n == numbers[-1]) for n in numbers]

    assert opened(file_of(*chunks)) == (pattern(size), WHOLE)


def test_every_file_has_keys_of_its_own() -> None:
    (_, *one, rest), (_, *other, another) = (sealed_by_us(b"the same").split(b"\n", 4) for _ in range(2))
    drawn = zip([*one, rest[:16], rest[16:]], [*other, another[:16], another[16:]], strict=True)

    assert [left == right for left, right in drawn] == [False] * 5
    assert opened(b"\n".join([VERSION.strip(), *one, another])) == (b"", DAMAGED)


@pytest.mark.parametrize("vector", [v for v in VECTORS if "passphrase" in v], ids=lambda v: v["name"])
def test_a_header_made_elsewhere_is_judged_as_its_vector_says(vector: Vector) -> None:
    came, problem = opened(b64decode(vector["file"]), vector["passphrase"], block=1)

    expected = {
        "success": {WHOLE},
        "no match": {"passphrase-wrong"},
        "header failure": {DAMAGED, "age-other", "age-work-factor"},
    }[vector["expect"]]
    expected = {"armor_scrypt": {"age-armored"}, "scrypt_uppercase": {"age-other"}}.get(vector["name"], expected)
    assert problem in expected
    if problem == WHOLE:
        assert sha256(came).hexdigest() == vector["payload"]
    else:
        assert came == b""


@pytest.mark.parametrize("vector", [v for v in VECTORS if "passphrase" not in v], ids=lambda v: v["name"])
def test_a_payload_made_elsewhere_is_judged_as_its_vector_says(vector: Vector) -> None:
    packed = b64decode(vector["file"])
    file = zlib.decompress(packed) if "compressed" in vector else packed
    file_key = bytes.fromhex(vector["file_key"])
    sealed = file.partition(b"\n--- ")[2].partition(b"\n")[2]
    plain = authentic(payload_cipher(sealed[:16], file_key), sealed[16:])

    came, problem = opened(header(stanza(PASSPHRASE, file_key=file_key), file_key=file_key) + sealed)

    assert sha256(plain).hexdigest() == vector.get("payload", sha256(b"").hexdigest())
    if vector["expect"] == "success":
        assert (came, problem) == (plain, WHOLE)
    else:  # we wait with a full chunk until something follows it, so that less may come
        assert problem == DAMAGED
        assert len(plain) - CHUNK_BYTES <= len(came) <= len(plain)
        assert plain.startswith(came)


def test_nothing_comes_out_of_a_file_whose_head_is_changed_or_cut() -> None:
    rest = file_of((b"a document", 0, True))[PAYLOAD_AT:]

    for head in flipped_copies(file_of()):
        came, problem = opened(head + rest)
        assert (came, problem != WHOLE) == (b"", True), head


@pytest.mark.parametrize("at", [0, 1, CHUNK_BYTES, SEALED - 1])
@pytest.mark.parametrize("chunk", [0, 1, 2])
def test_no_byte_of_a_changed_chunk_comes_out_nor_of_what_follows_it(chunk: int, at: int) -> None:
    sealed = bytearray(file_of((FULL, 0, False), (FULL, 1, False), (FULL, 2, True)))
    sealed[PAYLOAD_AT + chunk * SEALED + at] ^= 1

    assert opened(bytes(sealed)) == (FULL * chunk, DAMAGED)


def test_a_decryptor_that_has_refused_a_chunk_never_goes_on() -> None:
    sealed = bytearray(file_of((FULL, 0, False), (FULL, 1, False), (FULL, 2, True)))
    sealed[PAYLOAD_AT] ^= 1
    decryptor = AgeDecryptor(PASSPHRASE)

    for more in (bytes(sealed), b"", b"more"):
        with pytest.raises(Damaged):
            decryptor.update(more)
    with pytest.raises(Damaged):
        decryptor.finish()


@pytest.mark.parametrize("more", [-1, 0, 1, TAG_BYTES])
@pytest.mark.parametrize("chunk", [0, 1, 2])
def test_a_file_that_ends_early_is_damaged(chunk: int, more: int) -> None:
    sealed = file_of((FULL, 0, False), (FULL, 1, False), (FULL, 2, True))

    came, problem = opened(sealed[: PAYLOAD_AT + chunk * SEALED + more])

    assert problem == DAMAGED
    assert came == FULL * (chunk - (more <= 0 < chunk))


@pytest.mark.parametrize("plain", [b"", b"short", FULL, FULL + b"short"], ids=len)
def test_a_byte_behind_the_end_is_damage(plain: bytes) -> None:
    came, problem = opened(sealed_by_us(plain) + b"\0")

    assert problem == DAMAGED
    assert came == plain[: (len(plain) - 1) // CHUNK_BYTES * CHUNK_BYTES]


@pytest.mark.parametrize(
    ("chunks", "comes"),
    [
        ([(FULL, 0, False), (b"", 1, True)], FULL),
        ([(FULL, 0, False), (FULL, 1, False)], FULL),
        ([(FULL, 0, False), (FULL, 0, False), (b"end", 1, True)], FULL),
        ([(FULL, 0, False), (b"end", 2, True)], FULL),
        ([(FULL, 1, False), (FULL, 0, False), (b"end", 2, True)], b""),
        ([(FULL, 0, True), (b"end", 1, True)], b""),
        ([(b"short", 0, False), (b"end", 1, True)], b""),
        ([(FULL + b"more", 0, True)], b""),
    ],
    ids=["empty at the end", "no end", "twice", "one lost", "swapped", "two ends", "short before the end", "long"],
)
def test_chunks_that_are_authentic_and_still_no_file_are_damage(chunks: list[Chunk], comes: bytes) -> None:
    assert opened(file_of(*chunks)) == (comes, DAMAGED)


@pytest.mark.parametrize("passphrase", ["", "another one", PASSPHRASE + " ", PASSPHRASE.upper()])
def test_a_passphrase_that_does_not_fit_is_told_from_damage(passphrase: str) -> None:
    assert opened(sealed_by_us(b"a document"), passphrase) == (b"", "passphrase-wrong")


def test_what_is_wrong_names_the_field_that_it_is_about() -> None:
    with pytest.raises(Invalid, match="passphrase does not fit") as wrong:
        AgeDecryptor("another one").update(sealed_by_us(b"a document"))
    with pytest.raises(Invalid, match="no file that age has encrypted") as other:
        AgeDecryptor(PASSPHRASE).update(pattern(1000))

    assert (wrong.value.field, other.value.field) == ("passphrase", "file")


@pytest.mark.parametrize("told", ["19", "30", "64", "99"])
def test_a_file_that_costs_too_much_is_refused_without_a_try(told: str) -> None:
    sealed = header(stanza(PASSPHRASE, work_factor=told)) + payload([(b"", 0, True)])

    assert opened(sealed) == (b"", "age-work-factor")


@pytest.mark.parametrize(
    ("sealed", "problem"),
    [
        (header(OURS, OURS), DAMAGED),
        (header(OURS, X25519), DAMAGED),
        (header(OURS, b"-> example.com/enigma\n\n"), DAMAGED),
        (header(X25519, OURS), "age-other"),
        (header(X25519), "age-other"),
        (header(b"-> example.com/enigma\n\n", OURS), "age-other"),
        (header(), "age-other"),
        (header(stanza(PASSPHRASE, work_factor="100")), DAMAGED),
        (header(stanza(PASSPHRASE, work_factor="1" * 5000)), DAMAGED),
        (header(stanza(PASSPHRASE, work_factor="01")), DAMAGED),
        (header(stanza(PASSPHRASE, work_factor="0")), DAMAGED),
        (header(OURS.replace(b" 1\n", b" 1 \n")), DAMAGED),
        (header(OURS).replace(b"\n--- ", b"\n---  "), DAMAGED),
        (header(OURS)[:-1] + b"=\n", DAMAGED),
        (header(OURS, file_key=bytes(16)), DAMAGED),
        (header(OURS).replace(b"\n", b"\r\n"), "age-other"),
        (HEAD[:-1] + b"\r\n", DAMAGED),
        (HEAD[:-2] + bytes([HEAD[-2] + 1]) + b"\n", DAMAGED),
        (header(OURS).replace(b"/v1", b"/v2"), "age-other"),
        (b"\n" + header(OURS), "age-other"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl", "age-armored"),
        (b"\r\n-----BEGIN AGE ENCRYPTED FILE-----\r\nYWdl", "age-armored"),
        (b"PK\x03\x04", "age-other"),
    ],
)
def test_what_is_no_file_for_this_passphrase_alone_is_refused(sealed: bytes, problem: str) -> None:
    assert opened(sealed + payload([(b"a document", 0, True)])) == (b"", problem)


@pytest.mark.parametrize("sealed", [b"", b"age-", HEAD[:30]], ids=len)
def test_a_file_that_is_over_before_it_has_begun_is_none(sealed: bytes) -> None:
    assert opened(sealed) == (b"", "age-other")


def test_a_chunk_leaves_as_soon_as_something_follows_it() -> None:
    encryptor, decryptor = AgeEncryptor(PASSPHRASE, work_factor=1), AgeDecryptor(PASSPHRASE)
    sealed = encryptor.begin()
    came = 0
    for blocks in range(1, 100):
        sealed += encryptor.update(bytes(10_007))
        came += len(decryptor.update(sealed))
        sealed = b""
        assert blocks * 10_007 - came <= 2 * SEALED

    assert came > 0
