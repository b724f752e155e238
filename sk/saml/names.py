"""How SAML 2.0 calls things: namespaces, bindings, formats, and what a status says."""

from typing import Final

from sk.xml import Namespace

SAML = Namespace("saml", "urn:oasis:names:tc:SAML:2.0:assertion")
SAMLP = Namespace("samlp", "urn:oasis:names:tc:SAML:2.0:protocol")
MD = Namespace("md", "urn:oasis:names:tc:SAML:2.0:metadata")
XENC = Namespace("xenc", "http://www.w3.org/2001/04/xmlenc#")
XENC11 = Namespace("xenc11", "http://www.w3.org/2009/xmlenc11#")
POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
URI: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS: Final = f"{STATUS}Success"
