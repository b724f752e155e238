"""`sk log`: whether the public log only grew. It needs nothing of the server: no settings, no folder, no keys."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import click

from sk.commands.common import group_data_option
from sk.errors import SkError, Unavailable
from sk.evidence.audit import audit as audit_leaves
from sk.evidence.note import Checkpoint, VKey
from sk.evidence.remote import check_url, log_at
from sk.evidence.watch import Fetch, Kept, follow, read_checkpoint, read_vkey


class Unread(click.ClickException):
    """Something cannot be reached or read, so that nothing was proven."""

    exit_code = 2


@click.group()
@group_data_option
def log() -> None:
    """Watch the public log from outside."""


@log.command()
@group_data_option
@click.argument("url")
@click.option("--state", type=click.Path(path_type=Path), required=True, help="File in which checkpoints are kept.")
@click.option("--trust", metavar="VKEY", default="", help="The log's key, as sk authority add prints it: log_vkey.")
@click.option("--all", "everything", is_flag=True, help="Download every leaf, and hash the whole log anew.")
def audit(url: str, state: Path, trust: str, *, everything: bool) -> None:
    """Check that the log of a platform only grew since the state was kept.

    Begin a state on the first day, run this every day, and keep the file where nobody of the platform can write.
    Exit 1 if the log contradicts what was kept of it, 2 if something cannot be reached or read.

    \b
    Example: sk log audit https://konto.example.org --state konto.json
    """
    try:
        click.echo(asyncio.run(_audit(check_url(url), state, trust, everything=everything)))
    except SkError as error:
        if isinstance(error, Unavailable) or error.problem == "unreadable":
            raise Unread(str(error)) from None
        raise


async def _audit(base_url: str, state: Path, trust: str, *, everything: bool) -> str:
    async with aiohttp.ClientSession() as http:
        fetch = log_at(http, base_url)
        kept = Kept.load(state, trust) or Kept(vkey=str(await _first_vkey(trust, fetch)))
        note = (await fetch("checkpoint")).decode(errors="replace")
        old, new = kept.newest(), read_checkpoint(note, VKey.read(kept.vkey))
        grown = await follow(kept, note, _remembered(fetch), every=True)
        if everything:
            await _audit_leaves(new, fetch)
    if grown is not kept:
        grown.save(state)
    return f"{_sentence(old, new)}{'; every leaf was checked' if everything else ''}"


def _sentence(old: Checkpoint | None, new: Checkpoint) -> str:
    if old is None:
        return f"the log {new.origin} has {new.size} leaves; its checkpoint is kept from now on"
    if old.size == new.size:
        return f"the log {new.origin} has not changed: {new.size} leaves"
    return f"the log {new.origin} grew from {old.size} to {new.size} leaves and only grew"


async def _first_vkey(trust: str, fetch: Fetch) -> VKey:
    """Return the key that somebody has handed over, or the one that the log names: then a first liar is believed."""
    if trust:
        return read_vkey(trust)
    vkey = read_vkey((await fetch("vkey")).decode(errors="replace").strip())
    click.echo(
        f"note: the key {vkey} was taken from the log itself; compare it with the log_vkey of sk authority add",
        err=True,
    )
    return vkey


async def _audit_leaves(newest: Checkpoint, fetch: Fetch) -> None:
    on_terminal = sys.stderr.isatty()
    with click.progressbar(length=newest.size, label="leaves", file=sys.stderr, hidden=not on_terminal) as progress:
        await audit_leaves(newest, fetch, progress.update)


def _remembered(fetch: Fetch) -> Fetch:
    """Fetch the same path once: proofs for many checkpoints lie in the same few tiles."""
    kept: dict[str, bytes] = {}

    async def again(path: str) -> bytes:
        if path not in kept:
            kept[path] = await fetch(path)
        return kept[path]

    return again
