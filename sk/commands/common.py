"""What subcommands share: the option --data, services for the length of a command, and how results are printed."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from sk.config import Settings, load_settings
from sk.installation import ensure_installation
from sk.services import Services, open_services
from sk.up import prepare

T = TypeVar("T")
_folder: Mapping[str, Any] = {
    "type": click.Path(path_type=Path),
    "help": "Folder of everything that is kept (SK_DATA; ./var).",
}
data_option = click.option("--data", default=lambda: click.get_current_context().obj, **_folder)


def _pass_on(context: click.Context, _: click.Parameter, data: Path | None) -> None:
    """Have the commands below know what was said before their names, unless it is said again behind them."""
    if data is not None:
        context.obj = data


group_data_option = click.option("--data", callback=_pass_on, expose_value=False, **_folder)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


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


def show(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print facts, one a line, or as one JSON object."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{name:{width}}  {text}")
