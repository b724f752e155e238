"""docs/formats/share.md is enough to open what was shared: here without a line of `sk`."""

from base64 import urlsafe_b64decode
from hashlib import sha256, shake_256

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from tests.safe.documents import put_in_parts
from tests.safe.shares import fetch, share
from tests.vectors.reference import CHUNK, base64url, context, open_stream
from tests.world import World

PARTS = [b"Guten Tag. " * 3000, b"x" * CHUNK, b"!"]


async def test_whoever_follows_the_page_opens_what_was_shared(world: World) -> None:
    stretched = shake_256(bytes(range(32))).digest(96)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(stretched[:64])
    x25519 = X25519PrivateKey.from_private_bytes(stretched[64:])
    public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
    erika, authority = await world.citizen(), await world.authority(sealing_key=base64url(public))
    share_id = await share(world, erika, authority, [await put_in_parts(world, erika, PARTS)])
    [document] = (await fetch(world, authority, share_id)).json()["documents"]
    body = (await fetch(world, authority, share_id, 1)).body

    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    sealed_key = urlsafe_b64decode(document["sealed_key"] + "==")
    info = context("share-key", "", f"{share_id}.1", 1)
    key = suite.decrypt(sealed_key, MLKEM768X25519PrivateKey(mlkem, x25519), info=info)
    plain = b""
    for stream in document["streams"]:
        length = 56 + stream["size"] + 16 * (stream["size"] // CHUNK + 1)
        plain += open_stream(key, context("safe-stream", "", stream["object"], 1), body[:length])
        body = body[length:]

    assert (plain, body) == (b"".join(PARTS), b"")
    assert sha256(plain).hexdigest() == document["sha256"]
