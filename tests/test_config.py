"""Settings: where they come from, and what they are if nobody says."""

from datetime import time
from pathlib import Path

import pytest

from sk.config import load_settings
from sk.errors import Invalid
from tests.process import run_sk

REAL = "smtps://mail.example.org"


@pytest.fixture(autouse=True)
def _fresh_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a folder that has no `.env` yet."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "https://konto.example.org",
        "https://konto.example.org:8443",
        "http://localhost:8080",
        "http://127.0.0.2",
        "http://[::1]:8080",
    ],
)
def test_a_base_url_is_a_scheme_a_host_and_perhaps_a_port(url: str) -> None:
    assert load_settings({"base_url": url}).base_url == url


@pytest.mark.parametrize("origin", ["konto.example.org", "konto.example.org/log", "[::1]:8080", "konto.example/v2"])
def test_a_log_has_a_name_that_a_note_can_be_signed_under(origin: str) -> None:
    assert load_settings({"log_origin": origin}).log_origin == origin


@pytest.mark.parametrize(
    "origin",
    ["konto example", "konto+log", "konto\n", "konto\u200b", "konto/trial", "konto/2", "konto/log/17", "konto/"],
)
def test_a_log_has_no_name_that_cannot_be_signed_or_that_a_trial_or_a_restore_would_give(origin: str) -> None:
    with pytest.raises(Invalid, match="SK_LOG_ORIGIN"):
        load_settings({"log_origin": origin})


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"mail": REAL, "base_url": "https://konto.example.org:8443"}, "servicekonto@konto.example.org"),
        ({"mail": REAL, "base_url": "https://konto.example.org", "mail_from": "post@example.org"}, "post@example.org"),
        ({"mail": REAL, "base_url": "http://127.0.0.1:8080"}, "servicekonto@localhost"),
        ({"mail": REAL}, "servicekonto@localhost"),
        ({"base_url": "https://konto.example.org"}, "servicekonto@localhost"),
        ({"base_url": "https://konto.example.org", "mail_from": "post@example.org"}, "post@example.org"),
    ],
)
def test_mails_come_from_the_host_of_a_real_installation_unless_somebody_says_otherwise(
    given: dict[str, str], address: str
) -> None:
    assert load_settings(given).mail_from == address


def test_a_file_of_settings_may_name_files_and_hold_what_is_none_of_ours() -> None:
    Path("store").write_text("sqlite:///from-a-file\n")
    Path(".env").write_text("SK_STORE_FILE=store\nSK_LAND=BY\nCOMPOSE_PROJECT_NAME=sk\nSK_OPERATOR\n")

    settings = load_settings({})

    assert settings.store_url() == "sqlite:///from-a-file"
    assert (settings.land, settings.operator) == ("BY", "Servicekonto")


def test_the_environment_wins_over_the_file_of_settings_and_a_value_over_a_named_file(tmp_path: Path) -> None:
    (tmp_path / "land").write_text("HE")
    (tmp_path / ".env").write_text("SK_LAND=BY\n")

    def land(**environment: str) -> str:
        return run_sk(tmp_path, environment, "config").stdout.partition("SK_LAND=")[2].splitlines()[0]

    assert land(SK_LAND_FILE="land") == "HE"
    assert land(SK_LAND_FILE="land", SK_LAND="SN") == "SN"


@pytest.mark.parametrize("name", ["SK_STROE", "SK_STROE_FILE", "SK_"])
def test_a_name_that_is_no_setting_is_refused_by_its_name(name: str, tmp_path: Path) -> None:
    sentence = f"{name}: there is no such setting"
    assert run_sk(tmp_path, {name: "value"}, "config").stderr == f"sk: {sentence}\n"

    (tmp_path / ".env").write_text(f"{name}=value\n")
    with pytest.raises(Invalid, match=f"^{sentence}$"):
        load_settings({})


def test_a_file_that_cannot_be_read_is_named() -> None:
    Path(".env").write_text("SK_STORE_FILE=missing\n")
    with pytest.raises(Invalid, match=r"^SK_STORE_FILE: missing cannot be read: No such file"):
        load_settings({})


def test_a_file_of_settings_in_another_encoding_is_refused_in_one_sentence() -> None:
    Path(".env").write_bytes("SK_OPERATOR=Köln\n".encode("latin-1"))
    with pytest.raises(Invalid, match="is not UTF-8"):
        load_settings({})


@pytest.mark.parametrize(
    ("mail", "said", "last"),
    [
        (REAL, None, time(23, 30)),
        (REAL, "off", None),
        (REAL, "OFF", None),
        (REAL, "12:00", time(12)),
        ("catcher", None, None),
        ("catcher", "22:15", time(22, 15)),
    ],
)
def test_a_bereitstellung_is_late_after_half_past_eleven_or_as_somebody_says_but_not_in_a_trial(
    mail: str, said: str | None, last: time | None
) -> None:
    assert load_settings({"mail": mail, "last_bereitstellung": said}).latest_bereitstellung() == last


@pytest.mark.parametrize("said", ["00:00", "11:59:59"])
def test_a_time_before_noon_that_would_keep_notices_from_delivery_is_refused(said: str) -> None:
    with pytest.raises(Invalid, match="SK_LAST_BEREITSTELLUNG must be 12:00 or later, or off"):
        load_settings({"last_bereitstellung": said})


def test_the_time_of_the_last_bereitstellung_is_a_local_one() -> None:
    with pytest.raises(Invalid, match="a local time, without a time zone"):
        load_settings({"last_bereitstellung": "23:30+01:00"})


@pytest.mark.parametrize(
    ("scanner", "scanner_max", "largest"),
    [
        ("off", 100_000, 1_000_000),
        ("clamd://127.0.0.1", 100_000, 100_000),
        ("clamd:///run/clamd", 2_000_000, 1_000_000),
    ],
)
def test_the_largest_file_is_the_smaller_of_what_we_take_and_what_a_scanner_does(
    scanner: str, scanner_max: int, largest: int
) -> None:
    assert load_settings({"scanner": scanner, "scanner_max": scanner_max}).largest(1_000_000) == largest
