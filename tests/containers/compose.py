"""docker-compose.yml, as docker-compose itself reads it."""

import os
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import yaml

from tests.keeper import tool

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
Service = Mapping[str, Any]


def compose_config(**settings: str) -> dict[str, Any]:
    """Return the file with its anchors resolved and its variables filled in: only those that are given here."""
    program = tool("docker-compose", "Debian's package docker-compose")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SK_")}
    with NamedTemporaryFile() as empty:  # in the place of a .env that may lie beside the file
        done = subprocess.run(
            [program, "--env-file", empty.name, "--file", FILE, "config"],
            env={**plain, **settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    config: dict[str, Any] = yaml.safe_load(done.stdout)
    return config


@cache
def services() -> dict[str, Service]:
    """Return all services of the file as it stands."""
    return dict(compose_config()["services"])


def ours() -> dict[str, Service]:
    """Return the services that stay and run our image: web, render and the workers."""
    return {name: service for name, service in staying().items() if service["image"].startswith("sk-postbox:")}


def staying() -> dict[str, Service]:
    """Return the services that do not end when they have done their work."""
    return {name: service for name, service in services().items() if service["restart"] != "no"}


def mounts(service: Service) -> dict[str, str]:
    """Return what lies where in a container: the mount point, and the volume or the file of this folder."""
    return {place: source for source, place, *_ in (volume.split(":") for volume in service.get("volumes", ()))}
