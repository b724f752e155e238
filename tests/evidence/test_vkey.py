"""The verifier key is spelled as C2SP says."""

import base64

from sk.evidence.vkey import log_vkey


def test_the_verifier_key_is_that_of_the_example_in_the_specification() -> None:
    name, key_id, key = "example.com/foo", "530d903a", "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    public = base64.b64decode(key)[1:]

    assert log_vkey(name, public) == f"{name}+{key_id}+{key}"
