"""The image, as far as its recipe can be read."""

import re
import tomllib

from tests.containers.compose import ROOT, mounts, ours

RECIPE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()


def instructions(name: str) -> list[str]:
    """Return what stands behind an instruction, each time."""
    return [line.partition(" ")[2] for line in RECIPE if line.startswith(f"{name} ")]


def test_docker_is_given_all_that_the_image_is_built_from() -> None:
    given = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = [project["project"]["readme"], *project["project"]["license-files"]]
    hook = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["path"]

    assert sorted(copied) == sorted(given)
    assert {*named, hook, "pyproject.toml", "constraints.txt", "sk"} <= set(copied)
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_stands_on_one_version_of_python_that_the_package_allows() -> None:
    bases = {line.split()[0] for line in instructions("FROM")}

    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases.pop())


def test_the_image_is_no_root_and_its_command_is_sk() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert instructions("ENTRYPOINT") == ['["sk"]']
    assert "SK_DATA=/data" in instructions("ENV")[-1].split()


def test_every_volume_of_ours_takes_over_the_owner_of_a_folder_in_the_image() -> None:
    made = " ".join(instructions("RUN")).split()
    places = {place for service in ours().values() for place in mounts(service)}

    assert places
    assert places <= set(made)
