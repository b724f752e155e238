"""`sk config`, `sk doctor`, `sk events`: what an operator looks at."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import ExitStack, aclosing, contextmanager, suppress
from pathlib import Path

import click

from sk.clock import SystemClock, local_day
from sk.commands.common import data_option, group_data_option, json_option, show
from sk.commands.platform import settings_of, with_services
from sk.config import Settings
from sk.doctor import examine
from sk.doctor_objects import examine_objects, verdict
from sk.errors import Invalid, NotFound
from sk.finding import Finding
from sk.services import Services, open_objects
from sk.store.port import Due
from sk.up import locked


@click.command()
@data_option
@json_option
def config(data: Path | None, *, as_json: bool) -> None:
    """Print all settings with their values; secrets are masked.

    \b
    Example: SK_LAND=BY sk config
    """
    settings = settings_of(data)
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    written = {name: "" if value is None else str(value) for name, value in values.items()}
    if as_json:
        show({f"SK_{name.upper()}": value for name, value in written.items()}, as_json=True)
        return
    for name, field in Settings.model_fields.items():
        click.echo(f"SK_{name.upper()}={written[name]}\n    {field.description}")


@click.command()
@data_option
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
@click.option("--all-days", is_flag=True, help="Look at the newest objects too; only while nothing is posted.")
@click.option("--objects", "objects_alone", is_flag=True, help="Only try whether the object store will do.")
def doctor(data: Path | None, *, repair: bool, all_days: bool, objects_alone: bool) -> None:
    """Check that every part can be reached and that what they hold agrees. Exit 1 if something is wrong.

    While the platform runs, the newest objects are left out: their notices may still be coming in.
    A malware scanner is tried with test files of up to SK_SCANNER_MAX bytes, which takes seconds.

    With --objects only the object store of the settings is checked: whether it will do for the platform. That takes
    a while, since some 400 MB and 1,100 small objects are written, read and removed beside those that are there.

    \b
    Example: sk doctor --repair
    Example: sk doctor --objects
    """
    settings = settings_of(data)
    if objects_alone:
        if repair or all_days:
            raise click.UsageError("--objects goes alone")
        broken = asyncio.run(_look_at_objects(settings))
        click.echo(verdict(broken))
        sys.exit(1 if broken else 0)

    async def look(services: Services) -> int:
        left = 0
        async for finding in examine(services, all_days=all_days):
            if finding.is_remark:
                click.echo(f"note: {finding.sentence}", err=True)
                continue
            mended = repair and finding.repair is not None
            if repair and finding.repair:
                await finding.repair()
            left += not mended
            click.echo(f"{finding.sentence}{': mended' if mended else ''}")
        return left

    with _held_if_stopped(settings) as stopped:
        all_days = all_days or stopped
        left = with_services(settings, look)
    click.echo("all well" if not left else f"{left} thing{'s' if left > 1 else ''} to look at")
    sys.exit(1 if left else 0)


async def _look_at_objects(settings: Settings) -> list[Finding]:
    """Print what is found, and return what is wrong. Nothing else is opened: the store may be tried before the rest."""
    today, broken = local_day(SystemClock().now()), list[Finding]()
    if not settings.objects.get_secret_value():
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)  # as the first start would make it
    async with open_objects(settings.objects_url()) as objects, aclosing(examine_objects(objects, today)) as findings:
        async for finding in findings:
            if not finding.is_remark:
                broken.append(finding)
            click.echo(f"note: {finding.sentence}" if finding.is_remark else finding.sentence, err=finding.is_remark)
    return broken


@contextmanager
def _held_if_stopped(settings: Settings) -> Iterator[bool]:
    """Tell whether no `sk up` runs in the folder, and keep it from starting: then nothing can be coming in."""
    stopped = False
    with ExitStack() as held:
        if settings.is_embedded and settings.data.exists():
            with suppress(Invalid):
                held.enter_context(locked(settings.data))
                stopped = True
        yield stopped


@click.group()
@group_data_option
def events() -> None:
    """Look after events that gave up after their last try."""


@events.command("list")
@data_option
def list_all(data: Path | None) -> None:
    """List the events that gave up.

    \b
    Example: sk events list
    """

    async def read(services: Services) -> list[Due]:
        return await services.store.aside()

    for due in with_services(settings_of(data), read):
        click.echo(f"{due.event.id}  {type(due.event).__name__}  {due.tries} tries  {due.error}")


@events.command("show")
@data_option
@json_option
@click.argument("event_id")
def show_one(data: Path | None, event_id: str, *, as_json: bool) -> None:
    """Show an event that waits or gave up.

    \b
    Example: sk events show EVENT_ID
    """
    due = with_services(settings_of(data), lambda services: _due(services, event_id))
    facts = {"event": type(due.event).__name__, **due.event.model_dump(), "due": due.at.isoformat()}
    show({**facts, "tries": due.tries, "gave_up": due.set_aside, "error": due.error}, as_json=as_json)


@events.command()
@data_option
@click.argument("event_id")
def retry(data: Path | None, event_id: str) -> None:
    """Try an event again now.

    \b
    Example: sk events retry EVENT_ID
    """

    async def again(services: Services) -> None:
        due = await _due(services, event_id)
        await services.store.retry(due.event, at=services.clock.now(), error=due.error)

    with_services(settings_of(data), again)
    click.echo("is tried again")


async def _due(services: Services, event_id: str) -> Due:
    due = await services.store.due(event_id)
    if due is None:
        raise NotFound(f"no event {event_id} waits")
    return due
