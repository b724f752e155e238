"""`make bench`: what the platform delivers, beside a mail server that encrypts, and what its parts could do alone.

Every figure is one line of JSON on standard output. Ours and the peer's rounds take turns, so that whatever else the
machine does meets both; a figure is the median of its rounds.
"""

import argparse
import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import uvloop

from bench.delivery import Rates, measure_peer, measure_sk
from bench.documents import Objects, in_folder, in_s3, measure_documents
from bench.load import Failed
from bench.log import Costs, measure_log
from bench.parts import measure_http, measure_objects, measure_store
from bench.postbox import measure_postbox
from bench.safe import Views, measure_safe


class Extent(NamedTuple):
    """How much is measured: rounds, notices in each, things for each part alone, and the sizes of all that grows.

    These are log and postbox, a safe, and in bytes the document that goes into one.
    """

    rounds: int
    notices: int
    things: int
    leaves: tuple[int, ...]
    postboxes: tuple[int, ...]
    safes: tuple[int, ...]
    document: int


WHOLE = Extent(
    rounds=3,
    notices=2000,
    things=4000,
    leaves=(1000, 31_000, 1_000_000),
    postboxes=(10, 10_000),
    safes=(20, 2000),
    document=2**30,
)
SHORT = Extent(
    rounds=1, notices=60, things=200, leaves=(1000, 3000), postboxes=(2, 40), safes=(2, 40), document=3_000_000
)
PARTS: dict[str, Callable[[int, Path], Coroutine[Any, Any, float]]] = {
    "store_saves_per_s": measure_store,
    "objects_per_s": measure_objects,
    "http_bodies_per_s": measure_http,
}


def tell(figure: str, **values: float | None) -> None:
    """Print one figure."""
    rounded = {name: value and round(value, 2) for name, value in values.items()}
    print(json.dumps({"figure": figure, **rounded}), flush=True)


def places_in(folder: Path) -> Iterator[Path]:
    """Yield a fresh folder for each measurement."""
    for number in itertools.count():
        (folder / str(number)).mkdir()
        yield folder / str(number)


async def measure(extent: Extent, folder: Path) -> None:
    """Measure everything, in a folder. SIGTERM ends it like Ctrl-C, with all that it has started.

    Nothing in the folder is removed before the end: ext4 makes new files slowly for a minute after many were removed.
    """
    places = places_in(folder)
    task = asyncio.current_task()
    if task:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    for figure, measure_part in PARTS.items():
        rates = [await measure_part(extent.things, next(places)) for _ in range(extent.rounds)]
        tell(figure, sk=median(rates))
    await tell_of_log(extent, next(places))
    await tell_of_postbox(extent, next(places))
    await tell_of_safe(extent, next(places))
    for kind, objects in (("files", in_folder), ("s3", in_s3)):
        await tell_of_documents(extent, kind, objects, next(places))
    ours: list[Rates] = []
    peers: list[Rates] = []
    has_peer = os.geteuid() == 0
    if not has_peer:
        print("Postfix and Dovecot are started by root alone: there will be no ratio", file=sys.stderr)
    for _ in range(extent.rounds):
        ours.append(await measure_sk(extent.notices, next(places)))
        peers += [await measure_peer(extent.notices, next(places))] if has_peer else []
    for place, figure in enumerate(Rates._fields):
        sk = median(rates[place] for rates in ours)
        peer = median(rates[place] for rates in peers) if peers else None
        tell(figure, sk=sk, peer=peer, ratio=peer and sk / peer)


async def tell_of_log(extent: Extent, place: Path) -> None:
    """Tell what the log takes at each size, beside what it takes at the first one."""
    costs = await measure_log(extent.leaves, extent.rounds, place)
    first, *_ = extent.leaves
    for column, figure in enumerate(Costs._fields):
        for size, found in costs.items():
            tell(figure, size=size, sk=found[column], **{f"ratio_to_{first}": found[column] / costs[first][column]})


async def tell_of_postbox(extent: Extent, place: Path) -> None:
    """Tell how long the first page of a postbox takes at each size, beside what it takes at the first one."""
    views = await measure_postbox(extent.postboxes, place)
    first, *_ = extent.postboxes
    for size, took in views.items():
        tell("postbox_page_ms", size=size, sk=took, **{f"ratio_to_{first}": took / views[first]})


async def tell_of_safe(extent: Extent, place: Path) -> None:
    """Tell how long the pages of a safe take at each size, beside what they take at the first one."""
    views = await measure_safe(extent.safes, place)
    first, *_ = extent.safes
    for column, figure in enumerate(Views._fields):
        for size, took in views.items():
            tell(figure, size=size, sk=took[column], **{f"ratio_to_{first}": took[column] / views[first][column]})


async def tell_of_documents(extent: Extent, kind: str, objects: Objects, place: Path) -> None:
    """Tell how fast a large document goes up and down beside the store alone, what a range takes, and web's memory."""
    async with objects(place) as url:
        found = await measure_documents(extent.document, extent.rounds, url, place)
    tell(f"document_up_mb_per_s_{kind}", sk=found.up, bare=found.bare_up, ratio=found.up / found.bare_up)
    tell(f"document_down_mb_per_s_{kind}", sk=found.down, bare=found.bare_down, ratio=found.down / found.bare_down)
    tell(f"document_range_ms_{kind}", sk=found.range_ms, whole=found.small_ms, ratio=found.range_ms / found.small_ms)
    tell(f"document_web_memory_mb_{kind}", sk=found.memory)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a few seconds, to see that it runs; no figures to quote")
    extent = SHORT if parser.parse_args().short else WHOLE
    try:
        with TemporaryDirectory(prefix="sk-bench-") as folder:
            Path(folder).chmod(0o755)  # the peer writes as a user of its own
            uvloop.run(measure(extent, Path(folder)))
    except Failed as failed:
        sys.exit(f"bench: {failed}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("bench: stopped")


if __name__ == "__main__":
    main()
