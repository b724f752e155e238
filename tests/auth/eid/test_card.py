"""What a card says, and how much it counts."""

import pytest
from pydantic import ValidationError

from sk.auth.eid.card import CardData, DateString, level_of
from sk.auth.trust import TrustLevel

NATIONAL, EIDAS = "http://bsi.bund.de/eID/LoA", "http://eidas.europa.eu/LoA"


@pytest.mark.parametrize(
    ("used", "said", "level"),
    [
        (["CardCertified"], "", "high"),
        (["SECertified"], "", "substantial"),
        (["SEEndorsed"], "", "substantial"),
        (["HWKeyStore"], "", "low"),
        ([], f"{NATIONAL}/hoch", "high"),
        ([], f"{NATIONAL}/substantiell", "substantial"),
        ([], f"{NATIONAL}/normal", "low"),
        ([], f"{NATIONAL}/undefined", "low"),
        ([], f"{EIDAS}/high", "high"),
        ([], f"{EIDAS}/substantial", "substantial"),
        ([], f"{EIDAS}/low", "low"),
        (["CardCertified"], f"{NATIONAL}/hoch", "high"),
    ],
)
def test_only_the_chip_of_a_card_counts_as_high(used: list[str], said: str, level: TrustLevel) -> None:
    assert level_of(used, said) == level


@pytest.mark.parametrize(
    ("used", "said", "level"),
    [
        (["CardCertified"], f"{NATIONAL}/substantiell", "substantial"),
        (["CardCertified"], f"{NATIONAL}/undefined", "low"),
        (["SEEndorsed"], f"{NATIONAL}/hoch", "substantial"),
        (["HWKeyStore"], f"{EIDAS}/high", "low"),
        (["CardCertified", "SEEndorsed"], f"{NATIONAL}/hoch", "substantial"),
    ],
)
def test_of_two_words_on_the_level_the_lower_one_counts(used: list[str], said: str, level: TrustLevel) -> None:
    assert level_of(used, said) == level


@pytest.mark.parametrize(
    ("used", "said"),
    [
        ([], ""),
        (["SomethingNew"], f"{NATIONAL}/hoch"),
        (["CardCertified", "SomethingNew"], f"{NATIONAL}/hoch"),
        (["CardCertified"], "http://bsi.bund.de/eID/LoA/sehr-hoch"),
        (["cardcertified"], ""),
    ],
)
def test_what_nobody_knows_or_says_counts_as_low(used: list[str], said: str) -> None:
    assert level_of(used, said) == "low"


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        ("19640812", "1964-08-12"),
        ("196408  ", "1964-08"),
        ("1964    ", "1964"),
        ("1964  12", "1964"),
        ("        ", ""),
        ("    0812", ""),
    ],
)
def test_a_day_of_birth_is_told_as_far_as_it_is_known(raw: str, known: str) -> None:
    day = DateString(raw=raw)

    assert (day.raw, day.known) == (raw, known)


@pytest.mark.parametrize(
    "raw", ["", "1964", "1964081", "196408123", "1964-8-1", "19640812\n", "19640230", "XXXXXXXX", "١٩٦٤٠٨١٢"]
)
def test_what_is_no_day_is_refused(raw: str) -> None:
    with pytest.raises(ValidationError):
        DateString(raw=raw)


@pytest.mark.parametrize("pseudonym", ["", "01a4", "01A4" * 16, "01a4" * 16 + "f", "not hex " * 8])
def test_a_card_without_a_pseudonym_is_none(pseudonym: str) -> None:
    with pytest.raises(ValidationError):
        CardData(
            pseudonym=pseudonym,
            document_type="ID",
            given_names="ERIKA",
            family_names="MUSTERMANN",
            date_of_birth=DateString(raw="19640812"),
            level="high",
        )
