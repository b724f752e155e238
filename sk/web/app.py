"""The web application: the route tables put together, each route behind its check."""

import asyncio

from aiohttp import HttpVersion11, web

from sk.auth import pages as auth_pages
from sk.auth import tokens
from sk.auth.passwords import Passwords
from sk.postbox import api, feed
from sk.postbox import pages as postbox_pages
from sk.services import Services
from sk.web import description, dev_mail, health
from sk.web.admission import guarded
from sk.web.answer import answer, set_headers
from sk.web.in_hand import IN_HAND, InHand, count
from sk.web.keys import DESCRIPTION, PASSWORDS, SERVICES, STOPPING
from sk.web.openapi import describe
from sk.web.render import STATIC
from sk.web.routes import Route

TABLES = (auth_pages, tokens, api, feed, postbox_pages, health, description, dev_mail)
MAX_FORM_BYTES = 64 * 1024
"""Of everything but the streamed bodies of notices, which have limits of their own."""


def all_routes(*, trial: bool) -> list[Route]:
    """Return every route of the application; those for a trial are not there elsewhere."""
    rows = [route for module in TABLES for route in module.routes]
    return [route for route in rows if trial or route.allow.who != "loopback"]


def make_app(services: Services, stopping: asyncio.Event | None = None) -> web.Application:
    """Return the application for a set of services."""
    app = web.Application(middlewares=[count, answer], client_max_size=MAX_FORM_BYTES)
    app[SERVICES] = services
    app[PASSWORDS] = passwords = Passwords()
    app[IN_HAND] = InHand()
    app[STOPPING] = stopping or asyncio.Event()
    app[DESCRIPTION] = describe(all_routes(trial=services.settings.is_trial), services.base_url)
    for route in all_routes(trial=services.settings.is_trial):
        add = app.router.add_get if route.method == "GET" else app.router.add_post
        add(route.path, guarded(route), expect_handler=_go_on)
    if STATIC.is_dir():
        app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(set_headers)
    app.on_cleanup.append(passwords.close)
    return app


async def _go_on(request: web.Request) -> None:
    """Let the client send its body. What else it may expect is no reason to refuse (RFC 9110 section 10.1.1)."""
    if request.headers["Expect"].lower() == "100-continue" and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer has not begun
