"""The way of an import: begun when its archive is there, gone on with file by file, and over when all are done.

Each file is one write together with how far the import is: whoever is killed in between goes on where it was. It goes
on for a short while at a time, so that others have their turn.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from sk.archive import Busy, NoArchive, unpacking
from sk.auth.own_key import own_lock
from sk.config import Settings
from sk.crypto.stream import KEY_BYTES, Reader, open_stream
from sk.errors import Damaged, Invalid, NotFound, Unavailable
from sk.events import Event, ImportDue, ImportEnded
from sk.ids import id_that_follows
from sk.objects.port import StoredObject
from sk.safe.import_files import At, Elsewhere, begin_with, take_next
from sk.safe.import_plan import planned
from sk.safe.importing import KEPT, Ended, Import, Opened, Progress, find_import, imports_of
from sk.safe.leaving import left
from sk.safe.look import NoLook
from sk.safe.streams import Stream, forget, stream_context, take
from sk.services import Services
from sk.store.races import looking_again

AT_A_TIME_SECONDS = 15
GOING_ON: Final = asyncio.Semaphore(1)
"""In each process, so that those who wait for their turn keep nobody else's events waiting."""
LATER = timedelta(seconds=5)


def archive_max_bytes(settings: Settings) -> int:
    """Return how many bytes an archive may have. It is no document, so that no scanner looks at it as a whole."""
    return settings.safe_file_max_bytes


async def was_begun(account_id: str, token: str, services: Services) -> bool:
    """Tell whether a form has begun an import before. While another one goes on there is no second one."""
    if not services.renderer.socket:
        raise Invalid("there is no renderer, which alone unpacks archives", problem="import-off")
    for found in await imports_of(account_id, services):
        if found.row.id == _import_id(account_id, token):
            return True
        if not found.progress.ended:
            raise Invalid("an import is going on; wait for its end, or end it", problem="import-going-on")
    return False


async def begin_import(account_id: str, token: str, chunks: AsyncIterator[bytes], services: Services) -> None:
    """Take an archive in, and begin to import what is in it. What is said of earlier imports is forgotten."""
    key = secrets.token_bytes(KEY_BYTES)
    stream = await take(chunks, key, NoLook(), services)
    try:
        if not await _begin(account_id, token, Progress(key=key, archive=stream), services):
            await forget([stream], services)
    except Exception as error:
        if not isinstance(error, Unavailable):  # then it may have been written: `sk doctor` knows whose it is
            await forget([stream], services)
        raise


@looking_again
async def give_up_import(account_id: str, services: Services) -> None:
    """End what goes on; what is in the safe already stays there."""
    for found in await imports_of(account_id, services):
        if not found.progress.ended:
            await _end(found, "given-up", services)


async def go_on(event: ImportDue, services: Services) -> None:
    """Go on with an import for a while, and have somebody go on afterwards if it is not over by then."""
    ended: Ended = ""
    wait, is_elsewhere = LATER, False
    if not GOING_ON.locked():
        async with GOING_ON:
            try:
                ended, wait = await _some(event, services), timedelta()
            except NoArchive as no_archive:
                ended = no_archive.why
            except Elsewhere:
                is_elsewhere = True
            except Busy:
                pass
    found = await find_import(event.import_id, event.account_id, services)
    if found is None or found.progress.ended:
        await services.store.save(done=event)
    elif ended:
        await _end(found, ended, services, done=event)
    elif not is_elsewhere:
        found.row.go_on(event.account_id, services.clock.now() + wait)
        await services.store.save(found.row, done=event)


async def end_import(event: ImportEnded, services: Services) -> None:
    """Give up an import that is not over after a day, and say so for another one; forget one that is over."""
    found, now = await find_import(event.import_id, event.account_id, services), services.clock.now()
    if found is None:
        await services.store.save(done=event)
    elif found.row.ends_at > now:
        await services.store.retry(event, at=found.row.ends_at, error="its day is not over")
    elif found.progress.ended:
        await services.store.save(done=event, remove=[found.row])
    else:
        found.row.ends_at = now + KEPT
        found.row.end_later(event.account_id)
        await _end(found, "late", services, done=event)


async def _some(event: ImportDue, services: Services) -> Ended:
    """Take files out of an archive until some time is over; tell whether that was all of them."""
    found = await find_import(event.import_id, event.account_id, services)
    if found is None or found.progress.archive is None:
        raise Elsewhere
    at, loop = At(found.account_id, found.row.id, found.progress.done), asyncio.get_running_loop()
    until = loop.time() + AT_A_TIME_SECONDS
    source = await _opened(found.progress.archive, found.progress.key, services)
    async with unpacking(source, services.renderer) as archive:
        plan = await planned(archive)
        await begin_with(plan, at, services)
        for incoming in plan.incoming[at.done :]:
            goes_on = await take_next(incoming, archive, at, services)
            at = at._replace(done=at.done + 1)
            if not goes_on or loop.time() > until:
                break
    return "done" if at.done >= len(plan.incoming) else ""


async def _opened(stream: Stream, key: bytes, services: Services) -> Reader:
    """Open the archive. One that is gone, after a restore perhaps, is as good as one that nobody can read."""
    try:
        stored = StoredObject(stream.object, await services.objects.size(stream.object), services.objects)
        return await open_stream(stored, key, stream_context(stream.object))
    except (Damaged, NotFound):
        raise NoArchive("unreadable") from None


@looking_again
async def _begin(account_id: str, token: str, progress: Progress, services: Services) -> bool:
    """Save an import, unless the other press of the button was quicker; tell which it was."""
    if await was_begun(account_id, token, services):
        return False
    earlier = [found.row for found in await imports_of(account_id, services)]
    row = Import.new(_import_id(account_id, token), account_id, services)
    row.keep(account_id, progress, await own_lock(account_id, services))
    await services.store.save(row, remove=earlier)
    return True


async def _end(found: Opened, ended: Ended, services: Services, done: Event | None = None) -> None:
    """End an import; its archive follows."""
    if found.progress.archive:
        found.row.emit(left([found.progress.archive.object], services), due=services.clock.now())
    progress = found.progress.model_copy(update={"archive": None, "ended": ended})
    await services.store.save(found.kept(progress), done=done)


def _import_id(account_id: str, token: str) -> str:
    return id_that_follows("import", account_id, token)
