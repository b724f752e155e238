"""The command `sk`: errors are one sentence on standard error, without a traceback."""

import sys

import click

from sk.commands.account import account
from sk.commands.authority import authority
from sk.commands.demo import demo
from sk.commands.keys import keys
from sk.commands.look import config, doctor, events
from sk.commands.run import serve, up, work
from sk.errors import Damaged, SkError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sk-postbox")
def cli() -> None:
    """Run a postbox and document safe for citizens, driven by messages.

    Begin with: sk demo
    """


for command in (demo, up, serve, work, authority, account, keys, config, doctor, events):
    cli.add_command(command)


def main() -> None:
    """Run the command line."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except SkError as error:
        click.echo(f"sk: {error}", err=True)
        sys.exit(1)
    except Damaged:
        click.echo("sk: something that is stored does not open; sk doctor says more", err=True)
        sys.exit(1)
