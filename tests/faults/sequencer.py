"""A sequencer in a process of its own, which a test may kill: `python -m tests.faults.sequencer FOLDER STORE OBJECTS`.

It takes no pauses, so that most accidents meet it in the middle of its work.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from sk.config import Settings, load_settings
from sk.errors import SkError
from sk.evidence.log import Memory
from sk.services import open_services
from sk.workers.evidence import keep_log


def settings_for(folder: Path, store: str, objects: str) -> Settings:
    """Return the settings that sequencers and test share."""
    return load_settings({"data": folder, "store": store, "objects": objects, "log_origin": "konto.example"})


async def main(folder: str, store: str, objects: str) -> None:
    """Keep the log until killed."""
    settings, memory = settings_for(Path(folder), store, objects), Memory()
    async with open_services(settings, ["evidence"], only_these_keys=False) as services:
        sys.stdout.write("ready sequencer\n")
        sys.stdout.flush()
        while True:
            with suppress(SkError):
                await keep_log(services, memory)
            await asyncio.sleep(0.001)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
