"""Taking everything along: all that is held about a person, as one ZIP file that is sent while it is made.

konto.json             who it is, by what they log in, whom they have given an Einwilligung
protokoll.json         the journal
nachrichten/DAY-ID/…   a notice, as `sk/postbox/along.py` packs it
safe/…                 the document safe, as `sk/safe/packing.py` packs it
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from sk.auth.account import Account
from sk.auth.export_files import account_facts, journal_facts
from sk.auth.own_key import open_seed
from sk.auth.sessions import LogIn
from sk.postbox.along import folder_of, held_notice, pack
from sk.postbox.fristen import in_postbox
from sk.safe.packing import pack_safe
from sk.services import Services
from sk.zipped import Zipped, whole


def export(log_in: LogIn, services: Services) -> AsyncGenerator[bytes, None]:
    """Yield the ZIP file. If this raises, what was sent so far has no end and is no ZIP file; so must its answer be."""
    return whole(services.clock.now(), lambda zipped: _fill(zipped, log_in, services))


async def _fill(zipped: Zipped, log_in: LogIn, services: Services) -> AsyncGenerator[bytes, None]:
    account = await services.store.get(Account, log_in.account_id)
    for block in zipped.add_json("konto.json", await account_facts(account, services)):
        yield block
    for block in zipped.add_json("protokoll.json", await journal_facts(account.id, services)):
        yield block
    seed = await open_seed(account.id, services)
    async for notice in in_postbox(account.id, services):
        held, folder = await held_notice(notice, seed, log_in, services), f"nachrichten/{folder_of(notice)}"
        async with aclosing(pack(zipped, folder, held, services)) as blocks:
            async for block in blocks:
                yield block
    async with aclosing(pack_safe(zipped, log_in, services)) as blocks:
        async for block in blocks:
            yield block
