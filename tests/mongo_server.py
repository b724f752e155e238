"""The MongoDB protocol for the tests: `python mongo_server.py PORT FOLDER`, SecantusDB with two settings of MongoDB.

What is acknowledged is on disk (`j: true`). A transaction whose client is gone is given up after a few seconds, where
the command that the package brings leaves it for a minute, and with it everything it has touched
(`transactionLifetimeLimitSeconds`).
"""

import sys
import threading
from pathlib import Path
from time import sleep

from secantus.server import SecantusDBServer  # type: ignore[import-untyped] # it says nothing about types

TRANSACTION_SECONDS = 5


def give_up(server: SecantusDBServer) -> None:
    """Give up old transactions, which this server does by itself only when it is asked for new ones."""
    while True:
        sleep(1)
        server.transactions.prune_expired()


def main(port: int, folder: Path) -> None:
    """Serve until killed."""
    server = SecantusDBServer(
        host="127.0.0.1",
        port=port,
        storage_path=str(folder),
        replica_set_name="secantus",
        enable_test_commands=False,
        sync_on_commit=True,
        transaction_lifetime_seconds=TRANSACTION_SECONDS,
    )
    server.start()
    threading.Thread(target=give_up, args=(server,), daemon=True).start()
    server.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
