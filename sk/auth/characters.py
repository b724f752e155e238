"""The characters that names are written with in German administration: DIN 91379:2022-08.

A name that a register cannot write would not be found there again, so it is refused where it comes in.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

from sk.errors import Invalid

DataType = Literal["A", "B"]
"""A: names of natural persons. B: other names, those of streets, places and organisations."""


def _characters(ranges: str) -> frozenset[str]:
    ends = [part.partition("-") for part in ranges.split()]
    return frozenset(chr(code) for first, _, last in ends for code in range(int(first, 16), int(last or first, 16) + 1))


LETTERS = _characters(
    "0041-005A 0061-007A 00C0-00D6 00D8-00F6 00F8-017E 0187-0188 018F 0197 01A0-01A1 01AF-01B0 01B7 01CD-01DC"
    " 01DE-01DF 01E2-01F0 01F4-01F5 01F8-01FF 0212-0213 0218-021B 021E-021F 0227-0233 0259 0268 0292 1E02-1E03"
    " 1E06-1E07 1E0A-1E11 1E17 1E1C-1E2B 1E2F-1E37 1E3A-1E3B 1E40-1E49 1E52-1E5B 1E5E-1E63 1E6A-1E6F 1E80-1E87"
    " 1E8C-1E97 1E9E 1EA0-1EF9"
)
"""The Latin letters that are one code point each."""

MARKED: Mapping[str, str] = {
    "\N{COMBINING GRAVE ACCENT}": "CFGKMPSTZcfgkmpstz",
    "\N{COMBINING ACUTE ACCENT}": "JjÿĪī",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "DKLMNdklmn",
    "\N{COMBINING MACRON}": "CFHKNPSTZcfhknpstzÛûḲḳṢṣṬṭỤụ",
    "\N{COMBINING BREVE}": "CMNRZcmnrzÇç",
    "\N{COMBINING DOT ABOVE}": "KUku",
    "\N{COMBINING DIAERESIS}": "CTZczẠạỌọỤụ",
    "\N{COMBINING DOUBLE ACUTE ACCENT}": "Aa",
    "\N{COMBINING CARON}": "J",
    "\N{COMBINING VERTICAL LINE ABOVE}": "ēō",
    "\N{COMBINING CANDRABINDU}": "Mm",
    "\N{COMBINING COMMA ABOVE RIGHT}": "CKPTckptČč",
    "\N{COMBINING HORN}": "KTkt",
    "\N{COMBINING HORN}\N{COMBINING MACRON}": "Ss",
    "\N{COMBINING DOT BELOW}": "CPcpČč",
    "\N{COMBINING RING BELOW}": "LRlr",
    "\N{COMBINING RING BELOW}\N{COMBINING MACRON}": "LRlr",
    "\N{COMBINING COMMA BELOW}": "CHKLNchklnŽž",
    "\N{COMBINING CEDILLA}": "ZzŽž",
    "\N{COMBINING OGONEK}\N{COMBINING BREVE}": "Cc",
    "\N{COMBINING MACRON BELOW}": "HSs",
    "\N{COMBINING DOUBLE MACRON BELOW}H": "K",
    "\N{COMBINING DOUBLE MACRON BELOW}h": "Kk",
}
"""What may follow a letter as a part of it, and which letters: a mark stands nowhere else."""

SEQUENCES = frozenset(letter + marks for marks, letters in MARKED.items() for letter in letters)
SEQUENCE = re.compile("|".join(sorted(SEQUENCES, key=len, reverse=True)))  # the longest that fits is meant

SIGNS = _characters("0020 0027 002C-002E 0060 007E 00A8 00B4 00B7 02B9-02BA 02BE-02BF 02C8 02CC 2019 2021")
"""What stands between letters in every name: group N1."""

MORE_SIGNS = _characters(
    "0021-0026 0028-002B 002F-0040 005B-005F 007B-007D 00A1-00A3 00A5 00A7 00A9-00AC 00AE-00B3 00B5-00B6 00B9-00BB 00BF"
    " 00D7 00F7 20AC"
)
"""Digits and what else stands in names that are not of persons: group N2."""

SINGLE: Mapping[DataType, frozenset[str]] = {"A": LETTERS | SIGNS, "B": LETTERS | SIGNS | MORE_SIGNS}
"""What may stand by itself in a name."""


def permitted(text: str, data_type: DataType, field: str) -> str:
    """Return a name as registers write it, or raise `Invalid`, which tells the first character that is not permitted.

    It comes back in NFC, without blanks around it and with one blank where there were more; nothing stays nothing.
    """
    name = re.sub(" +", " ", unicodedata.normalize("NFC", text)).strip(" ")
    for character in SEQUENCE.sub("", name):
        if character not in SINGLE[data_type]:
            raise Invalid(
                f"names are not written with {described(character)}",
                field=field,
                problem="character-not-permitted",
                more={"character": character},
            )
    return name


def described(character: str, language: str = "en") -> str:
    """Return a character as a person can tell it: what it looks like, if it can be seen, its code point and its name.

    A combining mark is shown on a dotted circle, as in the code charts of Unicode, whose names are English only.
    """
    name = unicodedata.name(character, "") if language == "en" else ""
    known_as = f"U+{ord(character):04X} {name}".rstrip()
    if not character.isprintable():
        return known_as
    circle = "\N{DOTTED CIRCLE}" if unicodedata.category(character).startswith("M") else ""
    shown = f"“{circle}{character}”" if language == "en" else f"„{circle}{character}“"
    return f"{shown} ({known_as})"
