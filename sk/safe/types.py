"""What a file is, by how it begins and how its name ends: for people to see, and to tell what a picture can be made of.

No type is refused. What a file claims to be decides nothing but the words beside its name: it is never run, and only
`sk render` looks inside.
"""

import mimetypes

import puremagic

UNKNOWN = "application/octet-stream"
SURE = 0.4
"""What puremagic thinks of a match by the first bytes; what it knows by the name alone it trusts less."""


def type_of(head: bytes, name: str) -> str:
    """Return the media type of a file by its first bytes and its name; of what nobody knows, `UNKNOWN`."""
    try:
        best = puremagic.magic_string(head, name)[0]
    except (puremagic.PureError, IndexError, ValueError):
        return _by_name(head, name)
    return best.mime_type if best.mime_type and best.confidence >= SURE else _by_name(head, name)


def _by_name(head: bytes, name: str) -> str:
    """Return the type of a text by its name: texts begin as they like, but without NUL."""
    guessed, encoding = mimetypes.guess_type(name)
    is_text = guessed is not None and guessed.startswith("text/") and encoding is None and b"\0" not in head
    return guessed if guessed and is_text else UNKNOWN
