"""Tours through the pages of Vollmachten: of whoever grants one, and of whoever acts by it."""

from sk.client import AuthorityClient
from tests.auth.vollmachten import CODE, granted, named
from tests.pages.visit import Visit
from tests.world import A_FILE, a_notice

HERE = "/konto/vollmachten"


async def vollmachten(visit: Visit) -> None:
    """Grant Vollmachten, accept one, refuse one, and end one."""
    world = visit.world
    erika = await named(world, await world.citizen(), "Erika", "Mustermann")
    other, nameless = await named(world, await world.citizen("max"), "Max", "Beispiel"), await world.citizen("namenlos")
    await visit.log_in(nameless)
    await visit.see({HERE: "vollmachten-none", f"{HERE}/neu": "vollmacht-nameless"})
    codes = list[str]()
    await visit.log_in(erika)
    for replies in ("on", "off", "on"):
        await visit.open(f"{HERE}/neu")
        if not codes:
            await visit.seen("vollmacht-form")
            await visit.send(f"{HERE}/neu", name="", ends_on="2026-11-01", authority="alle")
            await visit.seen("vollmacht-form-errors")
        await visit.send(f"{HERE}/neu", name="Max Beispiel", authority="alle", replies=replies, ends_on="2027-11-23")
        world.clock.advance(seconds=1)  # the oldest stands last
        codes += CODE.findall(await visit.page.content())
    await visit.seen("vollmacht-offered")
    await visit.log_in(nameless)
    await visit.open(f"{HERE}/annehmen")
    await visit.send(f"{HERE}/annehmen", code=codes[0])
    await visit.seen("vollmacht-offer-nameless")
    await visit.log_in(other)
    await visit.open(f"{HERE}/annehmen")
    await visit.seen("vollmacht-code")
    await visit.send(f"{HERE}/annehmen", code="falsch")
    await visit.seen("vollmacht-code-errors")
    await visit.send(f"{HERE}/annehmen", code=codes[0])
    await visit.seen("vollmacht-offer")
    await visit.page.locator('button[value="accept"]').click()
    await visit.seen("vollmacht-accepted")
    await visit.open(f"{HERE}/annehmen")
    await visit.send(f"{HERE}/annehmen", code=codes[1])
    await visit.page.locator('button[value="reject"]').click()
    await visit.seen("vollmacht-rejected")
    await visit.log_in(erika)
    await visit.see({HERE: "vollmachten"})
    await visit.open(HERE)
    await visit.page.get_by_text("Max Beispiel").last.click()
    await visit.seen("vollmacht-in-force")
    await visit.page.locator('form[action$="/beenden"] button').click()
    await visit.seen("vollmacht-ended")


async def vertretung(visit: Visit) -> None:
    """Act for somebody else in their postbox, and be seen to have done so."""
    world = visit.world
    erika = await named(world, await world.citizen(), "Erika", "Mustermann")
    other = await named(world, await world.citizen("max"), "Max", "Beispiel")
    authority = await world.authority()
    first, answered, secret = [
        await _posted(visit, authority, erika.handle, **changes)
        for changes in ({}, {"reply": True}, {"minimum_trust": "high", "subject": "Nur für Sie"})
    ]
    await granted(world, erika, other, level="low", replies="on")
    await visit.log_in(other)
    await visit.open("/postfach")
    await visit.seen("postbox-of-a-representative")
    await visit.page.locator('a[href^="/vertretung/"]').click()
    await visit.seen("vertretung")
    await visit.see({f"/postfach/{secret}": "vertretung-high", f"/postfach/{first}": "vertretung-unread"})
    await visit.send(f"/postfach/{first}")
    await visit.seen("vertretung-notice")
    await visit.open(f"/postfach/{answered}")
    await visit.send(f"/postfach/{answered}")
    await visit.open(f"/postfach/{answered}/antwort")
    await visit.seen("vertretung-reply")
    await visit.send(f"/postfach/{answered}/antwort", text="Ich antworte für Erika Mustermann.")
    await world.settle()
    await visit.open(f"/postfach/{answered}/nachweis")
    await visit.seen("vertretung-proof")
    await visit.log_in(erika)
    await visit.see(
        {f"/postfach/{answered}": "notice-fetched-by-another", "/konto/protokoll": "journal-of-a-principal"}
    )


async def _posted(visit: Visit, authority: AuthorityClient, handle: str, **changes: object) -> str:
    """Have a notice be posted and delivered; return its id."""
    _, answer = await authority.post(a_notice(handle, **changes), [A_FILE])
    await visit.world.settle()
    return str(answer["id"])
