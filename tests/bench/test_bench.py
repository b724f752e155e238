"""A short run of the whole benchmark."""

import json
import os
from pathlib import Path
from signal import SIGTERM

from tests.process import Process

BENCH = Path(__file__).parents[2] / "bench"
PATIENCE_SECONDS = 100
ALONE = (
    *("store_saves_per_s", "objects_per_s", "http_bodies_per_s", "log_append_ms", "log_proof_ms", "postbox_page_ms"),
    *("safe_list_ms", "safe_folder_ms", "safe_search_ms"),
    *(
        f"document_{what}_{kind}"
        for kind in ("files", "s3")
        for what in ("up_mb_per_s", "down_mb_per_s", "range_ms", "web_memory_mb")
    ),
)
BESIDE_THE_PEER = ("accepted_per_s", "delivered_per_s")


def test_the_benchmark_tells_every_figure_and_how_we_stand_beside_the_peer(tmp_path: Path) -> None:
    bench = Process(tmp_path, "bench", (str(BENCH), "--short"), {})
    bench.start()
    try:
        assert bench.wait(PATIENCE_SECONDS) == 0, bench.tail()
        figures = {line.pop("figure"): line for line in map(json.loads, bench.said().splitlines())}
    finally:
        bench.signal(SIGTERM)  # a benchmark that is told to stop takes the peer's servers with it
        bench.wait()
        bench.forget()

    assert tuple(figures) == ALONE + BESIDE_THE_PEER
    assert all(line["sk"] > 0 for line in figures.values())
    # Nobody but root starts Postfix; without it there is no ratio.
    assert [bool(figures[name]["ratio"]) for name in BESIDE_THE_PEER] == [os.geteuid() == 0] * 2
