"""XML as it is taken from others: plain elements and text in UTF-8, and nothing with which a document can do harm.

A document type can define entities, which grow, or name files and addresses, which are fetched: none is taken. Comments
and processing instructions are not taken either: they part a text in two for one reader and not for the other.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from lxml import etree
from lxml.etree import _Element

from sk.errors import Damaged

Element: TypeAlias = _Element
MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
PARSER = etree.XMLParser(
    encoding="utf-8",  # whatever the document says of itself: it is read as what we have looked at
    resolve_entities=False,
    load_dtd=False,
    attribute_defaults=False,
    no_network=True,
    huge_tree=False,
    recover=False,
    collect_ids=False,
)


class Namespace(NamedTuple):
    """A namespace, and how its elements are made: `SOAP("Body", …)`."""

    prefix: str
    uri: str

    def __call__(self, name: str, *inside: Element | str, **attributes: str) -> Element:
        """Return an element with what is in it: elements, or its text."""
        made = etree.Element(self.tag(name), attributes, nsmap={self.prefix: self.uri})
        for one in inside:
            if isinstance(one, str):
                made.text = one
            else:
                made.append(one)
        return made

    def tag(self, name: str) -> str:
        """Return the full name of an element or attribute."""
        return f"{{{self.uri}}}{name}"


class Malformed(Damaged):
    """The bytes are no XML that is taken, or not the message that was expected."""


def parse(raw: bytes) -> Element:
    """Return the root of a document, or raise `Malformed`."""
    if len(raw) > MAX_BYTES or b"<!DOCTYPE" in raw:
        raise Malformed
    try:
        raw.decode()
        root = etree.fromstring(raw, PARSER)
    except (UnicodeDecodeError, etree.XMLSyntaxError):
        raise Malformed from None
    beside = (root.getprevious(), root.getnext(), root.getroottree().docinfo.internalDTD)
    if any(one is not None for one in beside) or any(not isinstance(node.tag, str) for node in root.iter()):
        raise Malformed
    _refuse_deep(root)
    return root


def _refuse_deep(root: Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise Malformed


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def children(parent: Element, name: str) -> Iterator[Element]:
    """Yield the children with a local name, in whatever namespace and capitals: texts and servers differ there."""
    return (one for one in parent if local_name(one).lower() == name.lower())


def child(parent: Element, *names: str) -> Element | None:
    """Return the one child that is called by one of these names, or None; more than one is `Malformed`."""
    found = [one for name in names for one in children(parent, name)]
    if len(found) > 1:
        raise Malformed
    return found[0] if found else None


def needed(parent: Element, *names: str) -> Element:
    """Return the one child that is called by one of these names; none or more are `Malformed`."""
    found = child(parent, *names)
    if found is None:
        raise Malformed
    return found


def value(element: Element | None) -> str:
    """Return the text of an element that holds nothing else, without blanks around it; of no element, nothing."""
    if element is None:
        return ""
    if len(element):
        raise Malformed
    return (element.text or "").strip()


def text(parent: Element, *names: str) -> str:
    """Return the text of a child without blanks around it, or nothing if there is no such child."""
    return value(child(parent, *names))
