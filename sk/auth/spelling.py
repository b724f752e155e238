"""How people write the names that a card has in capitals: HEIDESTRAẞE 17, VON DER HEYDTE. It is for people to read."""

import re
import unicodedata

SMALL = {
    *("AM", "AN", "AUF", "AUS", "BEI", "DA", "DE", "DEL", "DEM", "DEN", "DER", "DES", "DI", "DU", "IM", "IN", "LA"),
    *("LE", "TEN", "TER", "UND", "VAN", "VOM", "VON", "VOR", "ZU", "ZUM", "ZUR"),
}
"""Words that names have in the middle, and many at the beginning too, in small letters."""
WORD = re.compile(r"[^\W\d_]+(?:\u0331|\u0300|\u0301|\u0302|\u0304|\u0306|\u0307|\u0308|\u030c|\u0323|\u0327)*")


def as_people_write(capitals: str) -> str:
    """Return a name in small letters with capitals at the beginning of words; what has small letters stays as it is."""
    text = unicodedata.normalize("NFC", capitals)
    if text != text.upper():
        return text
    return WORD.sub(_word, text)


def _word(found: re.Match[str]) -> str:
    word = found[0]
    small = word.lower()
    is_first_of_one = found.start() == 0 and found.end() == len(found.string)
    if word in SMALL and not is_first_of_one:
        return small
    return word[0] + small[1:]
