"""A stolen store, object store, bus or log is worthless: none of them contains what a notice or an account is about."""

import gzip
import secrets
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pymongo
import pytest

from sk.client import AuthorityClient, File
from sk.demo.browser import Browser, Form
from sk.demo.story import AUTHORITY
from tests.platforms import LEANS_ON, MODES, Mode, Platform, started
from tests.process import run_sk, until
from tests.security.search import files_below, rows_of, search
from tests.servers import Servers, begin_run, end_run
from tests.world import a_notice

MARK = secrets.token_hex(4)
WAITS_MAX = 20


def canary(what: str) -> str:
    """Return words that stand nowhere else."""
    return f"Kanarie {what} {MARK}"


USERNAME, NOBODY = f"Kanarie.username.{MARK}", f"Kanarie.nobody.{MARK}"
NOTICE = {name: canary(name) for name in ("reference", "subject", "case")}
TEXT = f"Guten Tag,\n{canary('text für Sie')}"
FILE = File(f"{canary('file')}.pdf", b"%PDF-1.7\n" + canary("content").encode() * 5000)
REPLY = f"Guten Tag,\n{canary('reply')}"
SENT = File(f"{canary('sent')}.txt", canary("content sent").encode() * 5000, "text/plain")
PHRASE = canary("phrase")
WRONG = {name: canary(f"wrong {name}") for name in ("password", "path", "header", "field", "handle", "code")}
CANARIES: Mapping[str, bytes] = {
    "user name": USERNAME.encode(),
    "e-mail": f"{USERNAME}@example.org".encode(),
    "user name that there is not": NOBODY.encode(),
    "text": TEXT.encode(),
    "part of the text": canary("text für Sie").encode(),
    "file name": FILE.name.encode(),
    "content": FILE.data,
    "part of the content": canary("content").encode(),
    "phrase": PHRASE.encode(),
    "reply": REPLY.encode(),
    "part of the reply": canary("reply").encode(),
    "name of a file sent": SENT.name.encode(),
    "content sent": SENT.data,
    "part of the content sent": canary("content sent").encode(),
    **{name: value.encode() for name, value in NOTICE.items()},
    **{f"wrong {name}": value.encode() for name, value in WRONG.items()},
}


class Longer(File):
    """A file that goes on where it was to end."""

    def declared(self) -> dict[str, Any]:
        """Announce another one."""
        return FILE.declared()


@pytest.fixture
def own_servers() -> Iterator[Servers]:
    """Return servers that nobody else writes to: all that they hold is searched, twice."""
    servers, lock = begin_run()
    yield servers
    end_run(servers, lock)


@pytest.mark.timeout(240)  # the servers of the distributed platform take their time to start
@pytest.mark.parametrize("mode", MODES)
async def test_no_file_contains_what_a_notice_or_an_account_is_about(
    tmp_path: Path, own_servers: Servers, mode: Mode
) -> None:
    with started(mode, tmp_path, own_servers, log_level="DEBUG") as platform:
        players = platform.cast(USERNAME)
        async with aiohttp.ClientSession() as api, aiohttp.ClientSession() as web:
            authority, browser = platform.authority(api, players), Browser(web, platform.base_url)
            await browser.open("/anmelden")
            before_the_log_in = _cookies(web)
            await _tell_the_story(platform, authority, browser, players.handle, players.password)
            await _make_every_mistake(platform, authority, browser, players.handle)
            unguessable = {"token": (await authority.token()).encode(), "handle": players.handle.encode()}
            unguessable |= {**before_the_log_in, **_cookies(web)}
        assert run_sk(tmp_path, platform.environment, "doctor").returncode == 0
        assert platform.sk("backup", str(tmp_path / "backup"))["objects"] == 2
        assert run_sk(tmp_path, platform.environment, "account", "show", NOBODY).returncode == 1
        known = {**CANARIES, "password": players.password.encode()}

        # Who writes to whom may be known: that the sender is found shows that the search is made in the right places.
        assert search(_stolen(platform, own_servers), {"sender": AUTHORITY.encode()})
        while_it_runs = search(_stolen(platform, own_servers), known, unguessable)
        assert set(platform.end()) == {0}
        afterwards = search(_stolen(platform, own_servers), known, unguessable)

    assert unguessable.keys() == {"token", "handle", "cookie form", "cookie session", "cookie device"}
    assert (while_it_runs, afterwards) == ([], [])


