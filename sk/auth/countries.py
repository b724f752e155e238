"""Countries, by their codes (ISO 3166-1), and the codes that cards use for people without one (ICAO Doc 9303)."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from babel import Locale
from babel.core import get_global

NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""What CLDR names in two letters and ISO does not list. Kosovo (XK) is not listed either, and is a country to us."""
STATELESS: Mapping[str, str] = {
    "XXA": "staatenlos",
    "XXB": "Flüchtling",
    "XXC": "Flüchtling",
    "XXX": "Staatsangehörigkeit ungeklärt",
}
GERMANY = {"D": "DE"}


@lru_cache
def countries(language: str = "de") -> Mapping[str, str]:
    """Return the names of all countries in a language, by their codes, in the order in which people look for them."""
    named = {
        code: name
        for code, name in Locale.parse(language).territories.items()
        if len(code) == len("DE") and code.isalpha() and code not in NO_COUNTRIES
    }
    return MappingProxyType(dict(sorted(named.items(), key=lambda item: _plain(item[1]))))


def is_country(code: str) -> bool:
    """Tell whether this is the code of a country, or of a nationality that is none."""
    return code in countries() or code in STATELESS


def country_name(code: str, language: str = "de") -> str:
    """Return what people call it."""
    return countries(language).get(code) or STATELESS.get(code, code)


def country_of_icao(code: str) -> str:
    """Return our code for the one that a card has: D, FRA, XXA; what nobody knows stays as it is."""
    code = code.strip()
    known = get_global("territory_aliases").get(code) or [GERMANY.get(code, code)]
    return str(known[0])


def _plain(name: str) -> str:
    """Return a name as it is put in order: Ägypten stands beside Afghanistan."""
    return name.casefold().translate(str.maketrans("äöüåéç", "aouaec"))
