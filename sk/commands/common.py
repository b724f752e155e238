"""What subcommands share and needs nothing of the platform: some options, and how results are printed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

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
port_option = click.option("--port", type=int, help="Port to listen on; 0 takes a free one (SK_PORT; 8080).")
host_option = click.option("--host", help="Address to listen on (SK_HOST; 127.0.0.1 and ::1).")
life_option = click.option("--life-fd", type=int, hidden=True)
wake_option = click.option("--wake-fd", type=int, hidden=True)
nudge_option = click.option("--nudge-fd", type=int, hidden=True)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def show(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print facts, one a line, or as one JSON object."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    width = max(len(name) for name in facts)
    for name, value in facts.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{name:{width}}  {text}")
