"""The pages of a safe as it fills: its list, a folder, and a search, with twenty documents and with two thousand.

Each page shows as many as it can: all of them lie in one folder, which for the list is the uppermost one.
"""

import secrets
import time
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import NamedTuple

import aiohttp

from bench.cast import gather_cast
from bench.delivery import running
from bench.load import Failed
from sk.auth.handles import account_behind
from sk.auth.sessions import new_session
from sk.config import load_settings
from sk.ids import new_id
from sk.safe.entries import Entry
from sk.safe.safe import Folder, open_safe
from sk.services import Services, open_services
from sk.up import prepare

VIEWS = 40
WORDS = ("Bescheid", "Zeugnis", "Mietvertrag", "Ausweis", "Rechnung", "Urkunde", "Antrag", "Gehalt", "Steuer", "Rente")


class Views(NamedTuple):
    """In how many milliseconds each page is there."""

    safe_list_ms: float
    safe_folder_ms: float
    safe_search_ms: float


class Owner(NamedTuple):
    """Somebody with a safe, whose documents all lie in one folder, or in none."""

    token: str
    csrf: str
    folder: str


async def measure_safe(sizes: Sequence[int], place: Path) -> dict[int, Views]:
    """Fill two safes for each size, all on one platform, and look at their pages in turn."""
    data = place / "data"
    settings = load_settings({"data": data})
    prepare(settings)
    async with open_services(settings, ["web"], only_these_keys=False) as services:
        cast = await gather_cast(2 * len(sizes), services)
        ids = iter([(await account_behind(handle, cast.client_id, services)).id for handle in cast.handles])
        owners = {
            size: [await _filled(next(ids), size, services, folder) for folder in ("", new_id())] for size in sizes
        }
    seen: dict[int, list[Views]] = {size: [] for size in sizes}
    async with running(data) as base_url, aiohttp.ClientSession(base_url) as http:
        for _ in range(VIEWS):  # in turn, so that whatever else the machine does meets all
            for size, (loose, ordered) in owners.items():
                seen[size].append(await _look(http, loose, ordered))
    return {size: Views(*map(median, zip(*views, strict=True))) for size, views in seen.items()}


async def _filled(account_id: str, size: int, services: Services, folder: str) -> Owner:
    opened = await open_safe(account_id, services)
    if folder:
        opened.contents.folders[folder] = Folder(folder, "Unterlagen")
    for number in range(size):
        name, now = f"{secrets.choice(WORDS)} {number:04} vom 12. März 2024.pdf", services.clock.now()
        opened.contents.put(Entry(new_id(), name, folder, "application/pdf", 93_421, 93_421, 1, now, ("Wohnung",)))
    begun = new_session(account_id, "high", "card", services)
    await services.store.save(opened.kept(), begun.session)
    return Owner(begun.token, begun.session.open(services.keys.lock_key("vault")).csrf, folder)


async def _look(http: aiohttp.ClientSession, loose: Owner, ordered: Owner) -> Views:
    searched = {"csrf": loose.csrf, "suche": "märz pdf"}
    return Views(
        await _took(http, "GET", "/safe", loose),
        await _took(http, "GET", f"/safe/ordner/{ordered.folder}", ordered),
        await _took(http, "POST", "/safe/suche", loose, searched),
    )


async def _took(
    http: aiohttp.ClientSession, method: str, path: str, owner: Owner, form: dict[str, str] | None = None
) -> float:
    began = time.perf_counter()
    async with http.request(method, path, data=form, cookies={"session": owner.token}, allow_redirects=False) as answer:
        page = await answer.text()
    if answer.status != HTTPStatus.OK or "vom 12. März 2024.pdf" not in page:
        raise Failed(f"{path} answered {answer.status}")
    return (time.perf_counter() - began) * 1000
