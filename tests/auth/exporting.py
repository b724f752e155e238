"""Taking along what is held about somebody, for the tests of what is in it."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

from sk.auth.export import export
from sk.auth.sessions import LogIn
from tests.workers.cases import logged_in
from tests.world import Citizen, World


async def exported(world: World, who: Citizen, **log_in: Any) -> ZipFile:
    """Return what somebody takes along."""
    chosen = LogIn.model_validate({**logged_in(who).model_dump(), **log_in})
    return ZipFile(BytesIO(b"".join([block async for block in export(chosen, world.web)])))
