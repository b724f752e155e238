"""The containers of docker-compose.yml as plain processes on the local servers: `Composed` is a `Platform`.

Each container gets a folder for its root, in which its mount points are links to the folders that stand for volumes.
Commands and settings are those of the file; only what begins with a mount point, the names of the servers and the
published port are put in the place of what they are in a container.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tests import catcher
from tests.containers.compose import Service, mounts, ours, services
from tests.platforms import LEANS_ON, Platform
from tests.process import Process
from tests.servers import Servers

SERVERS = {"store": "store", "queue": "bus", "objects": "objects"}
"""The servers by the names of their services, with what the rest of the tests call them."""
PORT = "8080"
ANYWHERE = "0.0.0.0"  # noqa: S104 - within a container, whose one published port is on loopback


class Composed(Platform):
    """What `docker-compose up` starts."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        """Make the containers' folders."""
        super().__init__(folder, {})
        self._servers = servers
        self._catcher = Process(folder, "catcher", (catcher.__file__, str(folder)), {})
        self._mail = ""
        for name, service in services().items():
            self._make_root(name, service)

    def prepare(self) -> None:
        """Run the one-shot service as docker-compose would, and put our servers in the place of those it names."""
        self.run_first_start()
        for server, kind in SERVERS.items():
            url = self.volume(f"access-{server}") / "url"
            assert urlsplit(url.read_text()).hostname == server
            url.write_text(self._servers.shared(LEANS_ON[kind]).url())
        self._catcher.start()
        self._mail = self._catcher.ready().removeprefix("catcher://")
        self.environment = self.settings("web")
        for name, service in ours().items():
            command = ("-m", "sk", *self._here(name, service["command"]))
            self.processes[name] = Process(self.folder, name, command, self.settings(name))

    def start(self) -> None:
        """See `Platform.start`."""
        if not self.processes:
            self.prepare()
        for process in self.processes.values():
            process.start()
        self.base_url = self.processes["web"].ready()

    def forget(self) -> None:
        """See `Platform.forget`."""
        super().forget()
        self._catcher.forget()

    def run_first_start(self) -> None:
        """Make keys and passwords."""
        first = services()["first-start"]
        command = self._here("first-start", [*first["entrypoint"], *first["command"]])
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(command, env={**os.environ, "PATH": path, "TMPDIR": str(self.folder)}, check=True, timeout=60)

    def is_healthy(self, name: str) -> bool:
        """Ask as Docker would whether a container of ours is healthy."""
        kind, program, *arguments = self._here(name, services()[name]["healthcheck"]["test"])
        assert kind == "CMD"
        command = [sys.executable, *([] if program == "python" else ["-m", program]), *arguments]
        settings = {**os.environ, **self.settings(name)}
        return subprocess.run(command, cwd=self.folder, env=settings, check=False, timeout=60).returncode == 0

    def settings(self, name: str) -> dict[str, str]:
        """Return the environment of a container: the image's own and the file's."""
        environment: Mapping[str, str] = {"SK_DATA": "/data", **services()[name]["environment"]}
        return dict(zip(environment, self._here(name, list(environment.values())), strict=True))

    def volume(self, name: str) -> Path:
        """Return the folder that stands for a volume."""
        return self.folder / "volumes" / name

    def _make_root(self, name: str, service: Service) -> None:
        for place, source in mounts(service).items():
            target = Path(source) if source.startswith("/") else self.volume(source)
            if not target.exists():
                target.mkdir(parents=True)
            link = Path(f"{self._root(name)}{place}")
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
        for place in service.get("tmpfs", ()):
            Path(f"{self._root(name)}{place}").mkdir(parents=True)

    def _root(self, name: str) -> Path:
        return self.folder / "roots" / name

    def _here(self, name: str, words: list[str]) -> list[str]:
        """Return words of a container as they are outside of it."""
        service = services()[name]
        tops = {place.split("/")[1] for place in (*mounts(service), *service.get("tmpfs", ()))}
        path = re.compile(rf"(?<![\w.])(?=/(?:{'|'.join(tops)})(?:/|$))")
        replaced = {"mail:1025": self._mail, ANYWHERE: "127.0.0.1"}
        return [self._moved(path.sub(str(self._root(name)), word), replaced) for word in words]

    def _moved(self, word: str, replaced: Mapping[str, str]) -> str:
        for there, here in replaced.items():
            word = word.replace(there, here)
        return re.sub(rf"(^|:){PORT}\b", rf"\g<1>{self.port}", word)
