"""The first page of a postbox as it fills: what it takes to show it, with ten notices and with ten thousand."""

import time
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from statistics import median

import aiohttp

from bench.cast import gather_cast
from bench.delivery import running, until_mailed
from bench.load import Failed, post, write_request
from sk.auth.handles import account_behind
from sk.auth.sessions import new_session
from sk.client import AuthorityClient
from sk.config import load_settings
from sk.services import open_services
from sk.up import prepare

VIEWS = 40


async def measure_postbox(sizes: Sequence[int], place: Path) -> dict[int, float]:
    """Fill a postbox for each size, all on one platform; return in how many milliseconds the page of each is there."""
    data, request = place / "data", place / "request"
    settings = load_settings({"data": data})
    prepare(settings)
    async with open_services(settings, ["web"], only_these_keys=False) as services:
        cast = await gather_cast(len(sizes), services)
        owners = [await account_behind(handle, cast.client_id, services) for handle in cast.handles]
        begun = [new_session(owner.id, "high", "card", services) for owner in owners]
        await services.store.save(*(one.session for one in begun))
    async with running(data) as base_url, aiohttp.ClientSession() as http:
        authority = AuthorityClient(http, base_url, cast.client_id, cast.key, cast.kid)
        recipients = [handle for handle, size in zip(cast.handles, sizes, strict=True) for _ in range(size)]
        write_request(request, recipients, await authority.token())
        await post(base_url, request, len(recipients))
        await until_mailed(data, len(recipients))
        seen: dict[int, list[float]] = {size: [] for size in sizes}
        for _ in range(VIEWS):  # in turn, so that whatever else the machine does meets all
            for size, one in zip(sizes, begun, strict=True):
                seen[size].append(await _view(http, base_url, one.token))
    return {size: median(times) for size, times in seen.items()}


async def _view(http: aiohttp.ClientSession, base_url: str, token: str) -> float:
    began = time.perf_counter()
    async with http.get(f"{base_url}/postfach", cookies={"session": token}, allow_redirects=False) as answer:
        page = await answer.text()
    if answer.status != HTTPStatus.OK or "Bescheid über Ihren Antrag" not in page:
        raise Failed(f"the postbox answered {answer.status}")
    return (time.perf_counter() - began) * 1000
