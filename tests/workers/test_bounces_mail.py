"""Mails that come back, as bytes: whose they are, and what they report."""

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sk.crypto.lock import BounceKey
from sk.mail.bounces import LOCAL_MAX, BackTo, failure_in
from sk.workers.bounces import MAX_BYTES
from tests.workers.lmtp import dsn, written

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
ID, OTHER_ID = "a" * 26, "b" * 25 + "a"


def test_addresses_of_older_keys_are_known_and_the_newest_key_gives_them() -> None:
    old, both, new = (
        BackTo.of("servicekonto@example.org", BounceKey(keys)) for keys in ({1: OLD}, {1: OLD, 2: NEW}, {2: NEW})
    )

    assert both.address(ID) == new.address(ID) != old.address(ID)
    assert both.notice_id(old.address(ID)) == both.notice_id(new.address(ID)) == ID
    assert new.notice_id(old.address(ID)) is None
    assert both.address(ID)[-40:] != both.address(OTHER_ID)[-40:]


def test_the_longest_address_fits_where_mail_servers_look_no_further() -> None:
    longest = BackTo.of(f"{'x' * LOCAL_MAX}@example.org", BounceKey({1: OLD})).address(ID)

    assert len(longest.partition("@")[0]) == 64
    assert longest == "xxxxxxxxxxxx+aaaaaaaaaaaaaaaaaaaaaaaaaa.rslod3pvgewd4y7pjr3gdfni@example.org"


@pytest.mark.parametrize(
    "report",
    [
        dsn(),
        dsn().replace(b"\r\n", b"\n"),
        dsn("FAILED (for good)", "5.1.1 (User unknown)"),
        dsn().replace(b"message/delivery-status", b"MESSAGE/Global-Delivery-Status; x=y"),
        dsn().replace(b"report-type=delivery-status", b'Report-Type="Delivery-Status"'),
        dsn().replace(b"Final-Recipient", b"Action: delayed\r\nStatus: 4.0.0\r\n\r\nFinal-Recipient"),
        b"Received: x\r\n" * 50 + dsn(),
    ],
)
def test_reports_are_understood_as_the_servers_of_the_world_write_them(report: bytes) -> None:
    assert failure_in(report) == "5.1.1"


def test_however_deep_somebody_nests_it_takes_no_longer_than_reading_it() -> None:
    levels = [
        f"Content-Type: multipart/report; report-type=delivery-status; boundary={n}\n\n--{n}" for n in range(3000)
    ]
    mails = [written("\n".join(levels)), dsn() + b"--x\r\n" * 40_000, written("a:b\n" * 60_000), b"\n" * MAX_BYTES]

    for mail in mails:
        began = process_time()
        failure_in(mail[:MAX_BYTES])
        assert process_time() - began < 2


@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, len(dsn())))
def test_bytes_of_a_stranger_break_nothing(before: bytes, within: bytes, place: int) -> None:
    mail = dsn()
    for raw in (before, before + mail, mail[:place] + within + mail[place:]):
        assert re.fullmatch(r"None|5\.[0-9]{1,3}\.[0-9]{1,3}", str(failure_in(raw)))
