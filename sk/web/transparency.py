"""The log for everybody: its newest checkpoint, its tiles, and the key that signs it (docs/formats/log.md)."""

import re
from hashlib import sha256

from aiohttp import web

from sk.errors import Damaged, NotFound
from sk.evidence.sequence import leaf_of, signed_head, tiles_of
from sk.evidence.statement import Statement
from sk.evidence.tiles import WIDTH, Place
from sk.evidence.tree import HASH_BYTES
from sk.installation import log_vkey
from sk.store.port import Cursor, Store
from sk.web.keys import SERVICES
from sk.web.routes import ANYBODY, Answer, RouteTable

routes = RouteTable()
TEXT, BYTES = "text/plain", "application/octet-stream"
LEVELS = 8
TILE = re.compile(r"(?:x\d{3}/)*(\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
GROUPS_MAX = 5
TROUBLE = ("damaged", "unavailable")
FOR_A_MINUTE = {"Cache-Control": "public, max-age=60"}  # after a restore the same path has other bytes
TAG_DIGITS = 32


@routes.get(
    "/log/checkpoint",
    allow=ANYBODY,
    answers={200: Answer(TEXT, "a signed note: C2SP tlog-checkpoint")},
    problems=("not-found", *TROUBLE),
)
async def show_checkpoint(request: web.Request) -> web.Response:
    """Return the newest checkpoint of the log."""
    if note := (await signed_head(request.app[SERVICES].store)).note:
        return web.Response(text=note, content_type=TEXT)
    raise NotFound("nothing has been logged yet")


@routes.get(
    "/log/vkey", allow=ANYBODY, answers={200: Answer(TEXT, "a verifier key: C2SP signed-note")}, problems=TROUBLE
)
async def show_vkey(request: web.Request) -> web.Response:
    """Return the key that signs checkpoints. Whoever relies on it has it from elsewhere as well."""
    return web.Response(text=f"{await log_vkey(request.app[SERVICES])}\n", content_type=TEXT)


@routes.get(
    "/log/tile/{level}/{tile}",
    allow=ANYBODY,
    deep=True,
    problems=TROUBLE,
    answers={200: Answer(BYTES, "hashes side by side, or under the level `entries` leaves: C2SP tlog-tiles")},
)
async def show_tile(request: web.Request) -> web.Response:
    """Return a tile by its number in groups of three digits.

    067, or x001/x234/067; while it is not full, with the number of its hashes: 003.p/17.
    """
    level, (number, width) = request.match_info["level"], _read(request.match_info["tile"])
    if level not in ("entries", *map(str, range(LEVELS))):
        raise NotFound("the log has no such level")
    store = request.app[SERVICES].store
    signed, height = await signed_head(store), 0 if level == "entries" else int(level)
    if signed.size < (number * WIDTH + width) * WIDTH**height:  # what is in no checkpoint yet is not shown
        raise NotFound("the log has no such tile yet")
    making = _entries(number, width, store) if level == "entries" else _hashes((height, number), width, store)
    row = await making
    tag = sha256(row).hexdigest()[:TAG_DIGITS]
    is_known = any(known.value == tag for known in request.if_none_match or ())
    answer = web.Response(status=304) if is_known else web.Response(body=row, content_type=BYTES)
    answer.headers.update(FOR_A_MINUTE)
    answer.etag = tag
    return answer


async def _hashes(place: Place, width: int, store: Store) -> bytes:
    found = (await tiles_of(store, [place])).get(place)
    if found is None or len(found.hashes) < width * HASH_BYTES:
        raise Damaged
    return found.hashes[: width * HASH_BYTES]


async def _entries(number: int, width: int, store: Store) -> bytes:
    """Return leaves, each behind its length as u16."""
    found = await store.find(Statement, "log", "", after=Cursor.behind(number * WIDTH - 1), limit=width)
    return b"".join(len(leaf).to_bytes(2) + leaf for leaf in map(leaf_of, found))


def _read(path: str) -> tuple[int, int]:
    """Return the number of a tile and how many hashes of it are asked for."""
    found = TILE.fullmatch(path)
    digits = path.partition(".")[0].replace("x", "").split("/")
    number = int("".join(digits)) if found and len(digits) <= GROUPS_MAX else -1
    width = int(found[2] or WIDTH) if found else 0
    if not found or number < 0 or width > WIDTH or (len(digits) > 1 and digits[0] == "000"):
        raise NotFound("this is no path of a tile")
    return number, width
