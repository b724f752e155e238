"""The log for everybody: its newest checkpoint, its tiles, and the key that signs it (docs/formats/log.md)."""

import re

from aiohttp import web

from sk.errors import NotFound
from sk.evidence.note import VKey
from sk.evidence.sequence import leaf_of, log_head, signed_head, tiles_of
from sk.evidence.statement import Statement
from sk.evidence.tiles import WIDTH
from sk.evidence.tree import HASH_BYTES
from sk.installation import ensure_installation
from sk.services import Services
from sk.store.port import Cursor
from sk.web.keys import SERVICES
from sk.web.routes import ANYBODY, Answer, RouteTable

routes = RouteTable()
TEXT, BYTES = "text/plain", "application/octet-stream"
LEVELS = 8
TILE = re.compile(r"(?:x\d{3}/)*(\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
GROUPS_MAX = 5
TROUBLE = ("damaged", "unavailable")
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


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
    services = request.app[SERVICES]
    origin = (await ensure_installation(services)).log_origin
    return web.Response(text=f"{VKey(origin, services.keys.signers.public('log'))}\n", content_type=TEXT)


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
    services = request.app[SERVICES]
    row = await (_entries(number, width, services) if level == "entries" else _hashes(level, number, width, services))
    return web.Response(body=row, content_type=BYTES, headers=FOR_EVER)


async def _hashes(level: str, number: int, width: int, services: Services) -> bytes:
    if level not in map(str, range(LEVELS)):
        raise NotFound("the log has no such level")
    place = (int(level), number)
    found = (await tiles_of(services.store, [place])).get(place)
    if found is None or len(found.hashes) < width * HASH_BYTES:
        raise NotFound("the log has no such tile yet")
    return found.hashes[: width * HASH_BYTES]


async def _entries(number: int, width: int, services: Services) -> bytes:
    """Return leaves, each behind its length as u16."""
    if (await log_head(services.store)).size < number * WIDTH + width:
        raise NotFound("the log has no such entries yet")
    before = Cursor(number * WIDTH - 1, "\U0010ffff")
    leaves = map(leaf_of, await services.store.find(Statement, "log", "", after=before, limit=width))
    return b"".join(len(leaf).to_bytes(2) + leaf for leaf in leaves)


def _read(path: str) -> tuple[int, int]:
    """Return the number of a tile and how many hashes of it are asked for."""
    found = TILE.fullmatch(path)
    digits = path.partition(".")[0].replace("x", "").split("/")
    number = int("".join(digits)) if found and len(digits) <= GROUPS_MAX else -1
    width = int(found[2] or WIDTH) if found else 0
    if not found or number < 0 or width > WIDTH or (len(digits) > 1 and digits[0] == "000"):
        raise NotFound("this is no path of a tile")
    return number, width
