"""Who may write by hand: members with the role, at their own drafts. To all others there is none."""

from sk.auth.authorities import registered
from sk.auth.members import remove_member
from tests.postbox.drafts import Scene, act, filled_in, form_of, scene, written
from tests.refusals import nothing_stored
from tests.security.tab import Answer, Tab, open_tab
from tests.world import World

GETS = ("", "/bearbeiten", "/dateien/1", "/dateien/1/ansehen", "/dateien/1/seite/1.png")
POSTS = ("senden", "vorlegen", "verwerfen", "dateien/1/entfernen", "freigeben", "zurueckgeben")


async def answers(town: Scene, tab: Tab) -> dict[str, Answer]:
    """Return what somebody gets who tries everything that can be done by hand, for an authority with one draft."""
    place, seen = await town.place(), (await town.draft()).content.seen()
    found = {f"GET {rest}": await tab.get(place + rest) for rest in GETS}
    found |= {f"GET {name}": await tab.get(f"{town.home}/{name}") for name in ("schreiben", "entwuerfe", "freigabe")}
    found |= {f"POST {what}": await act(tab, place, what, seen, remark="x") for what in POSTS}
    fields = {"csrf": tab.csrf, "token": "t", "seen": seen, **filled_in(town.citizen.handle)}
    for path in (f"{town.home}/schreiben", f"{place}/bearbeiten"):
        found[f"POST {path}"] = await tab.ask("POST", path, data=form_of(fields, []))
    return found


async def test_to_an_outsider_none_of_it_is_there(world: World) -> None:
    town = await scene(world)
    await written(town)
    outsider = await open_tab(world, await world.citizen("fremd"), means="passkey")

    async with nothing_stored(world.data):
        found = await answers(town, outsider)

    assert {answer.status for answer in found.values()} == {404}


async def test_a_password_alone_is_not_enough(world: World) -> None:
    town = await scene(world)
    await written(town)
    member = await open_tab(world, await world.member(town.authority, "post", "approve", username="karl"))

    async with nothing_stored(world.data):
        found = await answers(town, member)

    assert {answer.status for answer in found.values()} == {403}


async def test_a_member_without_a_role_writes_nothing_and_sees_no_draft(world: World) -> None:
    town = await scene(world)
    await written(town)
    colleague = await town.another("replies")

    async with nothing_stored(world.data):
        found = await answers(town, colleague)

    assert {answer.status for answer in found.values()} == {403, 404}
    assert {what for what, answer in found.items() if answer.status == 404} == {
        f"GET {rest}" for rest in GETS if rest != "/bearbeiten"
    }


async def test_a_draft_is_there_for_its_writer_alone(world: World) -> None:
    town = await scene(world)
    await written(town)
    colleague = await town.another("post", "approve")
    place, seen = await town.place(), (await town.draft()).content.seen()

    async with nothing_stored(world.data):
        found = [await colleague.get(place + rest) for rest in GETS]
        found += [await act(colleague, place, what, seen) for what in POSTS[:4]]

    listed = await colleague.get(f"{town.home}/entwuerfe")
    assert {answer.status for answer in found} == {404}
    assert "Sie haben keine Entwürfe." in listed.text


async def test_who_is_no_member_any_more_sends_nothing(world: World) -> None:
    town = await scene(world)
    opened = await written(town)
    place = await town.place()
    await remove_member(await registered(town.authority.client_id, world.web), opened.content.writer, world.web)

    async with nothing_stored(world.data):
        answer = await act(town.writer, place, "senden", opened.content.seen())

    assert answer.status == 404


async def test_without_the_token_of_the_session_nothing_is_taken(world: World) -> None:
    town = await scene(world)
    fields = {"csrf": "x" * 43, "token": "t", **filled_in(town.citizen.handle)}

    async with nothing_stored(world.data):
        answer = await town.writer.ask("POST", f"{town.home}/schreiben", data=form_of(fields, []))

    assert answer.status == 403
