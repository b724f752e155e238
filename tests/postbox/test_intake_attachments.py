"""Attachments are compared with what was declared while they stream in; what differs leaves nothing behind."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sk.client import File
from tests.refusals import Office, nothing_stored, parts
from tests.world import A_FILE, a_notice

ANOTHER = File("anlage.txt", b"Eine Anlage.", "text/plain")
LARGE = File("gross.pdf", b"%PDF-1.7\n" + bytes(2_000_000))


def declaring(office: Office, *declared: dict[str, Any]) -> dict[str, Any]:
    """Return a notice that declares these attachments, true or not."""
    return a_notice(office.handle, attachments=list(declared))


async def test_an_attachment_that_was_declared_and_does_not_come_is_named(office: Office) -> None:
    notice = declaring(office, A_FILE.declared(), ANOTHER.declared())
    told = await office.is_refused(notice, [A_FILE], problem="attachment-missing", field="attachments.1")
    assert ANOTHER.name in told["detail"]


async def test_an_attachment_that_was_not_declared_is_refused(office: Office) -> None:
    notice = declaring(office, A_FILE.declared())
    await office.is_refused(notice, [A_FILE, ANOTHER], problem="attachment-surplus", field="attachments")


async def test_attachments_in_another_order_than_declared_are_refused(office: Office) -> None:
    one, two = A_FILE, replace(A_FILE, data=A_FILE.data[::-1])
    notice = declaring(office, one.declared(), two.declared())
    await office.is_refused(notice, [two, one], problem="attachment-digest", field="attachments.0")


async def test_a_part_of_another_name_among_the_attachments_is_refused(office: Office) -> None:
    notice = json.dumps(declaring(office, A_FILE.declared())).encode()
    async with nothing_stored(office.data):
        answer = await office.send(parts(("notice", notice), ("anlage", A_FILE.data)))
    told = answer.says("attachment-out-of-order", "attachments.0")
    assert "anlage" in told["detail"]


async def test_attachments_before_the_notice_are_refused(office: Office) -> None:
    notice = json.dumps(declaring(office, A_FILE.declared())).encode()
    async with nothing_stored(office.data):
        answer = await office.send(parts(("attachment", A_FILE.data), ("notice", notice)))
    answer.says("attachment-out-of-order", "notice")


@pytest.mark.parametrize("file", [A_FILE, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("by", [1, -1])
async def test_an_attachment_of_another_size_than_declared_is_refused(office: Office, file: File, by: int) -> None:
    declared = {**file.declared(), "size": len(file.data) + by}
    await office.is_refused(declaring(office, declared), [file], problem="attachment-size", field="attachments.0")


async def test_an_attachment_with_another_digest_than_declared_is_refused_with_its_own(office: Office) -> None:
    notice = declaring(office, {**A_FILE.declared(), "sha256": "0" * 64})
    told = await office.is_refused(notice, [A_FILE], problem="attachment-digest", field="attachments.0")
    assert A_FILE.declared()["sha256"] in told["detail"]


async def test_of_several_attachments_the_good_ones_are_forgotten_with_the_bad_one(office: Office) -> None:
    files = [A_FILE, LARGE, ANOTHER]
    notice = declaring(office, *(file.declared() for file in files[:2]), {**ANOTHER.declared(), "sha256": "0" * 64})
    await office.is_refused(notice, files, problem="attachment-digest", field="attachments.2")


@pytest.mark.parametrize(
    "name",
    ["", "n" * 256, "a/b.pdf", "a\\b.pdf", "..", ".", "a\nb.pdf", "a\0.pdf", "a\u202efdp.exe", "\u2066a\u2069.pdf"],
    ids=["empty", "long", "slash", "backslash", "parent", "here", "line", "nul", "override", "isolate"],
)
async def test_a_file_name_that_is_none_is_refused(office: Office, name: str) -> None:
    notice = declaring(office, {**A_FILE.declared(), "name": name})
    await office.is_refused(notice, [A_FILE], problem="invalid", field="attachments.0.name")


async def test_a_file_name_is_kept_as_people_write_them(office: Office) -> None:
    named = replace(A_FILE, name="Übersicht (2. Fassung) … 100 % – für Zoë.pdf")
    assert (await office.post(a_notice(office.handle), [named])).status == 202


async def test_an_empty_file_is_refused(office: Office) -> None:
    empty = File("leer.txt", b"", "text/plain")
    await office.is_refused(a_notice(office.handle), [empty], problem="invalid", field="attachments.0.size")


async def test_a_size_in_quotes_is_no_number(office: Office) -> None:
    notice = declaring(office, {**A_FILE.declared(), "size": str(len(A_FILE.data))})
    await office.is_refused(notice, [A_FILE], problem="invalid", field="attachments.0.size")


async def test_a_file_that_turns_out_empty_is_refused(office: Office) -> None:
    notice = declaring(office, ANOTHER.declared())
    empty = replace(ANOTHER, data=b"")
    await office.is_refused(notice, [empty], problem="attachment-size", field="attachments.0")


async def test_a_type_that_is_not_taken_is_refused_with_those_that_are(office: Office) -> None:
    program = replace(A_FILE, type="application/x-msdownload")
    told = await office.is_refused(
        a_notice(office.handle), [program], problem="attachment-type", field="attachments.0.type"
    )
    assert "application/pdf" in told["detail"]


async def test_a_file_that_is_not_of_its_type_is_refused(office: Office) -> None:
    disguised = File("bild.png", A_FILE.data, "image/png")
    await office.is_refused(a_notice(office.handle), [disguised], problem="attachment-type", field="attachments.0")


async def test_more_attachments_than_are_allowed_are_refused(office: Office) -> None:
    notice = declaring(office, *[A_FILE.declared()] * 21)
    await office.is_refused(notice, problem="invalid", field="attachments")


async def test_an_attachment_larger_than_allowed_is_refused_before_it_is_sent(office: Office) -> None:
    notice = declaring(office, {**A_FILE.declared(), "size": 200_000_001})
    await office.is_refused(notice, problem="invalid", field="attachments.0.size")


@pytest.mark.parametrize("digest", ["", "0" * 63, "G" * 64, A_FILE.declared()["sha256"].upper()])
async def test_a_digest_that_is_none_is_refused(office: Office, digest: str) -> None:
    notice = declaring(office, {**A_FILE.declared(), "sha256": digest})
    await office.is_refused(notice, [A_FILE], problem="invalid", field="attachments.0.sha256")
