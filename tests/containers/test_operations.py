"""docs/operations.md says what the program does."""

from pydantic import SecretStr

from sk.config import Settings
from sk.crypto.keyring import ROLES
from tests.containers.compose import ROOT, Service, ours

ORDER = ["none", "front", "store", "queue", "objects", "mail"]
TEXT = (ROOT / "docs/operations.md").read_text()


def rows(head: str) -> list[str]:
    """Return the rows of the table with this head."""
    lines = TEXT.partition(f"\n{head}\n")[2].splitlines()[1:]
    return lines[: lines.index("")]


def default(value: object) -> str:
    """Return how a setting's default is shown."""
    said = value.get_secret_value() if isinstance(value, SecretStr) else value
    return "" if said in ("", None) else f"`{said}`"


def test_operators_find_every_setting_with_its_default_and_meaning() -> None:
    assert rows("| setting | default | meaning |") == [
        f"| `SK_{name.upper()}` | {default(field.default)} | {str(field.description).replace('|', '·')} |"
        for name, field in Settings.model_fields.items()
    ]


def test_operators_find_the_keys_of_every_role() -> None:
    assert rows("| role | keys |") == [
        f"| {role} | {', '.join(f'`{name}`' for name in sorted(names))} |" for role, names in ROLES.items()
    ]


def test_operators_find_every_container_with_its_command_and_networks() -> None:
    told = [row.strip("| ").split(" | ") for row in rows("| container | command | keys of | networks |")]

    said = {name.strip("`"): (command, networks) for name, command, _, networks in told}
    assert {name: said[name] for name in ours()} == {
        name: (f"`sk {' '.join(service['command'])}`", ", ".join(sorted(_networks(service), key=ORDER.index)))
        for name, service in ours().items()
    }


def _networks(service: Service) -> list[str]:
    return list(service.get("networks") or [service["network_mode"]])
