"""The citizen's proof: the page that says what can be proven about a notice, and the same to keep and to print."""

from functools import partial

from aiohttp import web

from sk.postbox.evidence import JSON, PDF, typeset
from sk.postbox.proven import VERIFY_PAGE, Printed, Proof, prove
from sk.postbox.release import own_notice, release
from sk.web.downloads import saved
from sk.web.keys import LOG_IN, PRINTER, SERVICES
from sk.web.render import page
from sk.web.routes import CITIZEN, RouteTable

routes = RouteTable()


@routes.get("/postfach/{id}/nachweis", allow=CITIZEN)
async def show_proof(request: web.Request) -> web.Response:
    """Show what can be proven about a notice: the same as the PDF says, for those who cannot read that."""
    proof, notice_id = await _prove(request), request.match_info["id"]
    return page(request, "proof.html", proof=proof, notice_id=notice_id)


@routes.get("/postfach/{id}/nachweis.json", allow=CITIZEN)
async def save_proof(request: web.Request) -> web.Response:
    """Send the bundle to keep."""
    proof = await _prove(request)
    return saved(proof.bundle.encode(), JSON, f"nachweis-{request.match_info['id']}.json")


@routes.get("/postfach/{id}/nachweis.pdf", allow=CITIZEN)
async def print_proof(request: web.Request) -> web.Response:
    """Send the page to print, with the bundle attached."""
    services, proof = request.app[SERVICES], await _prove(request)
    printed = Printed(services.settings.operator, services.base_url + VERIFY_PAGE)
    pdf = await request.app[PRINTER].run(typeset, proof, printed)
    return saved(pdf, PDF, f"nachweis-{request.match_info['id']}.pdf")


async def _prove(request: web.Request) -> Proof:
    """Return the proof of a notice that this person has fetched, or of one that nobody can fetch any more.

    Of the latter they have not seen the content, so that its digests are left out.
    """
    services, log_in, notice_id = request.app[SERVICES], request[LOG_IN], request.match_info["id"]
    notice, _ = await own_notice(notice_id, log_in, services)
    if not (notice.withdrawn_at or notice.lapsed_at):
        await release(notice_id, log_in, services, by_post=False)
    return await prove(partial(own_notice, notice_id, log_in, services), services, for_citizen=True)
