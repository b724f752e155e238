"""Messages that somebody with the right key has signed in another way than ours: made anew, and yet they are refused.

So there is one way to sign, and nothing that XML Signature offers beside it makes a way round.
"""

from collections.abc import Callable
from copy import deepcopy

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA512

from sk.auth.eid.wsse import ID, WSU
from sk.xml import Element
from sk.xmldsig import DS, EXC
from tests.auth.eid.parties import (
    BODY,
    CONTENT,
    INFORMATION,
    SIGNATURE,
    TIMESTAMP,
    forged,
    part,
    refuses,
)

REFERENCES = f"{INFORMATION}/{DS.tag('Reference')}"
BODY_REFERENCE = f"{REFERENCES}[2]"
TRANSFORMS = DS.tag("Transforms")
METHOD = f"{INFORMATION}/{DS.tag('SignatureMethod')}"
CANONICALIZATION = f"{INFORMATION}/{DS.tag('CanonicalizationMethod')}"
DSIG_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
Change = Callable[[Element], None]


def reference_to(root: Element, path: str) -> Element:
    """Return the reference to an element."""
    uri = f"#{part(root, path).get(ID)}"
    (found,) = (one for one in root.findall(REFERENCES) if one.get("URI") == uri)
    return found


def drop_reference(path: str) -> Change:
    """Leave out a reference."""

    def change(root: Element) -> None:
        part(root, INFORMATION).remove(reference_to(root, path))

    return change


def twice(path: str, instead_of: str) -> Change:
    """Refer to one element twice and not to another one."""

    def change(root: Element) -> None:
        reference_to(root, instead_of).set("URI", str(reference_to(root, path).get("URI")))

    return change


def refer(to: str) -> Change:
    """Refer to something else instead of the Body."""
    return lambda root: reference_to(root, BODY).set("URI", to)


def another_element(root: Element) -> None:
    """Sign the SecurityTokenReference in the place of the Body."""
    other = part(root, f"{SIGNATURE}/{DS.tag('KeyInfo')}")
    other.set("Id", "other")
    reference_to(root, BODY).set("URI", "#other")


def one_more(root: Element) -> None:
    """Sign something beside the two."""
    part(root, f"{SIGNATURE}/{DS.tag('KeyInfo')}").set("Id", "other")
    part(root, INFORMATION).append(DS("Reference", *deepcopy(reference_to(root, BODY)), URI="#other"))


def child_of_the_body(root: Element) -> None:
    """Sign what is in the Body, and not the Body."""
    part(root, f"{BODY}/{CONTENT.tag('word')}").set(ID, "word")
    reference_to(root, BODY).set("URI", "#word")


def no_id(root: Element) -> None:
    """Have no id, and refer to it by the name of nothing."""
    del part(root, BODY).attrib[ID]
    part(root, BODY_REFERENCE).set("URI", "#None")


def attribute(path: str, name: str, value: str) -> Change:
    """Give an element another attribute."""
    return lambda root: part(root, path).set(name, value)


def transforms(*algorithms: str) -> Change:
    """Have the Body transformed in other ways."""

    def change(root: Element) -> None:
        made = DS("Transforms", *(DS("Transform", Algorithm=algorithm) for algorithm in algorithms))
        reference = reference_to(root, BODY)
        reference.replace(part(reference, TRANSFORMS), made)

    return change


def xpath(root: Element) -> None:
    """Have a part of the Body left out before it is digested."""
    transform = DS(
        "Transform", DS("XPath", "not(ancestor-or-self::t)"), Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"
    )
    part(reference_to(root, BODY), TRANSFORMS).insert(0, transform)


def no_transforms(root: Element) -> None:
    """Say nothing of how the Body is made canonical: then XML Signature has it made so with its namespaces."""
    reference = reference_to(root, BODY)
    reference.remove(part(reference, TRANSFORMS))


def digest(algorithm: str) -> Change:
    """Name another digest."""
    return lambda root: part(reference_to(root, BODY), DS.tag("DigestMethod")).set("Algorithm", algorithm)


