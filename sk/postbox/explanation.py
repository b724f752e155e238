"""Reasoning in words: the steps that led to a day, in German and English, whatever locale the machine has."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")


class Words(BaseModel):
    """The same words in German and in English. The German ones count, the English ones help."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    de: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the words in one language."""
        return self.de if language == "de" else self.en


Steps = tuple[Words, ...]

WEEKDAYS = (
    Words(de="Montag", en="Monday"),
    Words(de="Dienstag", en="Tuesday"),
    Words(de="Mittwoch", en="Wednesday"),
    Words(de="Donnerstag", en="Thursday"),
    Words(de="Freitag", en="Friday"),
    Words(de="Samstag", en="Saturday"),
    Words(de="Sonntag", en="Sunday"),
)
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ORDINALS = {
    3: Words(de="dritter", en="third"),
    4: Words(de="vierter", en="fourth"),
    10: Words(de="zehnter", en="tenth"),
}


def verbatim(text: str) -> Words:
    """Return what is the same in both languages: a provision, a decision."""
    return Words(de=text, en=text)


def date_words(day: date) -> Words:
    """Return a day without its weekday: 27.11.2026, 27 November 2026."""
    return Words(de=f"{day:%d.%m.%Y}", en=f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}")


@lru_cache
def day_words(day: date) -> Words:
    """Return a day with its weekday: Freitag, 27.11.2026; Friday, 27 November 2026."""
    weekday = WEEKDAYS[day.weekday()]
    return say("{weekday}, {date}", "{weekday}, {date}", weekday=weekday, date=date_words(day))


def say(de: str, en: str, **parts: Words | date) -> Words:
    """Fill the named parts into both sentences; a day is written with its weekday."""
    words = {name: part if isinstance(part, Words) else day_words(part) for name, part in parts.items()}
    return Words(
        de=de.format(**{name: part.de for name, part in words.items()}),
        en=en.format(**{name: part.en for name, part in words.items()}),
    )


def sentence(steps: Iterable[Words], language: Language = "de") -> str:
    """Return the steps as one sentence, in their order."""
    return "; ".join(step.in_language(language) for step in steps) + "."
