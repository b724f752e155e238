"""Somebody who reads the public log, and has nothing but its address."""

import aiohttp

from sk.evidence.note import Checkpoint, VKey, open_note
from sk.evidence.tiles import Place, path_of
from tests.world import World


class Reader:
    """Somebody who knows an address and nothing else."""

    def __init__(self, world: World) -> None:
        """Read the log of a platform."""
        self._world = world

    async def get(self, path: str) -> bytes:
        """Return what is served."""
        status, body = await self.ask(path)
        assert status == 200, body
        return body

    async def ask(self, path: str) -> tuple[int, bytes]:
        """Return the status and the body of an answer."""
        async with aiohttp.ClientSession() as http, http.get(self._world.base_url + path) as answer:
            return answer.status, await answer.read()

    async def checkpoint(self) -> Checkpoint:
        """Return the newest checkpoint, signed by the key that is served beside it."""
        vkey = VKey.read((await self.get("/log/vkey")).decode().strip())
        return Checkpoint.read(open_note((await self.get("/log/checkpoint")).decode(), [vkey])[0])

    async def tiles(self, places: set[Place], size: int) -> dict[Place, bytes]:
        """Return tiles of a log of a size, each as wide as it is then."""
        return {place: await self.get(f"/log/tile/{path_of(place, self.width(place, size))}") for place in places}

    def width(self, place: Place, size: int) -> int:
        """Return how many hashes a tile has in a log of a size."""
        return min(256, (size >> 8 * place[0]) - place[1] * 256)
