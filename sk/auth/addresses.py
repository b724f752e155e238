"""E-mail addresses, as every mail server takes them."""

import re
import unicodedata

from sk.errors import Invalid

ADDRESS = re.compile(r"[^\s@<>\",;:()\[\]\\%\x00-\x1f\x7f-\x9f]{1,64}@[^\s@<>\"\x00-\x1f\x7f-\x9f]{1,255}")
"""Nothing before the `@` that a mail server takes for a list, a comment or a route to somewhere else."""
DOMAIN = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?![0-9]+\Z)[a-z0-9-]{2,63}", re.IGNORECASE)
"""A domain below another one: no machine of our own network, and no IP address."""


def mailable(email: str, field: str = "email") -> str:
    """Return an address in the ASCII that every mail server takes: of a domain with other letters, its A-labels."""
    if not ADDRESS.fullmatch(email):
        raise Invalid(f"{email} is no e-mail address", field=field, problem="no-address")
    local, _, domain = unicodedata.normalize("NFC", email).partition("@")
    if not local.isascii():
        said = f"{email} has letters before the @ that not every mail server takes"
        raise Invalid(said, field=field, problem="no-address")
    try:
        encoded = domain.encode("idna").decode()
        read_back = domain if domain.isascii() else encoded.encode().decode("idna")
    except UnicodeError:
        raise Invalid(f"{email}: {domain} is no domain", field=field, problem="no-address") from None
    if read_back.lower() != domain.lower():  # Python's IDNA of 2003 takes straße.de for strasse.de: somebody else's
        said = f"{email}: please write {domain} in its ASCII form, with xn--"
        raise Invalid(said, field=field, problem="no-address")
    if not DOMAIN.fullmatch(encoded):
        raise Invalid(f"{email}: {domain} is no domain", field=field, problem="no-address")
    return f"{local}@{encoded}"
