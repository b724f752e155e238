"""`sk demo`: the platform with demo data, in a folder of its own."""

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import click

from sk.client import AuthorityClient
from sk.client_portal import PortalClient
from sk.clock import SystemClock
from sk.commands.common import data_option
from sk.commands.platform import settings_of
from sk.config import Settings
from sk.demo.portal import DemoPortal, register_portal, serving
from sk.demo.portal_story import PortalStory
from sk.demo.safe_story import SafeStory
from sk.demo.story import Cast, Story, cast
from sk.postbox.proven import VERIFY_PAGE
from sk.process import run
from sk.services import Services, open_services
from sk.up import running


@click.command()
@data_option
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one (SK_PORT; 8080).")
@click.option("--once", is_flag=True, help="Play the whole story, check every step, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
def demo(data: Path | None, port: int | None, *, once: bool, as_json: bool) -> None:
    """Show the platform at work: an authority, a citizen, a real notice on its way.

    \b
    Example: sk demo
    Example: sk demo --once
    """
    with _folder(data) as folder:
        settings = settings_of(folder, port=0 if once and port is None else port, log_level="WARNING")

        async def main(stopping: asyncio.Event) -> None:
            await _play(settings, stopping, once=once, as_json=as_json)

        run(main, settings.log_level)


async def _play(settings: Settings, stopping: asyncio.Event, *, once: bool, as_json: bool) -> None:
    def tell(sentence: str) -> None:
        if not as_json:
            click.echo(f"  ✓ {sentence}")

    async with running(settings, stopping) as base_url:
        players = await _register(settings, base_url)
        story = Story(base_url, players, tell, state=settings.data / "authority-log.json")
        async with (
            aiohttp.ClientSession() as authority,
            aiohttp.ClientSession() as citizen,
            _portal(settings, base_url, players, authority) as portal,
        ):
            notice, bescheid = await story.post(authority, SystemClock().now())
            if once:
                await story.look_at_mail(citizen)
                await story.read(citizen, notice, bescheid)
                notice = await story.look_back(authority, notice)
            await story.prove(authority, notice, bescheid)
            if once:
                await SafeStory(base_url, players, tell).play(citizen, authority, notice["id"], bescheid)
                await PortalStory(base_url, portal.url, tell).play(players.username, players.password)
            _show(base_url, portal.url, players, notice, as_json=as_json, once=once)
            if not once:
                await stopping.wait()


@asynccontextmanager
async def _portal(
    settings: Settings, base_url: str, players: Cast, http: aiohttp.ClientSession
) -> AsyncIterator[DemoPortal]:
    """Serve the portal of the demo's authority, on any free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with _services(settings, base_url) as services:
            portal_id, key = await register_portal(url, players.client_id, services)
        client = PortalClient(http, base_url, portal_id, key)
        authority = AuthorityClient(http, base_url, players.client_id, players.key, players.kid)
        async with serving(DemoPortal(url, client, authority), listening) as portal:
            yield portal


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """Yield the folder that was asked for, or one that is gone afterwards."""
    if data:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="sk-demo-") as folder:
        yield Path(folder)


async def _register(settings: Settings, base_url: str) -> Cast:
    async with _services(settings, base_url) as services:
        return await cast(services, "erika")


def _services(settings: Settings, base_url: str) -> AbstractAsyncContextManager[Services]:
    return open_services(settings, ["web"], base_url=base_url, only_these_keys=False)


def _show(base_url: str, portal_url: str, players: Cast, notice: dict[str, Any], *, as_json: bool, once: bool) -> None:
    facts = {
        "postbox": f"{base_url}/postfach",
        "safe": f"{base_url}/safe",
        "portal": portal_url,
        "register": f"{base_url}/registrieren",
        "username": players.username,
        "password": players.password,
        "proof": f"{base_url}/postfach/{notice['id']}/nachweis",
        "verify": f"{base_url}{VERIFY_PAGE}",
        "mails": f"{base_url}/dev/mail",
        "api": f"{base_url}/api/v1",
        "client_id": players.client_id,
        "notice": notice["id"],
    }
    timeline = [{"at": step["at"], "step": step["step"]} for step in notice["timeline"]]
    if as_json:
        click.echo(json.dumps({**facts, "timeline": timeline}))
        return
    click.echo("\nThe way of the notice:")
    for step in timeline:
        click.echo(f"  {step['at']}  {step['step']}")
    if not once:
        click.echo("\nLook at it yourself:")
        for name in ("postbox", "safe", "portal", "username", "password", "register", "proof", "verify", "mails"):
            click.echo(f"  {name:9} {facts[name]}")
        click.echo("\nStop with Ctrl-C.")
