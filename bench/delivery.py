"""The whole way, embedded: notices posted, delivered, and told of by a mail that the catcher took."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import aiohttp

from bench.cast import add_authority, add_citizens
from bench.load import ATTACHMENT_BYTES, CONNECTIONS, Failed, post, write_request
from sk.config import load_settings
from sk.demo.authority import AuthorityClient
from sk.mail.catcher import mail_folder
from sk.services import open_services
from sk.up import prepare

LOOK_SECONDS = 0.1
LONGEST_SECONDS = 300
MAIL_PEER = Path(__file__).with_name("mail-peer")


class Rates(NamedTuple):
    """What one side did in one round."""

    accepted_per_s: float
    delivered_per_s: float


async def measure_sk(count: int) -> Rates:
    """Post notices to citizens of a fresh platform with its default settings.

    The clock runs from the first request to the moment that the last `benachrichtigt` states.
    """
    with TemporaryDirectory(prefix="sk-bench-") as temporary:
        data, request = Path(temporary, "data"), Path(temporary, "request")
        client_id, key, kid, handles = await _prepare(data, count)
        async with _up(data) as base_url, aiohttp.ClientSession() as http:
            client = AuthorityClient(http, base_url, client_id, key, kid)
            write_request(request, handles, await client.token())
            began = datetime.now(UTC)
            seconds = await post(base_url, request, count)
            await _until_told(data, count)
            ended = await _last_benachrichtigt(client, count)
    return Rates(count / seconds, count / (ended - began).total_seconds())
