"""Requests that the portal itself has signed, in another way than the one that is taken: nothing goes round that."""

from copy import deepcopy

from lxml import etree

from sk.saml.names import SAMLP
from sk.saml.signature import ENVELOPED
from sk.xml import Element
from sk.xmldsig import DS, EXC
from tests.saml.asking import (
    CANONICALIZATION,
    DIGEST_METHOD,
    INFORMATION,
    ISSUER,
    METHOD,
    REFERENCE,
    SIGNATURE,
    TRANSFORMS,
    Change,
    part,
)

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"


def attribute(path: str, name: str, value: str) -> Change:
    """Give an element another attribute."""
    return lambda root: part(root, path).set(name, value)


def transforms(*algorithms: str) -> Change:
    """Have the request transformed in other ways."""

    def change(root: Element) -> None:
        made = DS("Transforms", *(DS("Transform", Algorithm=algorithm) for algorithm in algorithms))
        part(root, REFERENCE).replace(part(root, TRANSFORMS), made)

    return change


def xpath(root: Element) -> None:
    """Have a part left out before it is digested."""
    part(root, TRANSFORMS).insert(0, DS("Transform", DS("XPath", "not(ancestor-or-self::Issuer)"), Algorithm=XPATH))


def no_transforms(root: Element) -> None:
    """Say nothing of how it is made canonical."""
    part(root, REFERENCE).remove(part(root, TRANSFORMS))


def another_element(root: Element) -> None:
    """Sign the Issuer alone."""
    part(root, ISSUER).set("ID", "other")
    part(root, REFERENCE).set("URI", "#other")


def an_extension(root: Element) -> None:
    """Sign something that is no part of what is read."""
    part(root, SIGNATURE).addnext(SAMLP("Extensions", etree.Element("{urn:example}x", ID="other")))
    part(root, REFERENCE).set("URI", "#other")


def one_more(root: Element) -> None:
    """Sign something beside the request."""
    part(root, ISSUER).set("ID", "other")
    more = deepcopy(part(root, REFERENCE))
    more.set("URI", "#other")
    part(root, INFORMATION).append(more)


def manifest(root: Element) -> None:
    """Sign a list of what is signed."""
    part(root, REFERENCE).set("Type", f"{DS.uri}Manifest")


def output_length(root: Element) -> None:
    """Have only so much of the signature compared, as can be said for HMAC."""
    part(root, METHOD).append(DS("HMACOutputLength", "8"))


def many_prefixes(root: Element) -> None:
    """Have more prefixes declared than anybody needs."""
    inclusive = EXC("InclusiveNamespaces", PrefixList=" ".join(f"p{number}" for number in range(33)))
    part(root, CANONICALIZATION).append(inclusive)


def void(root: Element) -> None:
    """Have no canonical form."""
    policy = part(root, SAMLP.tag("NameIDPolicy"))
    policy.addnext(etree.fromstring('<v:x xmlns:v="1"/>'))


def no_id(root: Element) -> None:
    """Have no id, and refer to it by the name of nothing."""
    del root.attrib["ID"]
    part(root, REFERENCE).set("URI", "#None")


def empty_id(root: Element) -> None:
    """Have an empty id."""
    root.set("ID", "")
    part(root, REFERENCE).set("URI", "#")


FORGERIES: dict[str, Change] = {
    "the whole document is referred to": attribute(REFERENCE, "URI", ""),
    "the request is referred to by XPointer": attribute(REFERENCE, "URI", "#xpointer(/)"),
    "something elsewhere is referred to": attribute(REFERENCE, "URI", "http://127.0.0.1:1/"),
    "another element is signed": another_element,
    "an extension is signed": an_extension,
    "one more element is signed": one_more,
    "a list of references is signed": manifest,
    "the request has no id": no_id,
    "the request has an empty id": empty_id,
    "the request is transformed by XPath": xpath,
    "the request is transformed by XSLT": transforms(ENVELOPED, XSLT),
    "the request is made canonical inclusively": transforms(ENVELOPED, INCLUSIVE),
    "the request is made canonical with comments": transforms(ENVELOPED, f"{EXC.uri}WithComments"),
    "the request is made canonical twice": transforms(ENVELOPED, EXC.uri, EXC.uri),
    "the request is made canonical before its signature is taken out": transforms(EXC.uri, ENVELOPED),
    "the request is not taken as enveloped": transforms(EXC.uri),
    "nothing is said of how the request is transformed": no_transforms,
    "the signed information is made canonical inclusively": attribute(CANONICALIZATION, "Algorithm", INCLUSIVE),
    "more prefixes are declared than anybody needs": many_prefixes,
    "the digest is SHA-1": attribute(DIGEST_METHOD, "Algorithm", f"{DS.uri}sha1"),
    "the digest is SHA-512": attribute(DIGEST_METHOD, "Algorithm", "http://www.w3.org/2001/04/xmlenc#sha512"),
    "the signature is said to be none": attribute(METHOD, "Algorithm", "none"),
    "the signature is said to be empty": attribute(METHOD, "Algorithm", ""),
    "the signature is said to be an HMAC": attribute(METHOD, "Algorithm", f"{MORE}hmac-sha256"),
    "the signature is said to be of RSA with SHA-1": attribute(METHOD, "Algorithm", f"{DS.uri}rsa-sha1"),
    "the signature is said to be of elliptic curves": attribute(METHOD, "Algorithm", f"{MORE}ecdsa-sha256"),
    "the signature is said to be padded otherwise than it is": attribute(
        METHOD, "Algorithm", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
    ),
    "only a part of the signature is to be compared": output_length,
    "a namespace is named relatively": void,
}
"""Each is signed after the change, so that only the way is wrong in which it is signed."""
