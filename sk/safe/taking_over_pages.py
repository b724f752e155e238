"""The button on the page of a notice by which its attachments are put into the safe."""

from aiohttp import web

from sk.safe.taking_over import take_over
from sk.web.keys import LOG_IN, SERVICES
from sk.web.render import see_other
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()


@routes.post("/postfach/{id}/in-den-safe", allow=CITIZEN)
async def put_into_safe(request: web.Request) -> web.Response:
    """Put the attachments into the safe, and lead to the document that came of it, or to all of them."""
    ids = await take_over(request.match_info["id"], request[LOG_IN], request.app[SERVICES])
    return see_other(f"/safe/dokumente/{ids[0]}" if len(ids) == 1 else "/safe")
