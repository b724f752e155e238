"""Words that would do something on a page, and the one table of all fields into which strangers can put them."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sk.auth.profile import NAMES
from sk.web.assets import address
from sk.web.render import WEB
from tests.auth.people import ERIKA, PASSWORD
from tests.web.pages import BIDI, HOSTILE, OURS, Reader

WORDS: Mapping[str, str] = {
    "markup": f"\"'>{HOSTILE}",
    "svg": "<svg onload=alert(1)><a href=javascript:alert(1)>x</a></svg><iframe src=//page.example>",
    "style": "</title></textarea><style>*{display:none}</style><base href=//page.example/>",
    "bidi": f"Bescheid {BIDI}",
    "long": "W" * 200,
    "right to left": "שלום עולם مرحبا",
    "emoji": "👩🏽‍🚀🏳️‍🌈 und 🇩🇪",
}
MARKS = {"script", "img", "b", "iframe", "style", "base", "object", "embed"}
"""What of these words no page may hold as anything but text; scripts of our own are looked at apart."""


class Form(NamedTuple):
    """A form: where it is sent, its fields for hostile words, what else it needs, and who sends it.

    One that ends with a question mark is sent as an address. `begun` is what has to be done before there is such a
    form; `files` are the fields that take a file.
    """

    to: str
    fields: tuple[str, ...] = ()
    given: Mapping[str, str] = {}
    by_citizen: bool = True
    begun: str = ""
    files: tuple[str, ...] = ()


def _anybody(to: str, *fields: str, begun: str = "", **given: str) -> Form:
    return Form(to, fields, given, by_citizen=False, begun=begun)


def _citizen(to: str, *fields: str, begun: str = "", **given: str) -> Form:
    return Form(to, fields, given, begun=begun)


_PASSKEY = ("answer", "weiter", "erneut")
_OF_A_DOCUMENT = {"name": "name", "ordner": "folder", "stichworte": "labels", "gueltig-bis": "expires_on"}
_OF_A_SHARE = ("documents", "document", "recipient", "purpose", "until", "fetches")
FORMS: Mapping[str, tuple[Form, ...]] = {
    "accessibility": (_anybody("/barrierefreiheit", "text", "page", "email", text="Guten Tag"),),
    "account_data": (_citizen("/konto/daten", *NAMES),),
    "activate": (_anybody("/aktivieren", "code", "password", code="x", password=PASSWORD),),
    "einwilligungen": (_citizen("/konto/einwilligungen?", "suche"),),
    "email": (_citizen("/konto/email", "email"), _citizen("/konto/email/bestaetigen", "code")),
    "erasure_confirm": (_citizen("/konto/loeschen/bestaetigen", "sicher"),),
    "export": (
        _citizen("/safe/export", "passphrase", art="age", again="anders"),
        _citizen("/konto/export", "again", art="age", passphrase=PASSWORD),
    ),
    "forgotten": (_anybody("/passwort-vergessen", "username"),),
    "forgotten_new": (_anybody("/passwort-vergessen/neu", "code", "password", code="x", password=PASSWORD),),
    "forms": (
        _citizen("/ausweis", "purpose", "weiter", purpose="account", weiter="/konto"),
        _citizen("/bundid", "niveau", purpose="account", weiter="/konto"),
        _citizen("/konto/benachrichtigung", "language"),
        _citizen("/konto/sicherheit/passwort", "password"),
    ),
    "log_in": (
        _anybody("/anmelden", "username", "password", "weiter", username="niemand", password="x", weiter="/konto"),
    ),
    "log_in_again": (_citizen("/anmelden/erneut", "password", "weiter", "username", weiter="/konto"),),
    "log_in_code": (_anybody("/anmelden/code", "code", begun="second factor"),),
    "notifications": (_citizen("/konto/benachrichtigung", "reminders", language="de"),),
    "passkey": (_anybody("/anmelden/passkey", *_PASSKEY),),
    "passkeys": (_citizen("/konto/sicherheit/passkeys", "name", "answer", begun="passkey"),),
    "password": (_citizen("/konto/sicherheit/passwort", "username", password="kurz"),),
    "phrase": (_citizen("/konto/benachrichtigung/satz", "phrase"),),
    "portal_logout": (_citizen("/portal-abmelden", "antwort", "id_token_hint", "post_logout_redirect_uri", "state"),),
    "register": (_anybody("/registrieren", *ERIKA, **ERIKA),),
    "register_card": (
        _anybody(
            "/registrieren/ausweis", "email", "phone", "de_mail", begun="card", email="a@b.example", language="de"
        ),
    ),
    "register_confirm": (_anybody("/registrieren/bestaetigen", "code", "username", code="x"),),
    "reply_form": (Form("/postfach/{id}/antwort", ("token", "text"), {"text": "Guten Tag"}, files=("files",)),),
    "safe_document": (
        *(_citizen(f"/safe/dokumente/{{document}}/{form}", field) for form, field in _OF_A_DOCUMENT.items()),
        Form("/safe/dokumente/{document}/fassung", files=("files",)),
    ),
    "safe": (_citizen("/safe/ordner", "name", "parent"),),
    "safe_folder": (_citizen("/safe/ordner/{folder}/name", "name"),),
    "safe_lines": (_citizen("/safe/suche", "suche"),),
    "safe_search": (_citizen("/safe/suche", "seite", suche="Steuer"),),
    "safe_share_check": (_citizen("/safe/freigaben/neu", "choice", "token", "documents"),),
    "safe_share_form": (_citizen("/safe/freigaben/neu", *_OF_A_SHARE, until="2026-12-23", fetches="3"),),
    "safe_upload": (Form("/safe/hochladen", ("folder",), files=("files",)),),
    "search": (_citizen("/postfach/suche", "vor", suche="Bescheid"),),
    "search_form": (_citizen("/postfach/suche", "suche"),),
    "second_address": (_citizen("/konto/benachrichtigung/zweite-adresse", "email"),),
    "simulator": (_anybody("/dev/ausweis", "choice", "minor", "persona", "tcTokenURL"),),
    "totp": (_citizen("/konto/sicherheit/app/bestaetigen", "code", begun="app"),),
    "vollmacht_code": (_citizen("/konto/vollmachten/annehmen", "code"),),
    "vollmacht_form": (
        _citizen("/konto/vollmachten/neu", "authority", "begins_on", "ends_on", "name", "replies", begun="name"),
    ),
    "vollmacht_offer": (_citizen("/konto/vollmachten/annehmen", "choice", "code"),),
    "verify": (Form("/nachweis-pruefen", by_citizen=False, files=("bundle", "files")),),
}
"""By the template that has the form. A field that a template takes over from a macro stands at the macro's file."""
TESTED_ELSEWHERE: Mapping[str, str] = {
    "behoerde_cases": "tests/postbox/test_behoerde_list.py",
    "draft": "tests/postbox/test_draft_form.py",
    "draft_form": "tests/postbox/test_draft_form.py",
    "portal_consent": "tests/auth/test_portal_hostile.py",
    "portal_level": "tests/auth/test_portal_hostile.py",
    "safe_import": "tests/safe/importing/test_hostile.py",
}
"""Templates whose forms a test of their own fills with hostile words, and where that is."""
_NAMES = re.compile(r"""\bname="([^"]+)"|\b(?:input|choice)\((?:"(\w+)"|(\w+))""")
_LOOPS = {"account_data": {"name": NAMES}}
"""Fields whose name is a variable of the template, and what it runs through."""


