"""Tours of an authority's people: its notices, each of them, what citizens wrote back, and what members may not do."""

from sk.client import File
from tests.auth.erasing import erase
from tests.pages.visit import Visit
from tests.postbox.replies import reply
from tests.security.tab import open_tab
from tests.workers.cases import MESSAGE, fetch, take_back
from tests.world import A_FILE, Citizen, a_notice

LAWS = ("ozg-9", "vwvfg-41-2a", "ao-122a")


async def acting_for_an_authority(visit: Visit) -> None:
    """Become a member, lack what a member needs, and see an authority for which nothing was posted yet."""
    world = visit.world
    authority = await world.authority("Gemeinde Kleinstadt")
    erika = await world.citizen()
    await visit.log_in(erika)
    await visit.open("/behoerde")
    await visit.seen("behoerde-nobody")
    karl = await world.member(authority, username="karl")
    await visit.log_in(karl)
    await visit.open("/konto")
    await visit.seen("account-of-a-member")
    await visit.open("/behoerde")
    await visit.seen("behoerde-second-factor")
    await visit.log_in_strongly(karl)
    home = f"/behoerde/{authority.client_id}"
    await visit.open("/behoerde")
    await visit.seen("behoerde-empty")
    await visit.open(f"{home}/antworten")
    await visit.seen("behoerde-role-missing")
    await visit.log_in_strongly(await world.member(authority, "replies", username="rosa"))
    await visit.open(f"{home}/antworten")
    await visit.seen("behoerde-replies-empty")
    both = await world.member(authority, "post", username="berta")
    await world.let_act(await world.authority("Amt für Wohnen"), both)
    await visit.log_in_strongly(both)
    await visit.open("/behoerde")
    await visit.seen("behoerde-choose")


async def notices_of_an_authority(visit: Visit) -> None:
    """See the notices of an authority in their states, look for one, and withdraw one."""
    world = visit.world
    erika, authority = await world.citizen(), await world.authority("Gemeinde Kleinstadt", laws=LAWS)
    home = f"/behoerde/{authority.client_id}"
    posted: dict[str, str] = {}

    async def post(name: str, **changes: object) -> None:
        status, answer = await authority.post(a_notice(erika.handle, reference=f"2026-{name}", **changes), [A_FILE])
        assert status == 202, answer
        await world.settle()
        posted[name] = str(answer["id"])

    await post("lapsed", law="vwvfg-41-2a", case="63.1-17 Garage")
    await post("announced", case="50.2-0815")
    await fetch(world, erika)
    world.clock.advance(days=16)  # a Wednesday: the fourth day after it is a Sunday, so that there are two readings
    await world.settle()
    await post("two-readings", case="20.1-99/2026", law="ao-122a", rechtsbehelf="einspruch-ao")
    await post("waits", law="vwvfg-41-2a", case="")
    await post("message", **MESSAGE)
    await post("withdrawn")
    await take_back(world, posted["withdrawn"])
    await world.settle()
    await visit.log_in_strongly(await world.member(authority, "post", "approve", "replies"))
    await visit.open(home)
    await visit.seen("behoerde-list")
    for words in ("50.2-0815", "50.2"):
        await visit.open(home)
        await visit.send(f"{home}/suche", suche=words)
        await visit.seen(f"behoerde-search-{words}")
    for name, id_ in posted.items():
        await visit.open(f"{home}/bescheide/{id_}")
        for closed in await visit.page.locator("summary").all():
            await closed.click()
        await visit.seen(f"behoerde-notice-{name}")
    withdrawal = f"{home}/bescheide/{posted['message']}/zurueckziehen"
    await visit.open(withdrawal)
    await visit.seen("behoerde-withdraw")
    await visit.send(withdrawal)
    await visit.seen("behoerde-withdrawn")
    await visit.open(f"{home}/bescheide/{posted['announced']}/zurueckziehen")
    await visit.seen("behoerde-withdraw-refused")


async def replies_to_an_authority(visit: Visit) -> None:
    """Read what citizens wrote back, and see that one of it is gone."""
    world = visit.world
    authority = await world.authority("Gemeinde Kleinstadt")
    erika, udo = await world.citizen(), await world.citizen("udo")

    async def answered(who: Citizen, case: str, text: str, files: list[File]) -> str:
        status, answer = await authority.post(a_notice(who.handle, reference=f"2026-{case}", case=case, reply=True), [])
        assert status == 202, answer
        await world.settle()
        await fetch(world, who)
        tab = await open_tab(world, who)
        assert (await reply(tab, str(answer["id"]), text, files)).status == 303
        await world.settle()
        return str(answer["id"])

    gone = await answered(udo, "50.2-0001", "Das ist falsch.", [])
    there = await answered(erika, "50.2-0815", "Guten Tag,\nanbei die Bescheinigung.\n\nErika Mustermann", [A_FILE])
    await erase(world, udo)
    home = f"/behoerde/{authority.client_id}"
    await visit.log_in_strongly(await world.member(authority, "replies"))
    await visit.see(
        {
            f"{home}/antworten": "behoerde-replies",
            f"{home}/bescheide/{there}": "behoerde-notice-replied",
            f"{home}/bescheide/{there}/antworten/1": "behoerde-reply",
            f"{home}/bescheide/{gone}/antworten/1": "behoerde-reply-gone",
            f"{home}/bescheide/{gone}": "behoerde-notice-closed",
        }
    )
