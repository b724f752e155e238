"""A mail catcher that is no part of the platform: `python tests/catcher.py FOLDER` keeps mails in FOLDER/mail."""

import asyncio
import sys
from pathlib import Path

from sk.mail.catcher import catcher_port, run_catcher


async def main(folder: Path) -> None:
    """Take mails until killed."""
    async with run_catcher(folder):
        sys.stdout.write(f"ready catcher://127.0.0.1:{catcher_port(folder)}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
