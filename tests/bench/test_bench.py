"""A short run of the whole benchmark."""

import asyncio
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALONE = ("store_saves_per_s", "objects_per_s", "http_bodies_per_s")
BESIDE_THE_PEER = ("accepted_per_s", "delivered_per_s")


async def test_the_benchmark_tells_every_figure_and_how_we_stand_beside_the_peer() -> None:
    bench = await asyncio.create_subprocess_exec(
        *(sys.executable, "bench", "--short"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, trouble = await bench.communicate()

    assert bench.returncode == 0, trouble.decode()
    figures = {line.pop("figure"): line for line in map(json.loads, printed.splitlines())}
    assert tuple(figures) == ALONE + BESIDE_THE_PEER
    assert all(line["sk"] > 0 for line in figures.values())
    # Nobody but root starts Postfix; without it there is no ratio.
    beside = [figures[name] for name in BESIDE_THE_PEER]
    assert [bool(line["ratio"]) for line in beside] == [os.geteuid() == 0] * 2
