"""`sk doctor` on the log: whether everything that was logged is there, and whether notices are what was stated.

A notice that is behind its statements was put back to an earlier state, or not brought back whole. It is moved forward,
never back. What is missing from the log itself nobody can mend: that was published.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from sk.clock import SKEW
from sk.errors import Damaged, NotFound, SkError
from sk.evidence.admit import why_unfit
from sk.evidence.anchor import newest_anchor, unreadable_anchor
from sk.evidence.keys import LogKeys
from sk.evidence.publish import check_anchors
from sk.evidence.sequence import leaf_of, log_head, reconsider, refused, root_at, tiles_of
from sk.evidence.spelling import moment_text
from sk.evidence.statement import Statement, statement_id
from sk.evidence.tiles import WIDTH
from sk.evidence.tree import HASH_BYTES, leaf_hash
from sk.finding import Finding, damaged_anchor, foreign_anchor, pages
from sk.installation import ensure_installation
from sk.postbox.notice import Notice
from sk.postbox.replay import move_forward
from sk.services import Services
from sk.store.port import Cursor, get_readable


async def examine_log(services: Services) -> AsyncIterator[Finding]:
    """Yield what is wrong with the log and with statements."""
    async for statements in pages(services, Statement):
        for id_, statement in statements.items():
            if statement is None:
                yield Finding(f"the statement {id_} cannot be read; the log stands still before it")
    async for finding in _published(services):
        yield finding
    async for finding in _leaves(services):
        yield finding
    try:
        async for finding in _refused(services):
            yield finding
    except Damaged:
        pass  # it is among those that cannot be read
    async for finding in _behind(services):
        yield finding


async def _refused(services: Services) -> AsyncIterator[Finding]:
    """Tell what the log has refused, and why; what it would take in by now can be looked at once more."""
    head, keys = await log_head(services.store), LogKeys()
    await keys.read_on(services.store, services.keys.signers, head.size)
    for statement in await refused(services.store):
        said = f"the statement {statement.id} ({statement.step}) was refused by the log"
        if why := await why_unfit(statement, keys, services.keys.signers, services.store):
            yield Finding(f"{said}, which would refuse it again: {why}")
        else:
            again = lambda one=statement: reconsider(services.store, one)  # noqa: E731 - of this one
            yield Finding(f"{said}, which would take it in now", again)


async def _published(services: Services) -> AsyncIterator[Finding]:
    """Compare the log with the clock, and with what the newest anchor promised."""
    ahead = (await log_head(services.store)).logged_at
    if ahead and ahead > services.clock.now() + SKEW:
        yield Finding(f"the log says that it is {moment_text(ahead)}, which is still to come: a clock was or is wrong")
    installation = await ensure_installation(services)
    place = installation.log_number, installation.log_origin
    try:
        await check_anchors(services.store, services.objects, services.keys.signers, *place)
    except SkError as error:
        yield Finding(str(error))
    except Damaged:
        yield Finding("a tile of the log, or its newest checkpoint, cannot be read")
    if said := await _odd_anchor(services):
        yield Finding(said)


async def _odd_anchor(services: Services) -> str:
    """Say what is wrong with the newest anchor itself. The sequencer goes by an older one then; a restore does not."""
    try:
        anchor = await newest_anchor(services.objects)
    except Damaged:
        return damaged_anchor(await unreadable_anchor(services.objects))
    if anchor is None:
        return ""
    try:
        anchor.checkpoint(services.keys.signers)
    except Damaged:
        return foreign_anchor(anchor.log_number, anchor.size)
    return ""


async def _leaves(services: Services) -> AsyncIterator[Finding]:
    """Compare every leaf of the log with its statement, and the root with the leaves."""
    head = await log_head(services.store)
    for begin in range(0, head.size, WIDTH):
        place = (0, begin // WIDTH)
        tiles = await tiles_of(services.store, [place])
        row = tiles[place].hashes if place in tiles else b""
        end = min(begin + WIDTH, head.size)
        logged = await _logged(services, begin, end)
        for position in range(begin, end):
            leaf = row[(position - begin) * HASH_BYTES :][:HASH_BYTES]
            if said := _wrong(logged.get(position, []), leaf):
                yield Finding(f"position {position} of the log: {said}")
    try:
        root = await root_at(services.store, head.size)
    except Damaged:
        root = b""
    if root != head.root:
        yield Finding("the tiles of the log do not give the root of its head; nobody can prove anything from it")


def _wrong(statements: Sequence[Statement], leaf: bytes) -> str:
    """Say what is wrong with the statements at one position, of which the log has this leaf."""
    if not statements:
        return "its statement is missing"
    if len(statements) > 1:
        return f"{' and '.join(one.id for one in statements)} both claim it"
    [statement] = statements
    return "" if _is_leaf(statement, leaf) else f"the statement {statement.id} is not what was logged"


def _is_leaf(statement: Statement, leaf: bytes) -> bool:
    try:
        return leaf_hash(leaf_of(statement)) == leaf
    except (NotFound, OverflowError):  # it says that it was never logged, or in a year of which no leaf can tell
        return False


async def _logged(services: Services, begin: int, end: int) -> dict[int, list[Statement]]:
    """Return the statements at positions; what cannot be read is not among them."""
    found: list[Statement] = []
    after = Cursor.behind(begin - 1)
    try:
        found = await services.store.find(Statement, "log", "", after=after, limit=2 * (end - begin))
    except Damaged:
        for position in range(begin, end):
            found += await _at(services, position)
    logged: dict[int, list[Statement]] = {}
    for statement in found:
        if statement.position is not None:
            logged.setdefault(statement.position, []).append(statement)
    return logged


async def _at(services: Services, position: int) -> list[Statement]:
    try:
        found = await services.store.find(Statement, "log", "", after=Cursor.behind(position - 1), limit=1)
    except Damaged:
        return []
    return [one for one in found if one.position == position]


async def _behind(services: Services) -> AsyncIterator[Finding]:
    """Look for notices of which more was stated than they know."""
    async for notices in pages(services, Notice):
        following = {statement_id(one.id, one.statements + 1): one.id for one in notices.values() if one}
        for id_ in await get_readable(services.store, Statement, [*following]):
            notice_id = following[id_]
            if not (notice := await _still_behind(services, notice_id)):
                continue  # the step was taken while this went on
            taken = await move_forward(notice, await _following(services, notice), services)
            if taken:
                steps = ", ".join(one.step for one in taken)
                said = f"the notice {notice_id} is behind what was stated about it: {steps}"
                yield Finding(said, _forward(services, notice_id))
            else:
                yield Finding(f"the statement {id_} does not continue what the notice {notice_id} has")


async def _still_behind(services: Services, notice_id: str) -> Notice | None:
    """Return a notice if it is behind its statements, and not only because a step was taken between two looks."""
    notice = await services.store.get(Notice, notice_id)
    following = await _following(services, notice)
    again = await services.store.get(Notice, notice_id)
    return notice if following and again.version == notice.version else None


async def _following(services: Services, notice: Notice) -> list[Statement]:
    """Return the statements that a notice does not know, as far as they can be read one after the other."""
    found: list[Statement] = []
    while True:
        id_ = statement_id(notice.id, notice.statements + len(found) + 1)
        statement = (await get_readable(services.store, Statement, [id_])).get(id_)
        if statement is None:
            return found
        found.append(statement)


def _forward(services: Services, notice_id: str) -> Callable[[], Awaitable[None]]:
    async def repair() -> None:
        notice = await services.store.get(Notice, notice_id)
        if await move_forward(notice, await _following(services, notice), services):
            await services.store.save(notice)

    return repair
