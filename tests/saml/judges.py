"""Who judges our messages beside those that read them: xmlsec1, and the schemas of the standard as Debian has them."""

import subprocess
from functools import cache
from pathlib import Path

from lxml import etree

from sk.saml.names import MD, SAML, SAMLP
from sk.xml import Element, Namespace
from tests.keeper import tool
from tests.saml.parties import Party

FOLDERS = (Path("/usr/share/xml/opensaml"), Path("/usr/share/xml/xmltooling"))
SCHEMAS = {SAMLP: "saml-schema-protocol-2.0.xsd", MD: "saml-schema-metadata-2.0.xsd"}
IDS = [f"{namespace.uri}:{name}" for namespace, name in ((SAMLP, "Response"), (SAML, "Assertion"))]


class _Files(etree.Resolver):
    """The schemas name each other by addresses on the Web; all of them are in these folders."""

    def resolve(self, url: str, public_id: str, context: object) -> object:  # type: ignore[override] # noqa: ARG002
        """See `etree.Resolver`."""
        (file,) = (found for folder in FOLDERS if (found := folder / url.rpartition("/")[2]).exists())
        return self.resolve_filename(str(file), context)  # type: ignore[attr-defined]


@cache
def schema() -> etree.XMLSchema:
    """Return the schemas of messages and metadata as one, out of Debian's opensaml-schemas and xmltooling-schemas."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Files())
    xs = Namespace("xs", "http://www.w3.org/2001/XMLSchema")
    imported = [xs("import", namespace=namespace.uri, schemaLocation=file) for namespace, file in SCHEMAS.items()]
    return etree.XMLSchema(etree.fromstring(etree.tostring(xs("schema", *imported)), parser))


def fault(document: str | bytes) -> str:
    """Return what the schemas have against a document, or nothing."""
    judge = schema()
    is_valid = judge.validate(etree.fromstring(document.encode() if isinstance(document, str) else document))
    return "" if is_valid else str(judge.error_log)


def xmlsec_agrees(element: Element, signer: Party, folder: Path) -> bool:
    """Tell whether xmlsec1 takes the signature of a document's root, which it knows by somebody's certificate alone."""
    (folder / "signed.xml").write_bytes(etree.tostring(element))
    (folder / "signer.pem").write_bytes(signer.certificate_pem)
    ids = [argument for one in IDS for argument in ("--id-attr:ID", one)]
    command = [tool("xmlsec1", "Debian's package xmlsec1"), "--verify", "--enabled-key-data", "rsa,x509"]
    known = ["--pubkey-cert-pem", "signer.pem", *ids, "signed.xml"]
    done = subprocess.run([*command, *known], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "SignedInfo References (ok/all): 1/1" in done.stderr
