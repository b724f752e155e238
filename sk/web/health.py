"""Is it alive, can it serve."""

from collections.abc import Awaitable

from aiohttp import web
from pydantic import BaseModel

from sk.errors import SkError
from sk.installation import check_clock
from sk.services import Services
from sk.web.keys import SERVICES
from sk.web.routes import ANYBODY, Answer, RouteTable

routes = RouteTable()


class Health(BaseModel):
    """The process is alive."""

    alive: bool = True


class Readiness(BaseModel):
    """Which part can be used: "ok", or what is wrong."""

    ready: bool
    parts: dict[str, str]


@routes.get("/healthz", allow=ANYBODY, answers={200: Answer(Health)})
async def show_health(_: web.Request) -> web.Response:
    """Say that the process is alive."""
    return web.json_response(Health().model_dump())


@routes.get("/readyz", allow=ANYBODY, answers={200: Answer(Readiness), 503: Answer(Readiness)})
async def show_readiness(request: web.Request) -> web.Response:
    """Say whether this process can serve, and which part it is that cannot."""
    parts = await readiness(request.app[SERVICES])
    ready = all(state == "ok" for state in parts.values())
    return web.json_response(Readiness(ready=ready, parts=parts).model_dump(), status=200 if ready else 503)


async def readiness(services: Services) -> dict[str, str]:
    """Return the state of every part that this process leans on."""
    return {
        "store": await _state(_check_store(services)),
        "objects": await _state(services.objects.check()),
        "scanner": await _state(services.scanner.check()),
    }


async def _check_store(services: Services) -> None:
    await check_clock(services)
    await services.store.check()


async def _state(check: Awaitable[None]) -> str:
    try:
        await check
    except SkError as error:
        return str(error)
    return "ok"
