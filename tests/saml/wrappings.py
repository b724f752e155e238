"""Signature wrapping: ways to leave what was signed in a message and put something else where it is read.

After Somorovsky et al., On Breaking SAML (2012), whose numbers XSW1 to XSW8 stand behind those that are theirs, for a
request instead of a response; and what became known later.
"""

from copy import deepcopy

from lxml import etree

from sk.saml.names import SAML, SAMLP
from sk.xml import Element
from sk.xmldsig import DS
from tests.saml.asking import (
    DIGEST_VALUE,
    INFORMATION,
    ISSUER,
    KEY_INFO,
    METHOD,
    REFERENCE,
    SIGNATURE,
    VALUE,
    named,
    part,
)
from tests.saml.parties import party

EVIL = "_evil"


def _unsigned(root: Element) -> Element:
    copy = deepcopy(root)
    copy.remove(part(copy, SIGNATURE))
    return copy


def _evil(root: Element, identity: str = EVIL) -> Element:
    """Return a request that asks for something else, and has the signature of the genuine one."""
    evil = deepcopy(root)
    evil.set("ID", identity)
    evil.set("IsPassive", "true")
    return evil


def _extensions(evil: Element, *inside: Element) -> Element:
    """Put something into the Extensions, which anybody may fill, where the schema has them."""
    place = 1 + max(list(evil).index(one) for one in evil if one.tag in (ISSUER, SIGNATURE))
    evil.insert(place, SAMLP("Extensions", *inside))
    return evil


def request_moved_into_the_signature_of_another(root: Element) -> Element:
    """XSW1."""
    evil = _evil(root)
    part(evil, SIGNATURE).append(_unsigned(root))
    return evil


def request_moved_before_the_signature_of_another(root: Element) -> Element:
    """XSW2."""
    evil = _evil(root)
    part(evil, SIGNATURE).addprevious(_unsigned(root))
    return evil


def request_moved_behind_all_else_of_another(root: Element) -> Element:
    """XSW3."""
    evil = _evil(root)
    evil.append(_unsigned(root))
    return evil


def request_inside_of_another_that_is_not_signed(root: Element) -> Element:
    """XSW4."""
    evil = _evil(root)
    evil.remove(part(evil, SIGNATURE))
    evil.append(root)
    return evil


def request_under_the_same_id_in_another(root: Element) -> Element:
    """XSW5."""
    evil = _evil(root, str(root.get("ID")))
    evil.append(_unsigned(root))
    return evil


def request_moved_into_the_key_info_of_another(root: Element) -> Element:
    """XSW6."""
    evil = _evil(root)
    part(evil, KEY_INFO).append(_unsigned(root))
    return evil


def request_moved_into_the_extensions_of_another(root: Element) -> Element:
    """XSW7."""
    return _extensions(_evil(root), _unsigned(root))


def request_moved_into_an_object_of_the_signature(root: Element) -> Element:
    """XSW8."""
    evil = _evil(root)
    part(evil, SIGNATURE).append(DS("Object", _unsigned(root)))
    return evil


def request_with_its_signature_in_the_extensions_of_another(root: Element) -> Element:
    evil = _evil(root)
    evil.remove(part(evil, SIGNATURE))
    return _extensions(evil, root)


def request_in_the_extensions_under_the_same_id(root: Element) -> Element:
    return _extensions(_evil(root, str(root.get("ID"))), _unsigned(root))


def request_of_no_id_around_it(root: Element) -> Element:
    evil = _evil(root)
    del evil.attrib["ID"]
    evil.append(_unsigned(root))
    return evil


def another_request_inside(root: Element) -> None:
    root.append(_evil(root))


def signature_in_the_extensions(root: Element) -> None:
    signature = part(root, SIGNATURE)
    root.remove(signature)
    _extensions(root, signature)


def signature_twice(root: Element) -> None:
    part(root, SIGNATURE).addnext(deepcopy(part(root, SIGNATURE)))


def signature_of_nothing_before(root: Element) -> None:
    part(root, SIGNATURE).addprevious(DS("Signature"))


def signature_in_another_namespace(root: Element) -> None:
    part(root, SIGNATURE).tag = "{urn:example}Signature"


def signed_information_twice(root: Element) -> None:
    part(root, INFORMATION).addnext(deepcopy(part(root, INFORMATION)))


def signed_information_in_an_object(root: Element) -> None:
    part(root, SIGNATURE).append(DS("Object", deepcopy(part(root, INFORMATION))))


def signature_value_twice(root: Element) -> None:
    part(root, VALUE).addnext(deepcopy(part(root, VALUE)))


def reference_to_nothing(root: Element) -> None:
    part(root, REFERENCE).set("URI", "")


def reference_without_an_address(root: Element) -> None:
    del part(root, REFERENCE).attrib["URI"]


