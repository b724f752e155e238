"""docs/dependencies.md has every package that we install, and we install none that we do not use."""

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs/dependencies.md").read_text()
NOT_IMPORTED = {"fonttools", "tzdata"}
"""fpdf2 uses the first, Python the second."""


def at_run_time() -> set[str]:
    """Return the packages that come with the platform."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {re.split("[>=]", wanted)[0] for wanted in project["dependencies"]}


def test_every_package_at_run_time_is_imported() -> None:
    nodes = [node for file in (ROOT / "sk").rglob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    packages = packages_distributions()
    used = {package.lower() for name in modules for package in packages.get(name.split(".")[0], ())}

    assert at_run_time() - used == NOT_IMPORTED


def test_every_package_at_run_time_has_its_row() -> None:
    rows = TEXT.partition("## At run time")[2].partition("\n## ")[0].splitlines()
    told = {name for row in rows if row.startswith("| ") for name in row.split("|")[1].strip().split(", ")}

    assert at_run_time() == {name for name in told if re.fullmatch("[a-z0-9-]+", name)} - {"package"}
