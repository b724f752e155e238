"""`sk restore`: an installation comes back from a backup, and what was lost is named."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from sk.commands.backup import shown
from sk.commands.common import data_option, json_option
from sk.commands.platform import settings_of
from sk.config import Settings
from sk.continued import Restored
from sk.errors import Invalid
from sk.evidence.spelling import moment_text
from sk.lost import Step
from sk.restore import restore as bring_back
from sk.restore import restore_around
from sk.up import locked


@click.command()
@data_option
@json_option
@click.option("--stopped", is_flag=True, help="In containers: nothing of the platform runs, you have seen to it.")
@click.option("--store-brought-back", is_flag=True, help="The store was brought back already, by other means.")
@click.option(
    "--account-keys",
    type=click.Path(path_type=Path),
    help="A collection of account keys; default: the newest in the object store or the backup.",
)
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def restore(
    data: Path | None,
    folder: Path | None,
    account_keys: Path | None,
    *,
    stopped: bool,
    store_brought_back: bool,
    as_json: bool,
) -> None:
    """Bring an installation back from the backup in FOLDER, and name what was lost since.

    What was erased since stays erased. The present store is moved aside, never deleted. The log is closed and goes on
    under a new name, so that nothing contradicts what was published after the backup.

    \b
    Example: sk restore /backup/2026-11-25
    """
    if (folder is None) != store_brought_back:
        raise click.UsageError("either the FOLDER of a backup is needed, or --store-brought-back")
    if account_keys and store_brought_back:
        raise click.UsageError("--account-keys is for the FOLDER of a backup; your store has keys of its own")
    settings = settings_of(data)
    with _while_stopped(settings, stopped=stopped):
        doing = (
            bring_back(folder, settings, shown, account_keys_file=account_keys) if folder else restore_around(settings)
        )
        restored = asyncio.run(doing)
    click.echo(json.dumps(_facts(restored), ensure_ascii=False) if as_json else "\n".join(_told(restored)))


@contextmanager
def _while_stopped(settings: Settings, *, stopped: bool) -> Iterator[None]:
    """Hold the folder, or take the operator's word, that nothing of the platform runs."""
    with ExitStack() as held:
        if settings.is_embedded:
            settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            held.enter_context(locked(settings.data))
        elif not stopped:
            raise Invalid("stop every process of the platform first, then say so with --stopped")
        yield


def _facts(restored: Restored) -> dict[str, Any]:
    lost, closed = restored.lost, restored.closed
    return {
        "closed": {"origin": closed.origin, "size": closed.size},
        "goes_on": restored.goes_on,
        "lost": [
            {
                "authority": one.authority_id,
                "authority_name": one.authority,
                "notice": one.notice_id,
                "accepted_at": moment_text(one.accepted_at) if one.accepted_at else None,
            }
            for one in lost.notices.values()
        ],
        "lost_replies": [
            {"authority": one.authority_id, "notice": one.notice_id, "reply": one.reply_id, "at": moment_text(one.at)}
            for one in lost.replies
        ],
        "brought_back": [*map(_step, lost.brought_back)],
        "left": [*map(_step, lost.left)],
        "about_accounts": [*map(_step, lost.about_accounts)],
        "unknown": lost.unknown,
        "unreadable": [*restored.odd],
        "erased_since": [one.account_id for one in restored.erased],
        "not_in_the_ledger": [*restored.odd_entries],
        "account_keys_of": moment_text(restored.keys.taken.at) if restored.keys.taken else None,
        "account_keys_passed_over": restored.keys.passed_over,
        "accounts_without_key": restored.keys.without_key,
        "objects_brought_back": restored.objects,
    }


def _step(step: Step) -> dict[str, str]:
    said = {"step": step.step, "at": moment_text(step.at), "authority": step.authority_id, "notice": step.notice_id}
    return {name: value for name, value in said.items() if value}


def _told(restored: Restored) -> Iterator[str]:
    lost, closed = restored.lost, restored.closed
    for notice in lost.notices.values():
        whose = f"{notice.authority} ({notice.authority_id})"
        when = moment_text(notice.accepted_at) if notice.accepted_at else "at a moment that no anchor has"
        yield f"lost: notice {notice.notice_id} of {whose}, accepted {when}"
    for reply in lost.replies:
        to = f"notice {reply.notice_id} of {reply.authority_id}"
        yield f"lost: reply {reply.reply_id} to {to}, sent {moment_text(reply.at)}; that it was sent is still proven"
    for step in lost.left:
        yield f"not brought back: {step.step} of notice {step.notice_id} at {moment_text(step.at)}: it does not fit"
    for step in lost.about_accounts:
        whom = f", towards {step.authority_id}" if step.authority_id else ""
        yield f"not brought back: {step.step} of an account that the log does not name, at {moment_text(step.at)}{whom}"
    yield from (f"unknown: {sentence}" for sentence in lost.unknown)
    yield from (f"unreadable: {name} was brought back as it is; sk doctor says more" for name in restored.odd)
    yield from _told_of_accounts(restored)
    yield (
        f"{_count(len(lost.notices), 'notice was lost and is', 'notices were lost and are')} named above; "
        f"{_count(len(lost.brought_back), 'step was', 'steps were')} brought back; "
        f"the log {closed.origin} was closed at size {closed.size}, {restored.goes_on} goes on"
    )
    yield "what was accepted in the last half second and not yet in the log cannot be named"


def _told_of_accounts(restored: Restored) -> Iterator[str]:
    yield from (f"erased since: account {one.account_id}, which did not come back" for one in restored.erased)
    yield from (f"no entry of ours: {name} in the ledger of erasures erases nobody" for name in restored.odd_entries)
    yield from (f"passed over: {said}" for said in restored.keys.passed_over)
    yield from (f"without a key: account {id_}; nothing in it opens" for id_ in restored.keys.without_key)
    if taken := restored.keys.taken:
        yield f"{_count(taken.keys, 'account key is', 'account keys are')} of {moment_text(taken.at)}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
