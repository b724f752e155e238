"""The way of an upload: begun, continued wherever it broke off, looked at as a whole, and then a document.

What came in one go was looked at while it came. What came in parts is read back once, when the last byte is there: a
digest and a scanner need the whole, in order. Until it was looked at it is no document, and nothing shows it.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from sk.crypto.stream import KEY_BYTES
from sk.errors import Conflict, Invalid, NotFound, Unavailable
from sk.events import UploadEnded
from sk.ids import new_id
from sk.safe.document import VERSIONS_MAX, Document, Version
from sk.safe.leaving import left
from sk.safe.look import Look, NoLook, looking
from sk.safe.safe import Opened as SafeOpened
from sk.safe.safe import find_safe, open_safe
from sk.safe.steps import checked_name, expect_room, put_new, put_version
from sk.safe.streams import Source, Stream, at_most, forget, take
from sk.safe.types import type_of
from sk.safe.upload import STREAMS_MAX, Opened, Plan, Upload, Wanted
from sk.services import Services
from sk.store.races import looking_again


def file_max_bytes(services: Services) -> int:
    """Return how many bytes a document has at most."""
    return services.settings.largest(services.settings.safe_file_max_bytes)


@looking_again
async def begin(wanted: Wanted, account_id: str, services: Services) -> Upload:
    """Begin an upload and return it. Room for it is kept from now on."""
    name, most = checked_name(wanted.name, "files"), file_max_bytes(services)
    if not 0 < wanted.length <= most:
        said = f"{name} has {wanted.length} bytes; a document has from 1 to {most}"
        raise Invalid(said, field="files", problem="attachment-size", more={"name": name})
    opened = await open_safe(account_id, services)
    contents = opened.contents
    if wanted.document and contents.entry(wanted.document).versions >= VERSIONS_MAX:
        said = f"this document has {VERSIONS_MAX} versions, and can have no more"
        raise Invalid(said, field="files", problem="versions-many")
    if wanted.folder:
        contents.folder(wanted.folder)
    expect_room(contents, wanted.length, services.settings)
    key = secrets.token_bytes(KEY_BYTES)
    upload = Upload.new(new_id(), account_id, services)
    plan = Plan(wanted=wanted._replace(name=name), key=key)
    upload.keep(account_id, plan, opened.own)
    contents.coming[upload.id] = wanted.length
    await services.store.save(opened.kept(), upload)
    return upload


async def own_upload(upload_id: str, account_id: str, services: Services) -> Opened:
    """Return an upload of an account; any other is as unknown as one that never was."""
    safe = await find_safe(account_id, services)  # first: what it keeps room for becomes a document, never the reverse
    upload = await _found(upload_id, services)
    now = services.clock.now()
    if safe is None or upload is None or upload.belongs != safe.safe.belongs or upload.ends_at <= now:
        raise NotFound("there is no such upload, or its day is over")
    return Opened.of(upload, safe)


async def append(
    upload_id: str,
    account_id: str,
    offset: int,
    announced: int | None,
    chunks: AsyncIterator[bytes],
    services: Services,
) -> Opened:
    """Add bytes behind those that are there, and return how the upload stands. What has come stays, whatever follows.

    If all of it is announced, in one go, it is looked at while it comes. Who adds at another place than the end, or
    after somebody else has, gets a `Conflict`, and nothing changes.
    """
    opened = await own_upload(upload_id, account_id, services)
    plan = opened.plan
    if offset != plan.offset:
        raise Conflict(f"this upload goes on at {plan.offset}", problem="upload-offset")
    if len(plan.streams) >= STREAMS_MAX:
        raise Invalid(f"an upload comes in at most {STREAMS_MAX} parts", problem="too-many-parts")
    async with AsyncExitStack() as stack:
        in_one_go = offset == 0 and announced == plan.wanted.length
        look = await stack.enter_async_context(looking(services)) if in_one_go else None
        missing = plan.wanted.length - offset
        limited = at_most(missing, chunks, _too_large(plan.wanted.name, missing))
        stream = await take(limited, plan.key, look or NoLook(), services)
        if stream.size == 0:
            await forget([stream], services)
            return await finished(upload_id, account_id, services)
        opened = await _keep(stream, opened, services)
        return await _finish(opened, look, services) if opened.plan.is_whole else opened


async def finished(upload_id: str, account_id: str, services: Services) -> Opened:
    """Return how an upload stands. One that is all there and was not looked at, because that failed, is now."""
    opened = await own_upload(upload_id, account_id, services)
    return await _finish(opened, None, services) if opened.plan.is_whole and not opened.plan.became else opened


async def add_file(wanted: Wanted, chunks: AsyncIterator[bytes], account_id: str, services: Services) -> str:
    """Add a document, or a version of one, whose bytes come in one go and of unknown length; return its id."""
    async with taken_in(wanted.name, chunks, services) as version:
        return await _add(version, wanted, account_id, services)


@asynccontextmanager
async def taken_in(name: str, chunks: AsyncIterator[bytes], services: Services) -> AsyncIterator[Version]:
    """Store and look at bytes that come in one go; the block makes something of them, or nothing of them is left."""
    name, most = checked_name(name, "files"), file_max_bytes(services)
    key = secrets.token_bytes(KEY_BYTES)
    async with looking(services) as look:
        stream = await take(at_most(most, chunks, _too_large(name, most)), key, look, services)
        try:
            yield await _looked_at(name, key, (stream,), look, services)
        except Exception as error:
            # Whoever was cancelled, or had no answer of the store, may have written it: `sk doctor` knows whose it is.
            if not isinstance(error, Unavailable) or error.problem == "scanner-silent":
                await forget([stream], services)
            raise


@looking_again
async def give_up(upload_id: str, account_id: str, services: Services) -> None:
    """Forget an upload, and what has come of it; what it has become stays."""
    await _end(await own_upload(upload_id, account_id, services), services)


async def end_upload(event: UploadEnded, services: Services) -> None:
    """Forget an upload that nobody has gone on with for a day; what it has become stays."""
    safe = await find_safe(event.account_id, services)  # first, as in `own_upload`
    upload = await _found(event.upload_id, services)
    if upload is None or safe is None:
        await services.store.save(done=event, remove=[upload] if upload else [])
    elif upload.ends_at > services.clock.now():
        await services.store.retry(event, at=upload.ends_at, error="more of it has come")
    else:
        await _end(Opened.of(upload, safe), services, done=event)


async def _found(upload_id: str, services: Services) -> Upload | None:
    return (await services.store.get_many(Upload, [upload_id])).get(upload_id)


async def _end(opened: Opened, services: Services, done: UploadEnded | None = None) -> None:
    """Remove an upload and the room that is kept for it. What has come follows, unless a document has it now."""
    upload, plan, safe = opened
    safe.contents.coming.pop(upload.id, None)
    if plan.streams:
        safe.safe.emit(left((stream.object for stream in plan.streams), services), due=services.clock.now())
    await services.store.save(safe.kept(), done=done, remove=[upload])


async def _keep(stream: Stream, opened: Opened, services: Services) -> Opened:
    """Keep what has just come, unless somebody else was quicker: then nothing of it is left."""
    upload, plan, safe = opened
    plan = plan.model_copy(update={"streams": (*plan.streams, stream)})
    upload.touched_at = services.clock.now()
    upload.keep(safe.account_id, plan, safe.own)
    try:
        await services.store.save(upload)
    except Conflict as error:
        await forget([stream], services)
        raise Conflict("somebody else has added to this upload meanwhile", problem="upload-offset") from error
    return Opened(upload, plan, safe)


async def _finish(opened: Opened, look: Look | None, services: Services) -> Opened:
    """Make a document of an upload that is all there, once it was looked at. Malware leaves nothing behind."""
    upload_id, plan, account_id = opened.upload.id, opened.plan, opened.safe.account_id
    try:
        if look:
            version = await _looked_at(plan.wanted.name, plan.key, plan.streams, look, services)
        else:
            version = await _read_back(plan, services)
    except Invalid:
        with suppress(NotFound):  # somebody else may have found the same
            await give_up(upload_id, account_id, services)
        raise
    return await _become(upload_id, version, account_id, services)


async def _read_back(plan: Plan, services: Services) -> Version:
    """Return the version that an upload becomes which came in parts."""
    async with looking(services) as look:
        async for block in Source(plan.streams, plan.key, services).read():
            if look.is_blind:
                break  # all else would be read for nothing
            await look.feed(block)
        return await _looked_at(plan.wanted.name, plan.key, plan.streams, look, services)


async def _looked_at(name: str, key: bytes, streams: tuple[Stream, ...], look: Look, services: Services) -> Version:
    digest = await look.finish(name)
    if not look.size:
        raise Invalid(f"{name} is empty", field="files", problem="attachment-size", more={"name": name})
    now, media_type = services.clock.now(), type_of(look.head, name)
    return Version(added_at=now, name=name, type=media_type, size=look.size, sha256=digest, key=key, streams=streams)


@looking_again
async def _become(upload_id: str, version: Version, account_id: str, services: Services) -> Opened:
    """Save what an upload has become, unless somebody else has just done so."""
    opened = await own_upload(upload_id, account_id, services)
    upload, plan, safe = opened
    if plan.became:
        return opened
    document = await _put(safe, plan.wanted, version, services)
    del safe.contents.coming[upload_id]
    plan = plan.model_copy(update={"became": document.id, "streams": ()})
    upload.keep(account_id, plan, safe.own)
    await services.store.save(safe.kept(), document, upload)
    return Opened(upload, plan, safe)


@looking_again
async def _add(version: Version, wanted: Wanted, account_id: str, services: Services) -> str:
    opened = await open_safe(account_id, services)
    expect_room(opened.contents, version.size, services.settings)
    document = await _put(opened, wanted, version, services)
    await services.store.save(opened.kept(), document)
    return document.id


async def _put(opened: SafeOpened, wanted: Wanted, version: Version, services: Services) -> Document:
    """Enter a version where it was to go. A document that has been deleted meanwhile is there anew."""
    if wanted.document in opened.contents.entries:
        return await put_version(opened, wanted.document, version, services)
    return put_new(opened, wanted.folder, version, new_id(), services)


def _too_large(name: str, most: int) -> Invalid:
    said = f"{name} has more than {most} bytes"
    return Invalid(said, field="files", problem="attachment-size", more={"name": name})