def rows() -> list[tuple[str, Form, Sequence[str]]]:
    """Return what is filled with hostile words: each field alone, and all of a form, which then is shown once more."""
    return [
        (template, form, filled)
        for template, forms in FORMS.items()
        for form in forms
        for filled in ({(name,) for name in (*form.fields, *form.files)} | {form.fields} - {()})
    ]


def fields_in(template: str) -> set[str]:
    """Return the names of the fields that a template has: all but the token, which every form has."""
    source = (WEB / "templates" / f"{template}.html").read_text()
    found = set[str]()
    for literal, quoted, variable in _NAMES.findall(source):
        is_macro = not (literal or quoted) and template == "forms"
        found |= set(_LOOPS.get(template, {}).get(variable, [variable])) if variable else {literal or quoted}
        found -= {variable} if is_macro else set()
    return {name for name in found if "{" not in name} - {"csrf", "viewport", "color-scheme"}


def harmful(text: str) -> list[str]:
    """Return what of the hostile words a page holds as something else than text that stays in its place."""
    page = Reader.of(text)
    return [
        *(f"<{tag}>" for tag in sorted(page.tags & (MARKS - {"script", "img"}))),
        *(f"script {source}" for source in page.scripts if not source.startswith(address())),
        *(["a script in the page"] if page.scripts_without_source else []),
        *(f"{name}=" for name in sorted(page.attributes) if name.startswith("on")),
        *(f"leads to {link}" for link in page.links if not (OURS.match(link) or link.startswith("data:image/"))),
        *(f"turns around: {said[:80]}" for said in page.words - page.isolated if BIDI in said),
    ]
