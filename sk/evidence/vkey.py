"""The verifier key of the log (C2SP signed-note): the one thing that somebody who verifies must have beforehand."""

import base64
from hashlib import sha256

ED25519_NOTE = b"\x01"
KEY_ID_BYTES = 4


def log_vkey(origin: str, public: bytes) -> str:
    """Return `origin+key id+key`, as it is handed to whoever will verify."""
    key_id = sha256(origin.encode() + b"\n" + ED25519_NOTE + public).digest()[:KEY_ID_BYTES]
    return f"{origin}+{key_id.hex()}+{base64.b64encode(ED25519_NOTE + public).decode()}"