async def _tell_the_story(
    platform: Platform, authority: AuthorityClient, browser: Browser, handle: str, password: str
) -> None:
    """Have a phrase chosen, and a notice posted, delivered, told of, found in the feed, opened and replied to."""
    await browser.log_in(USERNAME, password)
    await browser.send((await browser.open("/konto/benachrichtigung/satz")).form("Speichern"), phrase=PHRASE)
    notice = a_notice(handle, **NOTICE, text=TEXT, reply=True)
    assert [(await authority.post(notice, [FILE]))[0] for _ in range(2)] == [202, 200]
    await until(lambda: any(PHRASE.encode() in mail.get_payload(decode=True) for mail in platform.mails()))
    listed = await browser.open("/postfach")
    assert NOTICE["subject"] in listed.text
    opened = await browser.send(listed.form(NOTICE["subject"]))
    assert canary("text für Sie") in opened.text
    assert await browser.download(opened.links[FILE.name]) == FILE.data
    _, found = await authority.get("/api/v1/notices", reference=NOTICE["reference"])
    assert (await authority.get(f"/api/v1/notices/{found['id']}"))[1]["reference"] == NOTICE["reference"]
    _, page = await authority.get("/api/v1/events", wait="5")
    assert page["events"][0]["reference"] == NOTICE["reference"]
    form = await browser.open(f"{opened.url}/antwort")
    sent = await browser.send_files(form.form("Antwort senden"), [SENT], text=REPLY)
    assert canary("reply") in (await browser.open(f"{sent.url}/antworten/1")).text
    for _ in range(WAITS_MAX):
        if "replied" in {event["step"] for event in page["events"]}:
            break
        _, page = await authority.events(page["cursor"], wait="5")
    else:
        raise AssertionError("the authority was never told of the reply")
    _, listed_replies = await authority.replies()
    [reply_id] = [one["id"] for one in listed_replies["replies"]]
    assert (await authority.get(f"/api/v1/replies/{reply_id}"))[1]["text"] == REPLY
    assert (await authority.download(f"/api/v1/replies/{reply_id}/attachments/1"))[1] == SENT.data


async def _make_every_mistake(platform: Platform, authority: AuthorityClient, browser: Browser, handle: str) -> None:
    """Have everything refused that can be, with words in it that must not get into a log."""
    refused: list[tuple[dict[str, Any], list[File], int]] = [
        (a_notice(handle, subject=NOTICE["subject"]), [Longer(FILE.name, FILE.data + b"more")], 422),
        (a_notice(handle, reference=NOTICE["reference"], subject=NOTICE["subject"]), [], 409),
        (a_notice(handle, subject=NOTICE["subject"], **{WRONG["field"]: TEXT}), [], 422),
        (a_notice(WRONG["handle"], subject=NOTICE["subject"]), [], 422),
        (a_notice(handle, subject=NOTICE["subject"], text=f"{TEXT}\0"), [], 422),
    ]
    for notice, files, status in refused:
        assert (await authority.post(notice, files))[0] == status
    assert (await browser.log_in(USERNAME, WRONG["password"])).status == 422
    assert (await browser.log_in(NOBODY, WRONG["password"])).status == 422
    assert (await browser.open(f"/postfach/{WRONG['path']}?vor={WRONG['path']}")).status == 404
    activation = (await browser.open("/aktivieren")).form("Konto aktivieren")
    assert (await browser.send(activation, code=WRONG["code"], password=WRONG["password"])).status == 422
    assert (await browser.send(Form("/aktivieren"), code=WRONG["code"], password=WRONG["password"])).status == 403
    assert (await authority.get(f"/api/v1/notices/{WRONG['path']}"))[0] == 404
    for line in (f"GET /{WRONG['path']} HTTP/9.9", f"{WRONG['header']}", f"GET / HTTP/1.1\r\n{WRONG['header']}\0: x"):
        _send(platform, f"{line}\r\n\r\n".encode())


def _cookies(web: aiohttp.ClientSession) -> dict[str, bytes]:
    """Return what a browser holds, by name."""
    return {f"cookie {cookie.key}": cookie.value.encode() for cookie in web.cookie_jar}


def _send(platform: Platform, request: bytes) -> None:
    """Send what is no HTTP, and wait for the answer."""
    with socket.create_connection(("127.0.0.1", int(platform.port)), timeout=10) as connection:
        connection.sendall(request)
        assert b" 400 " in connection.recv(4096)


def _stolen(platform: Platform, servers: Servers) -> Iterator[tuple[str, bytes]]:
    """Yield what a thief gets: all but the mails, which a trial keeps in the clear."""
    yield from files_below(platform.folder, but=[platform.folder / "mail"])
    yield from ((f"in {path}", gzip.decompress(path.read_bytes())) for path in platform.folder.rglob("backup/*.gz"))
    if (platform.folder / "store.db").exists():
        yield from rows_of(platform.folder / "store.db")
        return
    for kind in LEANS_ON.values():
        yield from files_below(servers.shared(kind).folder)
    with pymongo.MongoClient[dict[str, Any]](servers.shared("mongodb").url()) as client:
        for name in client.list_database_names():
            for collection in client[name].list_collection_names():
                yield from ((f"{name}.{collection}", str(row).encode()) for row in client[name][collection].find())
