"""XML from others: what could harm whoever reads it is not read."""

import tracemalloc

import pytest

from sk.xml import MAX_BYTES, MAX_DEPTH, Malformed, child, needed, parse, text, value

SECRET_FILE = "/etc/hostname"
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BOMBS: dict[str, bytes] = {
    "billion laughs": f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "ha">{LAUGHS}]><a>&e9;</a>'.encode(),
    "quadratic blow-up": b'<!DOCTYPE a [<!ENTITY b "' + b"h" * 60_000 + b'">]><a>' + b"&b;" * 20_000 + b"</a>",
    "external entity": f'<!DOCTYPE a [<!ENTITY b SYSTEM "file://{SECRET_FILE}">]><a>&b;</a>'.encode(),
    "external entity on the network": b'<!DOCTYPE a [<!ENTITY b SYSTEM "http://127.0.0.1:1/">]><a>&b;</a>',
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:1/b.dtd"> %b;]><a/>',
    "external document type": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "document type without entities": b"<!DOCTYPE a><a/>",
    "document type after a comment": b"<!-- --><!DOCTYPE a><a/>",
    "document type in UTF-16": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(
        "utf-16"
    ),
    "document type in UTF-16 without a mark": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode("utf-16-le"),
    "document type in UTF-7": b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
    "document type in EBCDIC": '<?xml version="1.0" encoding="cp037"?><!DOCTYPE a><a/>'.encode("cp037"),
    "document type in a text": b"<a><![CDATA[<!DOCTYPE a>]]></a>",
    "bytes that are no UTF-8": b"<a>K\xd6LN</a>",
    "entity that nobody has defined": b"<a>&b;</a>",
    "stylesheet": b'<?xml-stylesheet href="http://127.0.0.1:1/"?><a/>',
    "processing instruction behind the root": b"<a/><?b c?>",
    "comment in a text": b"<a>admin<!-- -->istrator</a>",
    "comment behind the root": b"<a/><!-- -->",
    "more than is taken": b"<a>" + b" " * MAX_BYTES + b"</a>",
    "too deep": b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
    "endlessly deep": b"<a>" * 60_000,
    "two roots": b"<a/><b/>",
    "an attribute twice": b'<a b="1" b="2"/>',
    "a prefix that means nothing": b"<b:a/>",
    "no XML": b"PK\x03\x04",
    "nothing": b"",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_xml_that_could_do_harm_is_refused(bomb: bytes) -> None:
    with pytest.raises(Malformed):
        parse(bomb)


def test_an_entity_bomb_costs_next_to_nothing() -> None:
    tracemalloc.start()
    for bomb in BOMBS.values():
        with pytest.raises(Malformed):
            parse(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_plain_xml_is_read_as_utf_8_whatever_it_says_of_itself() -> None:
    for head in ("", '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.0" encoding="ISO-8859-1"?>', "\ufeff"):
        assert parse(f"{head}<a>KÖLN, HEIDESTRAẞE</a>".encode()).text == "KÖLN, HEIDESTRAẞE"


def test_a_document_as_deep_and_as_long_as_is_allowed_is_read() -> None:
    parse(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)
    parse(b"<a>" + b" " * (MAX_BYTES - 7) + b"</a>")


def test_elements_are_found_by_their_local_names() -> None:
    root = parse(b'<a><x:Name xmlns:x="urn:x"> one </x:Name><other/></a>')

    assert text(root, "name") == text(root, "unknown", "NAME") == "one"
    assert text(root, "missing") == text(root, "other") == value(None) == ""
    assert child(root, "missing") is None


def test_what_stands_there_twice_or_not_at_all_is_not_guessed_at() -> None:
    twice = parse(b'<a><Name>one</Name><x:name xmlns:x="urn:x">two</x:name></a>')
    with pytest.raises(Malformed):
        text(twice, "Name")
    with pytest.raises(Malformed):
        needed(twice, "missing")
    with pytest.raises(Malformed):
        text(parse(b"<a><Name>one<b/></Name></a>"), "Name")
