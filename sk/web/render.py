"""Pages: templates, escaped by default, with the words and filters that all of them use."""

from datetime import date, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from aiohttp import web

from sk.auth.countries import countries
from sk.auth.trust import reaches
from sk.clock import BERLIN, local_day
from sk.evidence.step_words import LEVELS, MEANS
from sk.postbox.explanation import WEEKDAYS, Words
from sk.postbox.holidays import LAND_NAMES
from sk.postbox.last_days import last_days, opening_announces, waits
from sk.postbox.rechtsbehelf import KINDS, Rechtsbehelf
from sk.web.cookies import form_token, set_cookie
from sk.web.form_words import LABELS, problem_words
from sk.web.forms import NO_ERRORS, Errors
from sk.web.keys import EID, LOG_IN, SERVICES
from sk.web.problems import status_of

WEB = Path(__file__).parent
STATIC = WEB / "static"
MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
SERVER_ERROR = 500
MEGABYTE = 1_000_000
LAENDER = {land: words.de for land, words in LAND_NAMES.items()}
REMEDY_WORDS = {
    "klage-vwgo": "Klage erheben",
    "klage-sgg": "Klage erheben",
    "klage-fgo": "Klage erheben",
    "widerspruch-vwgo": "Widerspruch einlegen",
    "widerspruch-sgg": "Widerspruch einlegen",
    "einspruch-ao": "Einspruch einlegen",
}
TYPE_NAMES = {
    "application/pdf": "PDF",
    "application/xml": "XML",
    "application/zip": "ZIP",
    "image/jpeg": "Bild",
    "image/png": "Bild",
    "image/tiff": "Bild",
    "text/csv": "Tabelle",
    "text/plain": "Text",
    "text/xml": "XML",
}


class ErrorWords(NamedTuple):
    """What an error page says, and where it leads; without an address, to itself."""

    title: str
    text: str
    href: str = "/postfach"
    action: str = "Zum Postfach"


REFUSED = ErrorWords(
    "Das geht hier nicht", "Bitte gehen Sie zurück und versuchen Sie es noch einmal.", "/", "Zur Startseite"
)
TROUBLE = ErrorWords(
    "Gerade geht es nicht",
    "Auf unserer Seite ist etwas gestört. Ihre Post geht dabei nicht verloren. Bitte versuchen Sie es in ein paar "
    "Minuten noch einmal.",
    "/",
    "Zur Startseite",
)
ERROR_WORDS = {
    "not-found": ErrorWords(
        "Diese Seite gibt es nicht", "Die Adresse stimmt nicht, oder es gibt die Nachricht nicht mehr."
    ),
    "unread": ErrorWords("Diese Nachricht ist ungelesen", "Bitte öffnen Sie sie zuerst in Ihrem Postfach."),
    "withdrawn": ErrorWords(
        "Die Behörde hat diese Nachricht zurückgezogen",
        "Sie lässt sich nicht mehr öffnen, und sie gilt nicht. Wenn Sie Fragen haben, wenden Sie sich an die Behörde.",
    ),
    "lapsed": ErrorWords(
        "Diese Nachricht ist nicht mehr abrufbar",
        "Die Zeit, in der Sie sie öffnen konnten, ist vorbei. Die Behörde kann sie Ihnen noch einmal oder "
        "auf einem anderen Weg bekannt geben.",
    ),
    "too-late-to-record": ErrorWords(
        "Diese Nachricht lässt sich nicht mehr öffnen",
        "Das war der letzte Tag dafür. Wir müssen noch an diesem Tag festhalten, dass Sie sie öffnen. Dafür reichten "
        "die letzten Sekunden vor Mitternacht nicht. Die Behörde kann sie Ihnen noch einmal oder auf einem anderen Weg "
        "bekannt geben. Sagen Sie ihr am besten, was geschehen ist.",
    ),
    "not-logged-yet": ErrorWords(
        "Der Nachweis ist gleich fertig",
        "Was mit Ihrer Nachricht geschehen ist, wird gerade unveränderlich festgehalten. Das dauert noch ein paar "
        "Sekunden. Bitte laden Sie diese Seite dann noch einmal.",
        "",
        "Noch einmal laden",
    ),
    "stale-form": ErrorWords(
        "Diese Seite war zu lange offen",
        "Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.",
        "/",
        "Zur Startseite",
    ),
    "card-foreign-session": ErrorWords(
        "Dieser Vorgang wurde nicht in diesem Browser begonnen",
        "Vielleicht haben Sie sich inzwischen ab- oder angemeldet, oder ein Link hat Sie hierher geführt. Zu Ihrer "
        "Sicherheit geht es hier nicht weiter. Bitte beginnen Sie neu.",
        "/",
        "Zur Startseite",
    ),
    "level-too-low": ErrorWords(
        "Für diese Nachricht reicht Ihre Anmeldung nicht",
        "Die Behörde verlangt für diese Nachricht eine sicherere Anmeldung. Öffnen Sie die Nachricht im Postfach: Auf "
        "ihrer Seite führt ein Knopf zum Online-Ausweis. Geht das bei Ihnen nicht, dann bitten Sie die Behörde, Ihnen "
        "anders zu schreiben. Eine Frist kann auch laufen, solange Sie die Nachricht nicht gelesen haben.",
    ),
    "erasure-level-too-low": ErrorWords(
        "Zum Löschen reicht Ihre Anmeldung nicht",
        "Ihr Konto hat ein höheres Vertrauensniveau als diese Anmeldung. Auf der Seite „Konto löschen“ steht, wie es "
        "weitergeht.",
        "/konto/loeschen",
        "Zur Seite „Konto löschen“",
    ),
    "damaged": ErrorWords(
        "Hier ist etwas beschädigt",
        "Etwas, das wir gespeichert haben, lässt sich nicht öffnen. Wir zeigen es deshalb nicht an; "
        "der Betreiber wurde benachrichtigt.",
        "/",
        "Zur Startseite",
    ),
    "notice-damaged": ErrorWords(
        "Diese Nachricht ist beschädigt",
        "Sie stimmt nicht mehr mit dem überein, was die Behörde geschickt hat. Wir zeigen sie deshalb nicht an; "
        "der Betreiber wurde benachrichtigt. Bitte fragen Sie bei der Behörde nach.",
    ),
}


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": _day,
        "moment": _moment,
        "size": _size,
        "type_name": lambda media_type: TYPE_NAMES.get(media_type, "Datei"),
        "last_days": last_days,
        "waits": waits,
        "opening_announces": opening_announces,
        "lacks_belehrung": _lacks_belehrung,
        "opening": _opening,
        "reaches": reaches,
        "means_name": lambda means: MEANS[means].de,
        "level_name": lambda level: LEVELS[level].de,
    }
    environment.globals |= {"remedy": REMEDY_WORDS, "labels": LABELS, "problem_words": problem_words}
    environment.globals |= {"countries": countries(), "laender": LAENDER}
    return environment


