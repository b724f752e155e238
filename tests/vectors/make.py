"""Writes the vectors anew, always the same: `python -m tests.vectors.make`. Nothing here comes from `sk`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.vectors.bundle_cases import bundle_cases
from tests.vectors.sealed_cases import context_cases, handle_cases, lock_cases, seal_cases, stream_cases
from tests.vectors.shared_cases import share_cases
from tests.vectors.signed_cases import sign_cases

FOLDER = Path(__file__).parent
FILES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "context.json": context_cases,
    "stream.json": stream_cases,
    "lock.json": lock_cases,
    "seal.json": seal_cases,
    "handle.json": handle_cases,
    "sign.json": sign_cases,
    "bundle.json": bundle_cases,
    "share.json": share_cases,
}


def text_of(name: str) -> str:
    """Return what a file of vectors holds."""
    document = f"docs/formats/{name.removesuffix('.json')}.md"
    return json.dumps({"format": document, **FILES[name]()}, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all files."""
    for name in FILES:
        (FOLDER / name).write_text(text_of(name), encoding="utf-8")


if __name__ == "__main__":
    main()
