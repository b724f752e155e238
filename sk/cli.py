"""The command `sk`: errors are one sentence on standard error, without a traceback."""

import logging
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from sk.commands.account import account
from sk.commands.authority import authority
from sk.commands.bekanntgabe import bekanntgabe
from sk.commands.common import group_data_option
from sk.commands.demo import demo
from sk.commands.keys import keys
from sk.commands.look import config, doctor, events
from sk.commands.run import serve, up, work
from sk.errors import Damaged, SkError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sk-postbox")
@group_data_option
def cli() -> None:
    """Run a postbox and document safe for citizens, driven by messages.

    Begin with: sk demo
    """


for command in (demo, up, serve, work, authority, account, keys, bekanntgabe, config, doctor, events):
    cli.add_command(command)


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
