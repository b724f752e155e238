"""The page on which anybody verifies evidence, as a browser uses it."""

from io import BytesIO

import aiohttp

from sk.client import File
from sk.postbox.explanation import Language
from sk.web.language import COOKIE
from tests.security.tab import FORM_TOKEN, Answer, Tab
from tests.world import World

PAGE = "/nachweis-pruefen"


async def send(
    world: World,
    bundle: bytes,
    files: list[File] | None = None,
    csrf: str = FORM_TOKEN,
    language: Language = "de",
) -> Answer:
    """Send the form as a browser does, which sends an empty part where nothing was chosen."""
    form, chosen = a_form(bundle, files or [], csrf), {"Cookie": f"{COOKIE}={language}"}
    return await Tab(world.http, world.base_url, "", "").ask("POST", PAGE, data=form, headers=chosen)


def verdict(answer: Answer) -> str:
    """Return the title of the alert."""
    return answer.text.split('role="alert"')[1].split('<span class="kern-title">')[1].split("</span>")[0]


def a_form(bundle: bytes, files: list[File], csrf: str) -> aiohttp.FormData:
    """Return what a browser sends."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("csrf", csrf)
    form.add_field("bundle", BytesIO(bundle), filename="e.json" if bundle else "", content_type="application/json")
    for file in files or [File("", b"")]:
        form.add_field("files", BytesIO(file.data), filename=file.name.replace('"', "%22"), content_type=file.type)
    return form
