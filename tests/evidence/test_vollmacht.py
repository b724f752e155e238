"""Vollmachten in evidence: what a bundle proves of them, and that nobody passes one on that was changed."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sk.evidence.sentences import report_on
from sk.evidence.verdict import NotValid, Proven, ProvenVollmacht
from sk.evidence.verify_vollmacht import covers
from tests.auth.vollmachten import end, granted, named, represented
from tests.postbox.proofs import evidence_of, verified
from tests.postbox.replies import TEXT, reply
from tests.security.tab import open_tab
from tests.world import Delivered, World


async def acted(world: World) -> tuple[Delivered, str]:
    """Return a notice that somebody has fetched and replied to for its citizen, all of it in the log."""
    notice, other, vollmacht_id = await represented(world, vollmacht={"replies": "on"}, reply=True)
    tab = await open_tab(world, other)
    await tab.post(f"/postfach/{notice.notice_id}")
    await world.settle()
    assert (await reply(tab, notice.notice_id, TEXT)).status == 303
    await end(world, notice.citizen, vollmacht_id)
    await world.settle()
    return notice, vollmacht_id


async def test_a_bundle_proves_who_acted_by_which_vollmacht(world: World) -> None:
    notice, vollmacht_id = await acted(world)

    proven = await verified(world, await evidence_of(world, notice))

    [vollmacht] = proven.vollmachten
    assert vollmacht.id == vollmacht_id
    assert [one.step for one in vollmacht.statements] == [
        "vollmacht-granted",
        "vollmacht-accepted",
        "vollmacht-revoked",
    ]
    assert vollmacht.opening
    assert vollmacht.opening.name == "Max Beispiel"
    said = " ".join(words.de for words in report_on(proven).vollmachten)
    assert "Vollmacht: Erika Mustermann bevollmächtigt Max Beispiel" in said
    assert "In diesem Konto stand der Name Max Beispiel." in said
    assert "In der Vollmacht steht er nicht." not in said
    assert "wurde sie widerrufen." in said


async def test_evidence_points_out_that_the_account_has_another_name_than_the_document(world: World) -> None:
    notice = await world.delivered()
    await named(world, notice.citizen, "Erika", "Mustermann")
    other = await named(world, await world.citizen("moritz"), "Moritz", "Fremd")
    await granted(world, notice.citizen, other)
    await (await open_tab(world, other)).post(f"/postfach/{notice.notice_id}")
    await world.settle()

    proven = await verified(world, await evidence_of(world, notice))

    said = " ".join(words.de for words in report_on(proven).vollmachten)
    assert "In diesem Konto stand der Name Moritz Fremd. In der Vollmacht steht er nicht." in said


def drop_revocation(bundle: dict[str, Any]) -> None:
    """Hide that the Vollmacht was revoked."""
    bundle["vollmachten"][0]["statements"].pop()


def drop_acceptance(bundle: dict[str, Any]) -> None:
    """Hide who has accepted it."""
    del bundle["vollmachten"][0]["statements"][1]


def drop_vollmacht(bundle: dict[str, Any]) -> None:
    """Hide by what somebody has acted."""
    bundle["vollmachten"] = []


def other_name(bundle: dict[str, Any]) -> None:
    """Say that somebody else has acted."""
    bundle["vollmachten"][0]["opening"]["name"] = "Moritz Beispiel"


def other_words(bundle: dict[str, Any]) -> None:
    """Say that the Vollmacht was about something else."""
    opening = bundle["vollmachten"][0]["opening"]
    opening["document"] = opening["document"].replace("2027", "2036")


def twice(bundle: dict[str, Any]) -> None:
    """Show the Vollmacht twice."""
    bundle["vollmachten"] *= 2


@pytest.mark.parametrize("change", [drop_revocation, drop_acceptance, drop_vollmacht, other_name, other_words, twice])
async def test_nobody_passes_on_another_vollmacht(world: World, change: Callable[[dict[str, Any]], None]) -> None:
    notice, _ = await acted(world)
    bundle = json.loads(await evidence_of(world, notice))
    change(bundle)
    if not bundle["vollmachten"]:
        del bundle["vollmachten"]

    with pytest.raises(NotValid):
        await verified(world, json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode())


async def test_a_bundle_is_valid_without_the_words_of_its_vollmacht_which_it_then_does_not_say(world: World) -> None:
    notice, _ = await acted(world)
    bundle = json.loads(await evidence_of(world, notice))
    bundle["vollmachten"][0]["opening"] = None

    proven = await verified(world, json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode())

    said = " ".join(words.de for words in report_on(proven).vollmachten)
    assert "Angenommen wurde sie am" in said
    assert "Beispiel" not in said


async def test_an_act_that_its_vollmacht_did_not_cover_proves_nothing(world: World) -> None:
    notice, _ = await acted(world)
    proven = await verified(world, await evidence_of(world, notice))
    [vollmacht], acts = proven.vollmachten, [one for one in proven.statements if one.says.get("vollmacht")]
    granted, accepted, revoked = vollmacht.statements
    abruf, replied = acts

    def covered(act: Proven, **other: object) -> bool:
        changed = ProvenVollmacht([replace(granted, says={**granted.says, **other}), accepted, revoked], None)
        return covers(changed, act)

    assert covered(abruf)
    assert covered(replied)
    assert not covered(replied, replies=False)
    assert covered(abruf, replies=False)
    assert not covered(abruf, authority="another")
    assert not covered(abruf, begins_on="2026-11-24")
    assert not covered(abruf, ends_on="2026-11-22")
    assert not covered(replace(abruf, says={**abruf.says, "at": revoked.says["at"]}))
    assert not covered(replace(abruf, says={**abruf.says, "at": accepted.says["at"]}))
