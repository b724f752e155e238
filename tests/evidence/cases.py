"""Logs for the tests of those who watch them: one in memory, and what can be done to a real one with store and keys."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.crypto.sign import Signers
from sk.errors import Unavailable
from sk.evidence.anchor import newest_anchor
from sk.evidence.note import Checkpoint, VKey, sign_note
from sk.evidence.sequence import Tile, leaf_of, log_head, signed_head, tile_id, tiles_of
from sk.evidence.statement import Place as Step
from sk.evidence.statement import Statement, make_statement
from sk.evidence.tiles import WIDTH, Tiles, grown, hash_over
from sk.evidence.tree import HASH_BYTES, leaf_hash
from sk.ids import new_id
from sk.installation import ensure_installation
from sk.services import Services
from tests.evidence.whole import in_the_log
from tests.world import World

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass(frozen=True)
class Shelf:
    """A log in memory that serves what it is told to, honest or not."""

    leaves: Sequence[bytes]
    origin: str = "konto.example"
    key: Ed25519PrivateKey = KEY
    asked: list[str] = field(default_factory=list)

    @property
    def vkey(self) -> VKey:
        return VKey(self.origin, self.key.public_key().public_bytes_raw())

    @cached_property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(leaf) for leaf in self.leaves]

    @cached_property
    def tiles(self) -> Tiles:
        return grown({}, 0, self.hashes)

    def note(self, size: int | None = None) -> str:
        """Return the signed checkpoint that the log had at a size."""
        size = len(self.leaves) if size is None else size
        root = hash_over((0, size), grown({}, 0, self.hashes[:size]))
        return sign_note(Checkpoint(self.origin, size, root).text(), self.origin, self.key)

    def rewritten(self, index: int, leaf: bytes = b"something else, of a leaf's 40 bytes' size") -> "Shelf":
        """Return the log with another leaf in one place, ready to be signed again."""
        return Shelf([*self.leaves[:index], leaf[:40], *self.leaves[index + 1 :]], self.origin, self.key)

    async def fetch(self, path: str) -> bytes:
        """See `Fetch`."""
        self.asked.append(path)
        _, level, rest = path.split("/", 2)
        digits, _, width = rest.partition(".p/")
        number, count = int(digits.replace("x", "").replace("/", "")), int(width or WIDTH)
        if level != "entries":
            return self.tiles[int(level), number][: count * HASH_BYTES]
        return b"".join(len(leaf).to_bytes(2) + leaf for leaf in self.leaves[number * WIDTH :][:count])


def a_shelf(size: int) -> Shelf:
    """Return a log of so many leaves, each logged a microsecond after the one before it."""
    return Shelf([number.to_bytes(8) + bytes(32) for number in range(size)])


async def fill(world: World, count: int) -> int:
    """Have so many more statements in the log, without the notices that they would be about; return its size then."""
    await world.web.store.save(*(a_statement(world) for _ in range(count)))
    await world.settle()
    return (await signed_head(world.web.store)).size


def a_statement(world: World, place: Step | None = None) -> Statement:
    """Return a statement that is in order, about no notice that there is."""
    signer, here = world.web.keys.signer("sign-web"), place or Step("a", new_id(), 1)
    return make_statement(signer, "withdrawn", world.clock.now(), {}, here)


def not_knowing(use: str, services: Services) -> Services:
    """Return services that no file of keys has told of those for a use."""
    known = {kid: entry for kid, entry in services.keys.signers.by_kid.items() if entry[0] != use}
    return replace(services, keys=replace(services.keys, signers=Signers(known)))


async def anchor_names(world: World) -> list[str]:
    """Return under which names anchors of the log lie in the object store, by day."""
    objects = world.web.objects
    return [name for day in await objects.days() async for name in objects.names(day, "log-")]


async def rewrite(world: World, position: int, more: int = 0) -> None:
    """State something else in the place of a leaf, state more behind the last one, and sign everything again.

    Whoever can write the store and holds the keys of web and of the log can do that, and every signature is good.
    """
    statements = await in_the_log(world.web.store)
    old = statements[position]
    old.jws = a_statement(world, Step(old.authority_id, old.notice_id, old.number)).jws
    new = [a_statement(world) for _ in range(more)]
    for place, statement in enumerate(new, len(statements)):
        statement.position, statement.logged_at = place, statements[-1].logged_at
    await world.web.store.save(old, *new)
    await _log_again(world, [*statements, *new])


async def go_back(world: World, size: int) -> None:
    """Have the log say that it has so many leaves and no more."""
    await _log_again(world, (await in_the_log(world.web.store))[:size])


async def _log_again(world: World, statements: list[Statement]) -> None:
    store, key = world.web.store, world.workers.keys.signer("log").key
    origin = (await ensure_installation(world.web)).log_origin
    rows = grown({}, 0, [leaf_hash(leaf_of(statement)) for statement in statements])
    tiles = await tiles_of(store, list(rows))
    for place, row in rows.items():
        tiles.setdefault(place, Tile(id=tile_id(place))).hashes = row
    head, signed = await log_head(store), await signed_head(store)
    head.size = signed.size = len(statements)
    head.root = hash_over((0, head.size), rows)
    signed.note = sign_note(Checkpoint(origin, head.size, head.root).text(), origin, key)
    await store.save(head, signed, *tiles.values())


class NoObjects:
    """`ObjectStore` in which there is nothing, and which takes nothing."""

    def __getattr__(self, _: str) -> Callable[..., Awaitable[None]]:
        """Return what every other method of it does."""

        async def fail(*_: object, **__: object) -> None:
            raise Unavailable("the object store does not answer")

        return fail


def without_objects(services: Services) -> Services:
    """Return services that have lost their object store."""
    nothing: Any = NoObjects()
    return replace(services, objects=nothing)


async def newest(world: World) -> Checkpoint:
    """Return what was published last."""
    anchor = await newest_anchor(world.web.objects)
    assert anchor
    return anchor.checkpoint(world.web.keys.signers)
