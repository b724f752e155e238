"""Time stamps of a real responder are kept if they are of the authority that is trusted, over what was asked."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from sk.errors import Damaged, Invalid, Unavailable
from sk.evidence.sequence import signed_head
from sk.evidence.stamps import Stamped, read_stamp, stamp_request, trusted_authorities
from sk.installation import ensure_installation
from sk.workers.stamping import ANSWER_MAX_BYTES
from tests.evidence.authority import Authorities, Authority, kept, stamp, stamping
from tests.process import run_sk
from tests.world import World


async def test_the_newest_checkpoint_is_stamped_and_the_response_kept_byte_for_byte(
    world: World, authorities: Authorities
) -> None:
    await world.delivered()
    async with stamping(world, authorities.ours) as services:
        assert await stamp(services)

    signed = await signed_head(world.web.store)
    (only,) = await kept(world)
    assert (only.size, only.note, only.token) == (signed.size, signed.note, authorities.ours.replies[0])
    stamped = read_stamp(only.token, only.note, only.size, authorities.ours.roots())
    assert (stamped.by, stamped.trusted) == ("CN=Stempelamt TSA,O=Stempelamt", True)


async def test_a_log_that_did_not_grow_is_not_stamped_again(world: World, authorities: Authorities) -> None:
    async with stamping(world, authorities.ours) as services:
        await world.delivered()
        assert await stamp(services)
        assert not await stamp(services)
        assert len(authorities.ours.queries) == 1

        await world.delivered()
        assert await stamp(services)

    first, second = await kept(world)
    assert first.size < second.size


def test_certificates_that_cannot_be_read_stop_the_start_of_what_shows_stamps(tmp_path: Path) -> None:
    wrong = {"SK_TSA": "https://tsa.example.org/", "SK_TSA_CERTS": "/nowhere.pem", "SK_PORT": "0"}

    ran = run_sk(tmp_path, wrong, "serve")

    assert ran.returncode != 0
    assert "SK_TSA_CERTS: /nowhere.pem cannot be read" in ran.stderr


async def test_a_log_without_statements_is_not_stamped(world: World, authorities: Authorities) -> None:
    async with stamping(world, authorities.ours) as services:
        assert not await stamp(services)
    assert authorities.ours.queries == []


async def test_an_authority_is_told_a_digest_and_nothing_of_the_log(world: World, authorities: Authorities) -> None:
    await world.delivered()
    async with stamping(world, authorities.ours) as services:
        await stamp(services)

    origin = (await ensure_installation(world.web)).log_origin
    (query,) = authorities.ours.queries
    assert len(query) < 120
    assert origin.encode() not in query


async def test_a_time_stamp_of_another_authority_is_not_kept(world: World, authorities: Authorities) -> None:
    await world.delivered()
    async with stamping(world, authorities.theirs, trusted=authorities.ours) as services:
        with pytest.raises(Damaged):
            await stamp(services)
    assert len(authorities.theirs.replies) == 1
    assert await kept(world) == []


async def test_an_old_answer_to_the_same_checkpoint_is_not_kept(world: World, authorities: Authorities) -> None:
    await world.delivered()
    async with stamping(world, authorities.ours) as services:
        authorities.ours.answer = lambda authority: authority.reply(status=503)
        with pytest.raises(Unavailable):
            await stamp(services)
        authorities.ours.answer = lambda authority: authority.reply(authority.replies[0])
        with pytest.raises(Damaged):
            await stamp(services)
        assert await kept(world) == []

        authorities.ours.answer = lambda authority: authority.reply()
        assert await stamp(services)


async def test_a_time_stamp_over_an_older_checkpoint_is_not_kept(world: World, authorities: Authorities) -> None:
    await world.delivered()
    async with stamping(world, authorities.ours) as services:
        await stamp(services)
        await world.delivered()
        authorities.ours.answer = lambda authority: authority.reply(authority.replies[0])
        with pytest.raises(Damaged):
            await stamp(services)
    assert len(await kept(world)) == 1


async def test_an_authority_that_refuses_the_digest_gives_no_time_stamp(world: World, authorities: Authorities) -> None:
    await world.delivered()
    async with stamping(world, authorities.picky) as services:
        with pytest.raises(Damaged):
            await stamp(services)
    assert await kept(world) == []


def page(authority: Authority) -> web.Response:
    """Answer with a page, as a portal does to somebody whose time is up."""
    return authority.reply(b"<p>Please log in.</p>", kind="text/html")


def far_too_much(authority: Authority) -> web.Response:
    """Answer with more than any time stamp has."""
    return authority.reply(authority.replies[-1] + bytes(ANSWER_MAX_BYTES))


def elsewhere(authority: Authority) -> web.Response:
    """Send whoever asks to another place, which would answer well."""
    authority.answer = Authority.reply
    return web.Response(status=307, headers={"Location": "/"}, content_type="application/timestamp-reply")


def elsewhere_by_get(authority: Authority) -> web.Response:
    """Send whoever asks to somewhere inside."""
    del authority
    return web.Response(status=302, headers={"Location": "http://169.254.169.254/"})


def out_of_order(authority: Authority) -> web.Response:
    """Answer well, with a status that says otherwise."""
    return authority.reply(status=500)


@pytest.mark.parametrize("answer", [page, far_too_much, elsewhere, elsewhere_by_get, out_of_order])
async def test_what_is_no_answer_of_an_authority_leaves_the_log_unstamped(
    world: World, authorities: Authorities, answer: Callable[[Authority], web.Response]
) -> None:
    await world.delivered()
    authorities.ours.answer = answer
    async with stamping(world, authorities.ours) as services:
        with pytest.raises(Unavailable):
            await stamp(services)
    assert len(authorities.ours.queries) == 1
    assert await kept(world) == []


@pytest.mark.parametrize("body", [b"", b"0", b"0\x03\x02\x01\x00", bytes(1000), b"no time stamp"])
async def test_an_answer_that_is_no_time_stamp_is_not_kept(world: World, authorities: Authorities, body: bytes) -> None:
    await world.delivered()
    authorities.ours.answer = lambda authority: authority.reply(body)
    async with stamping(world, authorities.ours) as services:
        with pytest.raises(Damaged):
            await stamp(services)
    assert await kept(world) == []


async def test_an_authority_that_is_not_there_delays_the_stamp(world: World, authorities: Authorities) -> None:
    await world.delivered()
    async with stamping(world, authorities.ours) as services:
        pass
    with pytest.raises(Unavailable):
        await stamp(services)

    async with stamping(world, authorities.ours) as services:
        assert await stamp(services)


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_certificates_that_cannot_be_read_are_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "tsa.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(Invalid, match="certificates in PEM"):
        trusted_authorities(str(file))


def test_a_changed_time_stamp_is_none_or_is_trusted_no_more(founded: Authorities, tmp_path: Path) -> None:
    token = openssl_stamp(founded.ours, "the log\n", tmp_path)
    right = read_stamp(token, "the log\n", 7, founded.ours.roots())
    assert right.trusted

    unread = set[int]()
    for at in range(len(token)):
        for bit in (1, 0x80, 0xFF):
            found = read_or_none(token[:at] + bytes([token[at] ^ bit]) + token[at + 1 :], founded)
            assert found in (None, right)
            unread |= {at} if found else set()
    assert len(unread) < 16  # numbers of versions and the name of the algorithm, which are not signed


def read_or_none(token: bytes, founded: Authorities) -> Stamped | None:
    """Return what a trusted time stamp says, or None of any other."""
    try:
        found = read_stamp(token, "the log\n", 7, founded.ours.roots())
    except Damaged:
        return None
    return found if found.trusted else None


def openssl_stamp(authority: Authority, note: str, folder: Path) -> bytes:
    """Return the response of an authority over a note."""
    (folder / "query").write_bytes(stamp_request(note).as_bytes())
    asked = ["ts", "-reply", "-config", "ts.cnf", "-queryfile", str(folder / "query"), "-out", str(folder / "reply")]
    subprocess.run(["openssl", *asked], cwd=authority.folder, check=True, capture_output=True)
    return (folder / "reply").read_bytes()
