"""The tours: ways through all pages, each in every state that it has. What a tour does not visit, nobody checks."""

from collections.abc import Awaitable, Callable, Mapping

from tests.pages import (
    tours_account,
    tours_behoerde,
    tours_bundid,
    tours_drafts,
    tours_portal,
    tours_postbox,
    tours_safe,
    tours_safe_document,
    tours_safe_export,
    tours_safe_share,
    tours_script,
    tours_vollmacht,
)
from tests.pages.visit import Visit

Tour = Callable[[Visit], Awaitable[None]]


async def strangers(visit: Visit) -> None:
    """See what anybody sees."""
    await visit.see(
        {
            "/": "home",
            "/anmelden": "log-in",
            "/aktivieren": "activate",
            "/passwort-vergessen": "forgotten",
            "/nachweis-pruefen": "verify",
            "/gibt/es/nicht": "not-found",
            "/registrieren/bestaetigen": "register-mail",
            "/registrieren/bestaetigen?code=x": "register-code-gone",
            "/passwort-vergessen/neu?code=x": "forgotten-code-gone",
            "/konto/email?code=x": "email-code-gone",
            "/dev/mail": "dev-mail",
            "/barrierefreiheit": "accessibility",
            "/barrierefreiheit?gesagt=danke": "accessibility-thanks",
            "/leichte-sprache": "plain-language",
            "/datenschutz": "privacy",
            "/impressum": "imprint",
        }
    )
    await visit.open("/anmelden")
    await visit.send("/anmelden", username="niemand", password="stimmt nicht")
    await visit.seen("log-in-refused")
    await visit.open("/aktivieren")
    await visit.send("/aktivieren", code="x", password="kurz")
    await visit.seen("activate-refused")
    await visit.open("/passwort-vergessen")
    await visit.send("/passwort-vergessen", username="niemand")
    await visit.seen("forgotten-mail")
    await visit.open("/barrierefreiheit")
    await visit.send("/barrierefreiheit")
    await visit.seen("accessibility-errors")
    await visit.open("/anmelden")
    await visit.forget("form")
    await visit.send("/anmelden", username="niemand", password="stimmt nicht")
    await visit.seen("log-in-stale")


TOURS: Mapping[str, Tour] = {
    tour.__name__: tour
    for tour in (
        strangers,
        tours_account.registering,
        tours_account.cards,
        tours_bundid.by_bundid,
        tours_account.the_account,
        tours_account.getting_in,
        tours_account.mails,
        tours_account.einwilligungen,
        tours_portal.portals,
        tours_vollmacht.vollmachten,
        tours_vollmacht.vertretung,
        tours_postbox.notices,
        tours_postbox.shelves,
        tours_postbox.replying,
        tours_postbox.previews,
        tours_postbox.evidence,
        tours_behoerde.acting_for_an_authority,
        tours_behoerde.notices_of_an_authority,
        tours_behoerde.replies_to_an_authority,
        tours_drafts.writing,
        tours_drafts.four_eyes,
        tours_safe.the_safe,
        tours_safe.many_documents,
        tours_safe.the_trash,
        tours_safe.uploading,
        tours_safe_document.a_document,
        tours_safe_export.taking_along,
        tours_safe_export.bringing_back,
        tours_safe_share.sharing,
        tours_safe_share.shares,
        tours_safe_share.sharing_what_demands_a_card,
        tours_script.sending,
        tours_script.renewing,
    )
}
