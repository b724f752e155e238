"""The mails that the catcher of a trial has taken, in the browser, for people on this machine."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import NamedTuple

from aiohttp import web

from sk.mail.catcher import caught_mails
from sk.web.keys import SERVICES
from sk.web.render import page
from sk.web.routes import LOOPBACK, RouteTable

routes = RouteTable()


class Caught(NamedTuple):
    """A mail as the page shows it."""

    sender: str
    to: str
    subject: str
    date: str
    text: str


@routes.get("/dev/mail", allow=LOOPBACK)
async def show_mails(request: web.Request) -> web.Response:
    """Show the mails that were caught, the newest first."""
    mails = [_read(raw) for raw in caught_mails(request.app[SERVICES].settings.data)]
    return page(request, "dev_mail.html", mails=mails)


def _read(raw: bytes) -> Caught:
    mail = message_from_bytes(raw, _class=EmailMessage, policy=default)
    body = mail.get_body(("plain",))
    text = str(body.get_content()) if body else ""
    return Caught(str(mail["From"]), str(mail["To"]), str(mail["Subject"]), str(mail["Date"]), text)
