"""The command `sk`: errors are one sentence on standard error, without a traceback."""

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from sk.commands.common import group_data_option
from sk.errors import Damaged, SkError

COMMANDS = {
    "demo": "sk.commands.demo:demo",
    "up": "sk.commands.up:up",
    "serve": "sk.commands.serve:serve",
    "render": "sk.commands.render:render",
    "work": "sk.commands.work:work",
    "authority": "sk.commands.authority:authority",
    "portal": "sk.commands.portal:portal",
    "account": "sk.commands.account:account",
    "keys": "sk.commands.keys:keys",
    "verify": "sk.commands.verify:verify",
    "log": "sk.commands.log:log",
    "bekanntgabe": "sk.commands.bekanntgabe:bekanntgabe",
    "config": "sk.commands.look:config",
    "doctor": "sk.commands.look:doctor",
    "backup": "sk.commands.backup:backup",
    "restore": "sk.commands.restore:restore",
    "events": "sk.commands.look:events",
}


class Commands(click.Group):
    """The commands, each imported when it is asked for.

    Whoever verifies evidence or audits the log gets nothing of the server, and needs none of its settings.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the interface of click
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; to one that is not there, name those that are spelled alike."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sk-postbox")
@group_data_option
def cli() -> None:
    """Run a postbox and document safe for citizens, driven by messages.

    Begin with: sk demo
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, or what is given in its place."""
    # What libraries have to say belongs into the log of a process, which sets one up; a command says its one sentence.
    logging.basicConfig(handlers=[logging.NullHandler()])
    try:
        cli(arguments, standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        asked = error.ctx.command_path if error.ctx else "sk"
        _fail(f"{error.format_message()} ({asked} --help says more)", error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except SkError as error:
        _fail(str(error))
    except Damaged:
        _fail("something that is stored does not open; sk doctor says more")
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _fail(sentence: str, exit_code: int = 1) -> NoReturn:
    click.echo(f"sk: {sentence}", err=True)
    sys.exit(exit_code)
