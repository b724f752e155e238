"""Signature wrapping: ways to leave what was signed in a message and put something else where it is read."""

from collections.abc import Callable, Mapping
from copy import deepcopy

from lxml import etree

from sk.auth.eid.wsse import ID, SOAP, WSSE
from sk.xml import Element
from sk.xmldsig import DS
from tests.auth.eid.parties import BODY, CONTENT, SECURITY, SIGNATURE, TIMESTAMP, part

Change = Callable[[Element], Element | None]
HEADER = SOAP.tag("Header")
KEY_INFO = f"{SIGNATURE}/{DS.tag('KeyInfo')}"


def _evil(identity: str | None = None) -> Element:
    body = SOAP("Body", CONTENT("word", "evil"))
    if identity:
        body.set(ID, identity)
    return body


def _body_id(root: Element) -> str:
    return str(part(root, BODY).get(ID))


def _into_a_header(root: Element, identity: str | None) -> None:
    signed = part(root, BODY)
    evil = _evil(identity)
    root.replace(signed, evil)
    part(root, HEADER).append(CONTENT("wrapper", signed))


def body_moved_into_a_header(root: Element) -> None:
    _into_a_header(root, None)


def body_moved_into_a_header_with_an_id_of_its_own(root: Element) -> None:
    _into_a_header(root, "evil")


def body_moved_into_a_header_under_the_same_id(root: Element) -> None:
    _into_a_header(root, _body_id(root))


def body_moved_into_the_security_header(root: Element) -> None:
    signed = part(root, BODY)
    root.replace(signed, _evil(_body_id(root)))
    part(root, SECURITY).append(signed)


def body_moved_into_the_signature(root: Element) -> None:
    signed = part(root, BODY)
    root.replace(signed, _evil(_body_id(root)))
    part(root, SIGNATURE).append(DS("Object", signed))


def body_moved_into_the_key_info(root: Element) -> None:
    signed = part(root, BODY)
    root.replace(signed, _evil(_body_id(root)))
    part(root, KEY_INFO).append(signed)


def body_moved_into_the_time(root: Element) -> None:
    signed = part(root, BODY)
    root.replace(signed, _evil(_body_id(root)))
    part(root, TIMESTAMP).append(signed)


def second_body_behind(root: Element) -> None:
    root.append(_evil())


def second_body_before(root: Element) -> None:
    root.insert(1, _evil())


def second_body_under_the_same_id(root: Element) -> None:
    root.insert(1, _evil(_body_id(root)))


def body_inside_of_another(root: Element) -> None:
    signed = part(root, BODY)
    evil = _evil()
    root.replace(signed, evil)
    evil.append(signed)


def body_of_no_namespace(root: Element) -> None:
    signed = part(root, BODY)
    root.replace(signed, etree.Element("Body", {ID: _body_id(root)}))
    part(root, HEADER).append(signed)


def signed_time_moved_aside(root: Element) -> None:
    signed = part(root, TIMESTAMP)
    later = deepcopy(signed)
    for one in later:
        one.text = "2027-01-01T00:00:00Z"
    part(root, SECURITY).replace(signed, later)
    part(root, HEADER).append(CONTENT("wrapper", signed))


def envelope_inside_of_another(root: Element) -> Element:
    return SOAP("Envelope", SOAP("Header"), SOAP("Body", root))


def envelope_by_another_name(root: Element) -> None:
    root.tag = SOAP.tag("Envelop")


def id_twice_in_another_spelling(root: Element) -> None:
    part(root, KEY_INFO).set("Id", _body_id(root))


def id_twice_as_xml_has_it(root: Element) -> None:
    part(root, KEY_INFO).set("{http://www.w3.org/XML/1998/namespace}id", _body_id(root))


def id_of_no_namespace(root: Element) -> None:
    body = part(root, BODY)
    body.set("Id", str(body.attrib.pop(ID)))


def header_twice(root: Element) -> None:
    root.insert(0, SOAP("Header"))


def security_twice(root: Element) -> None:
    part(root, HEADER).append(deepcopy(part(root, SECURITY)))


def empty_security_before(root: Element) -> None:
    part(root, HEADER).insert(0, WSSE("Security"))


def signature_twice(root: Element) -> None:
    part(root, SECURITY).append(deepcopy(part(root, SIGNATURE)))


def other_header(root: Element) -> None:
    part(root, HEADER).append(CONTENT("unsigned", "read me"))


def something_behind_the_body(root: Element) -> None:
    root.append(CONTENT("unsigned", "read me"))


def comment_in_the_body(root: Element) -> None:
    word = part(root, f"{BODY}/{CONTENT.tag('word')}")
    word.text = "gen"
    comment = etree.Comment(" not signed ")
    comment.tail = "uine"
    word.append(comment)


WRAPPINGS: Mapping[str, Change] = {
    wrapping.__name__.replace("_", " "): wrapping
    for wrapping in (
        body_moved_into_a_header,
        body_moved_into_a_header_with_an_id_of_its_own,
        body_moved_into_a_header_under_the_same_id,
        body_moved_into_the_security_header,
        body_moved_into_the_signature,
        body_moved_into_the_key_info,
        body_moved_into_the_time,
        second_body_behind,
        second_body_before,
        second_body_under_the_same_id,
        body_inside_of_another,
        body_of_no_namespace,
        signed_time_moved_aside,
        envelope_inside_of_another,
        envelope_by_another_name,
        id_twice_in_another_spelling,
        id_twice_as_xml_has_it,
        id_of_no_namespace,
        header_twice,
        security_twice,
        empty_security_before,
        signature_twice,
        other_header,
        something_behind_the_body,
        comment_in_the_body,
    )
}