def output_length(root: Element) -> None:
    """Have only so much of the signature compared, as can be said for HMAC."""
    part(root, METHOD).append(DS("HMACOutputLength", "8"))


def many_prefixes(root: Element) -> None:
    """Have more prefixes declared than anybody needs."""
    inclusive = EXC("InclusiveNamespaces", PrefixList=" ".join(f"p{n}" for n in range(33)))
    part(root, CANONICALIZATION).append(inclusive)


def times(created: str, expires: str) -> Change:
    """Say other times."""

    def change(root: Element) -> None:
        made, ends = part(root, TIMESTAMP)
        made.text, ends.text = created, expires

    return change


def no_expiry(root: Element) -> None:
    """Be good for ever."""
    timestamp = part(root, TIMESTAMP)
    timestamp.remove(part(timestamp, WSU.tag("Expires")))


FORGERIES: dict[str, Change] = {
    "the body is not signed": drop_reference(BODY),
    "the time is not signed": drop_reference(TIMESTAMP),
    "the time is signed twice, the body not at all": twice(TIMESTAMP, BODY),
    "the body is signed twice, the time not at all": twice(BODY, TIMESTAMP),
    "another element is signed": another_element,
    "one more element is signed": one_more,
    "the body has no id": no_id,
    "what is in the body is signed": child_of_the_body,
    "the whole document is referred to": refer(""),
    "the body is referred to by XPointer": refer("#xpointer(/)"),
    "the body is referred to by XPointer and id": refer("#xpointer(id('x'))"),
    "something elsewhere is referred to": refer("http://127.0.0.1:1/"),
    "nothing is referred to": refer("#nothing"),
    "a reference has a type": attribute(BODY_REFERENCE, "Type", DS.uri + "Object"),
    "the body is transformed by XPath": xpath,
    "the body is transformed by XSLT": transforms("http://www.w3.org/TR/1999/REC-xslt-19991116"),
    "the body is made canonical inclusively": transforms(INCLUSIVE),
    "the body is made canonical with comments": transforms(f"{EXC.uri}WithComments"),
    "the body is made canonical twice": transforms(EXC.uri, EXC.uri),
    "the body is taken as enveloped": transforms(DS.uri + "enveloped-signature", EXC.uri),
    "nothing is said of how the body is transformed": no_transforms,
    "the signed information is made canonical inclusively": attribute(CANONICALIZATION, "Algorithm", INCLUSIVE),
    "more prefixes are declared than anybody needs": many_prefixes,
    "the digest is SHA-1": digest(DS.uri + "sha1"),
    "the digest is SHA-512": digest("http://www.w3.org/2001/04/xmlenc#sha512"),
    "the signature is said to be an HMAC": attribute(METHOD, "Algorithm", DSIG_MORE + "hmac-sha256"),
    "the signature is said to be of elliptic curves": attribute(METHOD, "Algorithm", DSIG_MORE + "ecdsa-sha256"),
    "only a part of the signature is to be compared": output_length,
    "it never ends": no_expiry,
    "it has ended before it began": times("2026-11-23T10:00:00Z", "2026-11-23T08:00:00Z"),
    "its times have no zone": times("2026-11-23T09:00:00", "2026-11-23T09:05:00"),
    "its times are none": times("now", "later"),
    "its times are further than anybody can count": times("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59"),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_message_that_is_signed_in_another_way_is_refused(forgery: Change) -> None:
    assert refuses(forged(forgery))


def test_the_message_that_all_these_begin_with_is_read() -> None:
    assert not refuses(forged(lambda _: None))


@pytest.mark.parametrize(
    ("uri", "used"),
    [(f"{DS.uri}rsa-sha1", SHA1()), (f"{DSIG_MORE}rsa-sha512", SHA512())],  # noqa: S303 - made to be refused
)
def test_a_signature_with_another_hash_is_refused(uri: str, used: SHA1 | SHA512) -> None:
    assert refuses(forged(attribute(METHOD, "Algorithm", uri), algorithm=used))
    assert refuses(forged(lambda _: None, algorithm=used))
