"""What those subcommands share that work on the platform: its settings, and its services for their length."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from sk.config import Settings, load_settings
from sk.installation import ensure_installation
from sk.services import Services, open_services
from sk.up import prepare

T = TypeVar("T")


def settings_of(data: Path | None, **overrides: object) -> Settings:
    """Return the settings, with what the command line says about them."""
    return load_settings({"data": data, **overrides})


def with_services(settings: Settings, do: Callable[[Services], Awaitable[T]]) -> T:
    """Do something as the web role does it, on the same store as the running platform, if it runs."""

    async def run() -> T:
        if settings.is_embedded:
            prepare(settings)
        base_url = settings.base_url or f"http://localhost:{settings.port}"
        async with open_services(
            settings, ["web"], base_url=base_url, only_these_keys=not settings.is_embedded
        ) as services:
            await ensure_installation(services)
            return await do(services)

    return asyncio.run(run())
