"""Hostile words wherever a portal, an operator or a citizen can put them on the pages of a log-in."""

import json

import pytest

from tests.auth.portals import BACK, a_portal, came_back
from tests.safe.documents import put
from tests.security.hostile import WORDS, harmful
from tests.security.tab import open_tab
from tests.world import World

HIGH = "http://eidas.europa.eu/LoA/high"


@pytest.mark.parametrize("kind", WORDS)
async def test_what_strangers_have_written_does_nothing_on_the_pages(kind: str, world: World) -> None:
    words, erika = WORDS[kind], await world.citizen()
    name = words if words.isprintable() else "Bescheid"  # nothing else can be registered
    portal = await a_portal(world, name=name, purpose=name, claims=("email", "documents"), is_strict=False)
    asked_kind = words if words.isprintable() else "Bescheid"
    claims = json.dumps({"userinfo": {"documents": {"kinds": [asked_kind[:100]]}}})
    await put(world, erika, words.replace("/", "∕").replace("\\", "")[:200] if kind != "bidi" else "Bescheid")  # noqa: RUF001
    tab, low = await open_tab(world, erika), await open_tab(world, erika, "low")

    consent = await tab.get(await portal.send_off(tab, scope="openid email", claims=claims, state=words))
    level = await low.get(await portal.send_off(low, acr_values=HIGH, state=words))
    left = await portal.answer(tab, await portal.send_off(tab, state=words), "ja")
    consents = await tab.get("/konto/dienste")

    pages = (consent, level, left, consents)
    assert [page.status for page in pages] == [200] * 4
    found = [harm for page in pages for harm in harmful(page.text) if not harm.startswith(f"leads to {BACK}")]
    assert found == []
    assert came_back(left.text)["state"] == words


@pytest.mark.parametrize("kind", WORDS)
async def test_an_answer_that_no_button_gives_leads_back_to_the_question(kind: str, world: World) -> None:
    portal, tab = await a_portal(world), await open_tab(world, await world.citizen())
    path = await portal.send_off(tab)

    answer = await portal.answer(tab, path, WORDS[kind])

    assert (answer.status, answer.headers["Location"]) == (303, path)


@pytest.mark.parametrize("kind", WORDS)
async def test_a_document_that_nobody_offered_is_not_shared(kind: str, world: World) -> None:
    portal, tab = await a_portal(world, claims=("documents",)), await open_tab(world, await world.citizen())
    claims = '{"userinfo": {"documents": {"kinds": ["Mietvertrag"]}}}'
    path = await portal.send_off(tab, claims=claims)

    answer = await tab.ask("POST", path, data={"csrf": tab.csrf, "antwort": "ja", "dokument-1": WORDS[kind]})

    assert answer.status == 404
    assert harmful(answer.text) == []
    assert "Zustimmen und weiter" in (await tab.get(path)).text
