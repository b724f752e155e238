"""The web application: the route tables put together, each route behind its check."""

import asyncio

from aiohttp import web

from sk.auth import (
    account_pages,
    authorize_pages,
    bundid_pages,
    card_pages,
    card_register_pages,
    consent_pages,
    einwilligung_pages,
    erasure_pages,
    export_pages,
    notification_pages,
    passkey_pages,
    password_pages,
    portal_logout_pages,
    portal_pages,
    provider_api,
    register_pages,
    saml_pages,
    security_pages,
    token_api,
    vollmacht_pages,
)
from sk.auth import pages as auth_pages
from sk.auth.bundid import bundid_of
from sk.auth.eid import simulator_page
from sk.auth.eid.server import eid_server_of
from sk.auth.eid.simulator import Simulator
from sk.auth.passwords import Passwords
from sk.auth.saml_portal import identity_of
from sk.postbox import (
    api,
    behoerde_pages,
    behoerde_reply_pages,
    draft_check_pages,
    draft_pages,
    evidence,
    feed,
    list_pages,
    preview_pages,
    proof_pages,
    reply_api,
    reply_pages,
    vertretung_pages,
)
from sk.postbox import pages as postbox_pages
from sk.safe import (
    document_pages,
    download_pages,
    folder_pages,
    import_pages,
    share_api,
    share_pages,
    taking_over_pages,
    trash_pages,
    tus_api,
    upload_pages,
)
from sk.safe import list_pages as safe_pages
from sk.safe.tus_api import add_uploads
from sk.services import Services
from sk.web import description, dev_mail, health, language_page, law_pages, transparency, verify_page
from sk.web.admission import guarded
from sk.web.answer import answer, set_headers
from sk.web.assets import add_assets
from sk.web.in_hand import IN_HAND, InHand, count
from sk.web.keys import (
    BUNDID,
    DESCRIPTION,
    EID,
    PASSWORDS,
    PRINTER,
    SAML,
    SCRYPT,
    SERVICES,
    SIMULATOR,
    STOPPING,
    VERIFIER,
)
from sk.web.one_by_one import OneByOne
from sk.web.openapi import describe
from sk.web.routes import Route

TABLES = (
    *(passkey_pages, password_pages, security_pages),
    *(
        auth_pages,
        register_pages,
        card_pages,
        card_register_pages,
        bundid_pages,
        account_pages,
        einwilligung_pages,
        vollmacht_pages,
        notification_pages,
        erasure_pages,
        export_pages,
        authorize_pages,
        saml_pages,
        portal_pages,
        portal_logout_pages,
        consent_pages,
        token_api,
        provider_api,
        api,
        evidence,
        feed,
        reply_api,
        list_pages,
        postbox_pages,
        preview_pages,
        reply_pages,
        proof_pages,
        vertretung_pages,
        behoerde_pages,
        behoerde_reply_pages,
        draft_pages,
        draft_check_pages,
    ),
    *(safe_pages, folder_pages, document_pages, download_pages, trash_pages, upload_pages, taking_over_pages, tus_api),
    *(share_api, share_pages, import_pages),
    *(health, description, language_page, law_pages, transparency, verify_page, dev_mail, simulator_page),
)
MAX_FORM_BYTES = 64 * 1024
"""Of everything but the streamed bodies of notices, which have limits of their own."""
PRINTER_FULL = "too many proofs are being printed right now; try again in a moment"
SCRYPT_FULL = "too many files are being encrypted or opened right now; try again in a moment"
VERIFIER_FULL = "too much evidence is being verified right now; try again in a moment"


def all_routes(*, trial: bool) -> list[Route]:
    """Return every route of the application; those for a trial are not there elsewhere."""
    rows = [route for module in TABLES for route in module.routes]
    return [route for route in rows if trial or route.allow.who not in ("loopback", "trial")]


def make_app(services: Services, stopping: asyncio.Event | None = None) -> web.Application:
    """Return the application for a set of services."""
    app = web.Application(middlewares=[count, answer], client_max_size=MAX_FORM_BYTES)
    app[SERVICES] = services
    app[PASSWORDS] = passwords = Passwords()
    app[PRINTER] = printer = OneByOne("printer", PRINTER_FULL)
    app[VERIFIER] = verifier = OneByOne("verifier", VERIFIER_FULL)
    app[SCRYPT] = scrypt = OneByOne("scrypt", SCRYPT_FULL)
    if eid := eid_server_of(services.settings, services.clock):
        app[EID] = eid
    elif services.settings.is_trial:
        app[SIMULATOR] = simulator = Simulator(services.clock, services.base_url)
        app[EID] = simulator.client()
    if bundid := bundid_of(services.settings):
        app[BUNDID] = bundid
    if identity := identity_of(services.settings):
        app[SAML] = identity
    app[IN_HAND] = InHand()
    app[STOPPING] = stopping or asyncio.Event()
    app[DESCRIPTION] = describe(all_routes(trial=services.settings.is_trial), services.base_url)
    for route in all_routes(trial=services.settings.is_trial):
        methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
        for method in methods:
            app.router.add_route(method, route.pattern, guarded(route), expect_handler=_later)
    add_assets(app)
    app.on_response_prepare.append(set_headers)
    add_uploads(app)
    app.on_cleanup.extend([passwords.close, printer.close, verifier.close, scrypt.close])
    return app


async def _later(_: web.Request) -> None:
    """Say nothing yet to a client that waits before it sends its body: `go_on` does, once somebody wants to read it."""