def page(
    request: web.Request, template: str, *, status: int | None = None, errors: Errors = NO_ERRORS, **values: Any
) -> web.Response:
    """Return a page, with what is wrong with the form on it.

    Every template knows the operator, the day, who is logged in, and the token for forms.
    """
    services = request.app[SERVICES]
    text = (
        _environment()
        .get_template(template)
        .render(
            operator=services.settings.operator,
            is_trial=services.settings.is_trial,
            reads_cards=EID in request.app,
            log_in=request.get(LOG_IN),
            path=request.path,
            query=request.query,
            today=local_day(services.clock.now()),
            errors=errors,
            **{"csrf": form_token(request), **values},
        )
    )
    return web.Response(text=text, status=status or status_of(errors), content_type="text/html")


def form_page(request: web.Request, template: str, **values: Any) -> web.Response:
    """Return a page whose form strangers may send, and the cookie that goes with it."""
    token = form_token(request)
    response = page(request, template, csrf=token, **values)
    if LOG_IN not in request:
        set_cookie(request, response, "form", token)
    return response


def see_other(path: str) -> web.Response:
    """Lead the browser on to a page after a form was sent."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})


def error_page(request: web.Request, status: int, problem: str) -> web.Response:
    """Return the page for an error, in words for people."""
    words = ERROR_WORDS.get(problem, TROUBLE if status >= SERVER_ERROR else REFUSED)
    return page(request, "error.html", status=status, words=words)


def _day(value: date | datetime) -> str:
    """Write a day out: Montag, 28. Dezember 2026."""
    day = local_day(value) if isinstance(value, datetime) else value
    return f"{WEEKDAYS[day.weekday()].de}, {day.day}. {MONTHS[day.month - 1]} {day.year}"


def _moment(value: datetime) -> str:
    """Write a moment out, in local time: Montag, 28. Dezember 2026, 10:15 Uhr. The time of day stays on one line."""
    return f"{_day(value)}, {value.astimezone(BERLIN):%H:%M}\N{NO-BREAK SPACE}Uhr"


def _lacks_belehrung(said: Rechtsbehelf) -> bool:
    """Tell whether the Frist is the long one, because the act does not say, or says wrongly, how to object."""
    return (said.basis or "").startswith(KINDS[said.kind].without_belehrung.basis)


def _opening(words: Words) -> str:
    """Write a step of a reasoning as a line of its own, which begins with a capital."""
    return words.de[:1].upper() + words.de[1:]


def _size(size: int) -> str:
    """Write a size out with German decimals: 93 KB, 1,2 MB."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / MEGABYTE:.1f} MB".replace(".", ",")