def no_reference(root: Element) -> None:
    part(root, INFORMATION).remove(part(root, REFERENCE))


def reference_to_another_element(root: Element) -> None:
    part(root, ISSUER).set("ID", "other")
    part(root, REFERENCE).set("URI", "#other")


def id_twice_in_another_spelling(root: Element) -> None:
    part(root, KEY_INFO).set("Id", str(root.get("ID")))


def id_twice_as_xml_has_it(root: Element) -> None:
    part(root, KEY_INFO).set("{http://www.w3.org/XML/1998/namespace}id", str(root.get("ID")))


def id_of_another_namespace(root: Element) -> None:
    root.set("{urn:example}ID", str(root.attrib.pop("ID")))


def issuer_twice(root: Element) -> None:
    part(root, ISSUER).addprevious(SAML("Issuer", "https://another.example"))


def address_changed(root: Element) -> None:
    root.set("AssertionConsumerServiceURL", "https://evil.example/acs")


def destination_changed(root: Element) -> None:
    root.set("Destination", "https://evil.example/")


def log_in_is_not_to_be_fresh(root: Element) -> None:
    root.set("ForceAuthn", "false")


def request_by_another_name(root: Element) -> None:
    root.tag = SAMLP.tag("LogoutRequest")


def request_of_no_namespace(root: Element) -> None:
    root.tag = "AuthnRequest"


def request_inside_of_a_response(root: Element) -> Element:
    return SAMLP("Response", root, ID=EVIL)


def namespace_named_relatively(root: Element) -> Element:
    """Have no canonical form, which counts as an empty one to some (void canonicalisation, 2025)."""
    raw = etree.tostring(_evil(root, str(root.get("ID"))))
    return etree.fromstring(raw.replace(b"<samlp:NameIDPolicy ", b'<samlp:NameIDPolicy xmlns:v="1" v:x="" '))


def namespace_named_relatively_in_the_signed_information(root: Element) -> Element:
    raw = etree.tostring(root)
    return etree.fromstring(raw.replace(b"<ds:SignedInfo", b'<ds:SignedInfo xmlns:v="1" v:x=""', 1))


def comment_in_the_issuer(root: Element) -> None:
    issuer = part(root, ISSUER)
    text = issuer.text or ""
    comment = etree.Comment(" not signed ")
    issuer.text, comment.tail = text[:5], text[5:]
    issuer.append(comment)


def comment_in_the_digest(root: Element) -> None:
    digest = part(root, DIGEST_VALUE)
    comment = etree.Comment("AAAA")
    comment.tail, digest.text = digest.text, ""
    digest.append(comment)


def instruction_in_the_request(root: Element) -> None:
    root.append(etree.ProcessingInstruction("read", "me"))


def something_behind_the_signature(root: Element) -> None:
    part(root, SIGNATURE).tail = "read me"


def certificate_of_a_stranger(root: Element) -> None:
    """Bring another key along, and a signature that is not the portal's."""
    (certificate,) = part(root, KEY_INFO).iter(DS.tag("X509Certificate"))
    certificate.text = party("a stranger").certificate_text
    part(root, VALUE).text = "AAAA"


def algorithm_is_none(root: Element) -> None:
    part(root, METHOD).set("Algorithm", "none")


WRAPPINGS = named(
    request_moved_into_the_signature_of_another,
    request_moved_before_the_signature_of_another,
    request_moved_behind_all_else_of_another,
    request_inside_of_another_that_is_not_signed,
    request_under_the_same_id_in_another,
    request_moved_into_the_key_info_of_another,
    request_moved_into_the_extensions_of_another,
    request_moved_into_an_object_of_the_signature,
    request_with_its_signature_in_the_extensions_of_another,
    request_in_the_extensions_under_the_same_id,
    request_of_no_id_around_it,
    another_request_inside,
    signature_in_the_extensions,
    signature_twice,
    signature_of_nothing_before,
    signature_in_another_namespace,
    signed_information_twice,
    signed_information_in_an_object,
    signature_value_twice,
    reference_to_nothing,
    reference_without_an_address,
    no_reference,
    reference_to_another_element,
    id_twice_in_another_spelling,
    id_twice_as_xml_has_it,
    id_of_another_namespace,
    issuer_twice,
    address_changed,
    destination_changed,
    log_in_is_not_to_be_fresh,
    request_by_another_name,
    request_of_no_namespace,
    request_inside_of_a_response,
    namespace_named_relatively,
    namespace_named_relatively_in_the_signed_information,
    comment_in_the_issuer,
    comment_in_the_digest,
    instruction_in_the_request,
    something_behind_the_signature,
    certificate_of_a_stranger,
    algorithm_is_none,
)
"""What somebody without the key can do to a signed request."""
