"""Unix sockets: where processes of this machine find each other, in a folder that tells who may."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sk.errors import Invalid

NAME_MAX_BYTES = 100
"""What every system takes for the address of a socket; paths of folders may be longer."""
BACKLOG = 64


@contextmanager
def listening_at(path: Path) -> Iterator[socket.socket]:
    """Listen at a path that this user and its group may use. What a process before has left there is removed."""
    with socket.socket(socket.AF_UNIX) as opened:
        mask = os.umask(0o117)
        try:
            if path.is_socket():
                path.unlink()
            with address_of(path) as address:
                opened.bind(address)
            opened.listen(BACKLOG)
        except OSError as error:
            raise Invalid(f"{path} cannot be listened on: {error.strerror}") from None
        finally:
            os.umask(mask)
        try:
            yield opened
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def address_of(path: Path) -> Iterator[str]:
    """Yield the address of the socket at a path, however long that is: a short way to its folder, while it is open."""
    if len(os.fsencode(path)) <= NAME_MAX_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
