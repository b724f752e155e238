"""What an authority fetches for its file, for a court or for the citizen: the evidence about a notice, also printed."""

from functools import partial

from aiohttp import web

from sk.auth.authority import AuthorityCard
from sk.evidence.bundle import Bundle
from sk.postbox.posted import own_notice
from sk.postbox.proven import VERIFY_PAGE, Printed, Proof, prove
from sk.postbox.receipt import reference_of
from sk.web.downloads import saved
from sk.web.keys import AUTHORITY, PRINTER, SERVICES
from sk.web.routes import Answer, RouteTable, scope

routes = RouteTable()
JSON, PDF = "application/json", "application/pdf"
SAVED = {"Content-Disposition": "a file to keep, with a name that says which notice it is about"}
PROBLEMS = ("notice-damaged", "not-logged-yet", "no-key")


@routes.get(
    "/api/v1/notices/{id}/evidence.json",
    allow=scope("notices:read"),
    answers={200: Answer(Bundle, "the bundle, to be kept byte for byte: `sk verify` takes it", SAVED)},
    problems=PROBLEMS,
)
async def show_evidence(request: web.Request) -> web.Response:
    """Return the evidence about a notice, as a bundle that can be verified offline."""
    return await send_evidence(request, request[AUTHORITY])


@routes.get(
    "/api/v1/notices/{id}/evidence.pdf",
    allow=scope("notices:read"),
    answers={200: Answer(PDF, "a page for people (PDF/A-3) with the bundle attached as evidence.json", SAVED)},
    problems=PROBLEMS,
)
async def print_evidence(request: web.Request) -> web.Response:
    """Return the evidence about a notice, as a page to print with the bundle attached."""
    return await send_printed(request, request[AUTHORITY])


async def send_evidence(request: web.Request, authority: AuthorityCard) -> web.Response:
    """Send the bundle about the notice of an authority that the address names."""
    proof = await _prove(request, authority)
    return saved(proof.bundle.encode(), JSON, f"evidence-{request.match_info['id']}.json")


async def send_printed(request: web.Request, authority: AuthorityCard) -> web.Response:
    """Send the same as a page to print."""
    services, notice_id = request.app[SERVICES], request.match_info["id"]
    proof = await _prove(request, authority)
    printed = Printed(
        services.settings.operator, services.base_url + VERIFY_PAGE, await reference_of(notice_id, services)
    )
    return saved(await request.app[PRINTER].run(typeset, proof, printed), PDF, f"evidence-{notice_id}.pdf")


def typeset(proof: Proof, printed: Printed) -> bytes:
    """Return a proof as PDF. It takes a third of a second, so that this is for a thread of its own."""
    # The typesetter takes as long to load as all else together, and every start of the platform would wait for it.
    from sk.postbox.proof_pdf import typeset_proof  # noqa: PLC0415 - see above

    return typeset_proof(proof, printed)


async def _prove(request: web.Request, authority: AuthorityCard) -> Proof:
    services = request.app[SERVICES]
    return await prove(partial(own_notice, request.match_info["id"], authority, services), services)
