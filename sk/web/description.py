"""The description of the HTTP interface, and of the types of problems, for whoever programs against it."""

from aiohttp import web

from sk.errors import NotFound
from sk.web.keys import DESCRIPTION
from sk.web.problems import PROBLEMS, TYPE_PREFIX, ProblemTypeOut
from sk.web.routes import ANYBODY, Answer, RouteTable

routes = RouteTable()


@routes.get("/api/v1/openapi.json", allow=ANYBODY, answers={200: Answer("application/json", "this description")})
async def show_description(request: web.Request) -> web.Response:
    """Return the description of this interface, as OpenAPI 3.1."""
    return web.json_response(request.app[DESCRIPTION])


@routes.get(TYPE_PREFIX + "{name}", allow=ANYBODY, answers={200: Answer(ProblemTypeOut)})
async def show_problem_type(request: web.Request) -> web.Response:
    """Say what a type of problem means: `type` in a problem is this address."""
    problem = PROBLEMS.get(name := request.match_info["name"])
    if problem is None:
        raise NotFound("there is no such type of problem")
    told = ProblemTypeOut(type=TYPE_PREFIX + name, title=problem.title, status=problem.status)
    return web.json_response(told.model_dump())
