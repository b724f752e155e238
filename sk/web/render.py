"""Pages: templates, escaped by default, with the words and filters that all of them use."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import jinja2
from aiohttp import web

from sk.auth.countries import countries
from sk.auth.trust import reaches
from sk.clock import local_day
from sk.evidence.step_words import LEVELS, MEANS
from sk.postbox.explanation import Language
from sk.postbox.holidays import LAND_NAMES
from sk.postbox.last_days import last_days
from sk.postbox.rechtsbehelf import KINDS, Rechtsbehelf
from sk.postbox.waiting import opening_announces, waits
from sk.safe.listing import expiry
from sk.web import formats
from sk.web.assets import address
from sk.web.back import own_page
from sk.web.cookies import form_token, set_cookie
from sk.web.error_words import ERROR_WORDS, REFUSED, TROUBLE
from sk.web.form_words import LABELS, WORDS, problem_words
from sk.web.forms import NO_ERRORS, Errors
from sk.web.journal_words import journal_words
from sk.web.keys import BUNDID, EID, LOG_IN, SERVICES
from sk.web.language import language_of, translations
from sk.web.notice_words import REMEDY_WORDS, type_name
from sk.web.problems import status_of

WEB = Path(__file__).parent
SERVER_ERROR = 500
WRITTEN: Mapping[str, Callable[..., str]] = {
    "day": formats.day,
    "short_day": formats.short_day,
    "moment": formats.moment,
    "size": formats.size,
    "line": formats.line,
}
"""What is written differently in each language."""


@lru_cache
def _environment(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    said = translations(language)
    cast("Any", environment).install_gettext_translations(said, newstyle=True)
    environment.filters |= {name: partial(write, language=language) for name, write in WRITTEN.items()}
    environment.filters |= {
        "datum": partial(formats.datum, language=language),
        "journal_words": partial(journal_words, language=language),
        "said": lambda words: words.in_language(language),
        "type_name": lambda media_type: said.gettext(type_name(media_type)),
        "means_name": lambda means: MEANS[means].in_language(language),
        "level_name": lambda level: LEVELS[level].in_language(language),
        "last_days": last_days,
        "waits": waits,
        "opening_announces": opening_announces,
        "lacks_belehrung": _lacks_belehrung,
        "reaches": reaches,
        "expiry": expiry,
    }
    environment.globals |= {
        "language": language,
        "static": address(),
        "remedy": {kind: said.gettext(words) for kind, words in REMEDY_WORDS.items()},
        "labels": {name: said.gettext(words) for name, words in LABELS.items()},
        "problems": {name: said.gettext(words) for name, words in WORDS.items()},
        "problem_words": partial(problem_words, language=language),
        "countries": countries(language),
        "laender": {land: words.in_language(language) for land, words in LAND_NAMES.items()},
    }
    return environment


def page(
    request: web.Request,
    template: str,
    *,
    status: int | None = None,
    errors: Errors = NO_ERRORS,
    here: str | None = None,
    **values: Any,
) -> web.Response:
    """Return a page, with what is wrong with the form on it.

    Every template knows the operator, the day, who is logged in, and the token for forms. `here` is where somebody
    goes on who chooses another language: by default to this page again. What a form was answered with cannot be opened
    again and would be lost, so that there the other language is not offered unless it is said where it goes on.
    """
    services = request.app[SERVICES]
    if here is None and request.method != "POST":
        here = own_page(request.path_qs)
    text = (
        _environment(language_of(request))
        .get_template(template)
        .render(
            operator=services.settings.operator,
            is_trial=services.settings.is_trial,
            reads_cards=EID in request.app,
            has_bundid=BUNDID in request.app,
            log_in=request.get(LOG_IN),
            path=request.path,
            query=request.query,
            today=local_day(services.clock.now()),
            errors=errors,
            here=None if here is None else quote(here, safe=""),
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
    return page(request, "error.html", status=status, words=words, here="")  # no word of what was asked for


def _lacks_belehrung(said: Rechtsbehelf) -> bool:
    """Tell whether the Frist is the long one, because the act does not say, or says wrongly, how to object."""
    return (said.basis or "").startswith(KINDS[said.kind].without_belehrung.basis)
