"""`sk doctor` on the operator's own texts: the law asks for them, and nobody else can write them."""

from collections.abc import Iterator

from sk.config import Settings
from sk.finding import Finding
from sk.web.operator_texts import TOP, file_of, operator_text


def examine_texts(settings: Settings) -> Iterator[Finding]:
    """Yield which texts are missing. A trial needs none."""
    for name in () if settings.is_trial else TOP:
        german, english = operator_text(name, "de", settings), operator_text(name, "en", settings)
        if german is None:
            missing = file_of(name, "de", settings) or f"{name}.de.md in a folder that SK_TEXTS has to name"
            yield Finding(f"/{name} has no text of the operator: {missing} is missing, empty or no UTF-8")
        elif english == german:
            file = file_of(name, "en", settings)
            yield Finding(f"/{name} is in German for readers of English: {file} is missing or empty", is_remark=True)
