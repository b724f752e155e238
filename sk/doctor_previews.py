"""`sk doctor` on previews: who makes them, and whether anybody does."""

from collections.abc import AsyncIterator

from sk.config import Settings
from sk.errors import Unavailable
from sk.finding import Finding
from sk.renderer import renderer_of, socket_beside


async def examine_previews(settings: Settings) -> AsyncIterator[Finding]:
    """Yield which of the two makes previews: a process of its own, or a child of `sk up`, which may be stopped."""
    ours = settings.is_embedded and not settings.render
    renderer = renderer_of(str(socket_beside(settings.data)) if ours else settings.render, settings.render_max_bytes)
    if not renderer.socket:
        yield Finding("nobody makes previews of attachments (SK_RENDER)", is_remark=True)
        return
    try:
        await renderer.check()
    except Unavailable as error:
        said = "sk up does not make previews now, or it does not run" if ours else f"previews: {error} (SK_RENDER)"
        yield Finding(said, is_remark=ours)
        return
    who = "a child of sk up, under the same user" if ours else f"sk render at {settings.render}"
    yield Finding(f"previews of attachments are made by {who}", is_remark=True)
