"""Acting for somebody else in their postbox: what a Vollmacht opens, what it does not, and what stays of it."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from sk.auth.account import Account
from sk.auth.vollmacht import Vollmacht, row_id
from tests.auth.visitors import journal
from tests.auth.vollmachten import end, granted, max_beispiel, named, represented
from tests.postbox.replies import SCAN, TEXT, replies_of, reply
from tests.refusals import nothing_stored
from tests.security.alarms import Alarms
from tests.security.tab import open_tab
from tests.web.pages import words_of
from tests.workers.cases import notice_of, said_of
from tests.world import A_FILE, World, a_notice


async def abruf_of(world: World, notice_id: str) -> dict[str, object]:
    """Return what was stated about the Abruf, or nothing."""
    return next((said for said in await said_of(world, notice_id) if said["step"] == "abgerufen"), {})


# What it opens


async def test_somebody_fetches_for_somebody_else_and_the_evidence_says_so(world: World) -> None:
    notice, other, vollmacht_id = await represented(world)
    tab = await open_tab(world, other)
    here = f"/postfach/{notice.notice_id}"

    listed = words_of((await tab.get(f"/vertretung/{vollmacht_id}")).text)
    unread = words_of((await tab.get(here)).text)
    opened = await tab.post(here)
    page = await tab.get(here)
    said = await abruf_of(world, notice.notice_id)

    assert "Postfach von Erika Mustermann Sie handeln für Erika Mustermann" in listed
    assert "Bescheid über Ihren Antrag" in listed
    assert "Zurück zum Postfach von Erika Mustermann" in unread
    assert "Sie handeln für Erika Mustermann" in unread
    assert opened.status == 303
    assert "Sie handeln für Erika Mustermann" in page.text
    assert (said["by"], said["vollmacht"], said["level"]) == ("representative", vollmacht_id, "high")


async def test_documents_zip_and_evidence_come_to_whoever_acts(world: World, alarms: Alarms) -> None:
    notice, other, _ = await represented(world)
    tab = await open_tab(world, other)
    await tab.post(f"/postfach/{notice.notice_id}")
    await world.settle()

    file = await tab.get(f"/postfach/{notice.notice_id}/dateien/1")
    packed = await tab.get(f"/postfach/{notice.notice_id}/alles.zip")
    calendar = await tab.get(f"/postfach/{notice.notice_id}/frist.ics")
    proof = await tab.get(f"/postfach/{notice.notice_id}/nachweis")

    assert file.body == A_FILE.data
    packed_names = {name.rpartition("/")[2] for name in ZipFile(BytesIO(packed.body)).namelist()}
    assert packed_names >= {"01-bescheid.pdf", "text.txt", "nachricht.json", "nachweis.json"}
    assert alarms.raised() == []
    assert calendar.body.startswith(b"BEGIN:VCALENDAR")
    assert "an eine Sitzung einer Person mit Vollmacht herausgegeben" in words_of(proof.text)
    assert "Angenommen wurde sie am 23.11.2026" in words_of(proof.text)
    assert "Vollmacht: Erika Mustermann bevollmächtigt Max Beispiel" in words_of(proof.text)


async def test_whose_postbox_it_is_sees_who_has_fetched(world: World) -> None:
    notice, other, _ = await represented(world)
    await (await open_tab(world, other)).post(f"/postfach/{notice.notice_id}")

    own_tab = await open_tab(world, notice.citizen)
    page = words_of((await own_tab.get(f"/postfach/{notice.notice_id}")).text)
    await world.settle()

    assert "Jemand hat für Sie eine Nachricht geöffnet" in [mail["Subject"] for mail in world.mails.sent]
    assert "Abgerufen mit Vollmacht" in page
    assert "Max Beispiel" in page
    assert "Sie handeln für" not in page
    assert "Von einer Person mit Vollmacht geöffnet" in words_of((await own_tab.get("/postfach")).text)
    assert "vollmacht-fetched" in await journal(world, notice.citizen)


async def test_somebody_replies_for_somebody_else_if_that_was_granted(world: World) -> None:
    notice, other, vollmacht_id = await represented(world, vollmacht={"replies": "on"}, reply=True)
    tab = await open_tab(world, other)
    await tab.post(f"/postfach/{notice.notice_id}")

    sent = await reply(tab, notice.notice_id, TEXT, [SCAN])
    await world.settle()
    [said] = [one for one in await said_of(world, notice.notice_id) if one["step"] == "replied"]
    [for_authority] = await replies_of(world, notice)
    own = words_of((await (await open_tab(world, notice.citizen)).get(f"/postfach/{notice.notice_id}")).text)

    assert sent.status == 303
    assert (said["by"], said["vollmacht"]) == ("representative", vollmacht_id)
    assert for_authority["notice_id"] == notice.notice_id
    assert "eine Datei von Max Beispiel" in own
    for who in (notice.citizen, other):
        page = await (await open_tab(world, who)).get(f"/postfach/{notice.notice_id}/antworten/1")
        assert "Mit Vollmacht gesendet: Montag, 23. November 2026, 10:00 Uhr, Max Beispiel" in words_of(page.text)
    assert "vollmacht-replied" in await journal(world, notice.citizen)


async def test_a_vollmacht_is_offered_in_ones_own_postbox_as_long_as_it_holds(world: World) -> None:
    notice, other, vollmacht_id = await represented(world)
    tab = await open_tab(world, other)
    link = f'href="/vertretung/{vollmacht_id}"'

    before = await tab.get("/postfach")
    await end(world, notice.citizen, vollmacht_id)
    after = await tab.get("/postfach")

    assert link in before.text
    assert link not in after.text


# What it does not


async def test_a_vollmacht_that_covers_no_replies_lets_nobody_reply(world: World) -> None:
    notice, other, _ = await represented(world, reply=True)
    tab = await open_tab(world, other)
    await tab.post(f"/postfach/{notice.notice_id}")
    await world.settle()

    page, form = await tab.get(f"/postfach/{notice.notice_id}"), await tab.get(f"/postfach/{notice.notice_id}/antwort")
    async with nothing_stored(world.data):
        answer = await reply(tab, notice.notice_id, TEXT, [SCAN])

    assert "/antwort" not in page.text
    assert (form.status, answer.status) == (403, 403)
    assert "Ihre Vollmacht reicht dafür nicht" in answer.text


@pytest.mark.parametrize("how", ["before", "over", "revoked", "laid-down", "never", "other-authority"])
async def test_without_a_vollmacht_that_holds_there_is_nothing(world: World, how: str) -> None:
    notice = await world.delivered()
    await named(world, notice.citizen, "Erika", "Mustermann")
    other, elsewhere = await max_beispiel(world), await world.authority("Kreis Düren")
    days = {"before": {"begins_on": "2026-11-24"}, "other-authority": {"authority": elsewhere.client_id}}
    if how != "never":
        vollmacht_id = await granted(world, notice.citizen, other, **days.get(how, {}))  # type: ignore[arg-type]
        if how == "over":
            world.clock.advance(seconds=timedelta(days=366).total_seconds())
        elif how in ("revoked", "laid-down"):
            await end(world, notice.citizen if how == "revoked" else other, vollmacht_id)
    tab, here = await open_tab(world, other), f"/postfach/{notice.notice_id}"

    answers = [await tab.get(here), await tab.post(here)]
    paths = ("dateien/1", "dateien/1/ansehen", "alles.zip", "frist.ics", "nachweis", "antwort")
    answers += [await tab.get(f"{here}/{path}") for path in paths]

    assert [answer.status for answer in answers] == [404] * 8
    assert not [answer for answer in answers if "Antrag" in answer.text or notice.citizen.username in answer.text]
    assert (await notice_of(world, notice.notice_id)).abgerufen_at is None


async def test_one_authority_is_not_another_in_the_list(world: World) -> None:
    notice = await world.delivered()
    erika = await named(world, notice.citizen, "Erika", "Mustermann")
    kreis = await world.authority("Kreis Düren")
    await kreis.post(a_notice(erika.handle, subject="Vom Kreis"), [A_FILE])
    await world.settle()
    other = await max_beispiel(world)
    vollmacht_id = await granted(world, erika, other, authority=kreis.client_id)

    listed = (await (await open_tab(world, other)).get(f"/vertretung/{vollmacht_id}")).text

    assert "Vom Kreis" in listed
    assert "Bescheid über Ihren Antrag" not in listed


@pytest.mark.parametrize(("granted_at", "own"), [("low", "high"), ("high", "low")])
async def test_nobody_has_a_higher_level_by_a_vollmacht(world: World, granted_at: str, own: str) -> None:
    level: dict[str, str] = {"granted_at": granted_at, "own": own}
    notice, other, vollmacht_id = await represented(world, level["granted_at"], minimum_trust="high")  # type: ignore[arg-type]
    tab = await open_tab(world, other, level=level["own"])  # type: ignore[arg-type]

    listed, answer = await tab.get(f"/vertretung/{vollmacht_id}"), await tab.post(f"/postfach/{notice.notice_id}")

    assert answer.status == 403
    assert ("Diese Vollmacht reicht dafür nicht." in answer.text) == (granted_at == "low")
    assert ("Diese Vollmacht reicht dafür nicht." in listed.text) == (granted_at == "low")
    assert ("Zum Öffnen brauchen Sie eine sicherere Anmeldung" in listed.text) == (own == "low")
    assert (await notice_of(world, notice.notice_id)).abgerufen_at is None


async def test_of_several_the_one_that_suffices_is_taken_and_rather_the_one_for_this_authority(world: World) -> None:
    notice, other, _ = await represented(world, "low", {"replies": "on"}, minimum_trust="high")
    erika, authority = notice.citizen, notice.authority.client_id
    await granted(world, erika, other)
    narrow = await granted(world, erika, other, authority=authority)

    opened = await (await open_tab(world, other)).post(f"/postfach/{notice.notice_id}")

    assert opened.status == 303
    assert (await abruf_of(world, notice.notice_id))["vollmacht"] == narrow


@pytest.mark.parametrize("how", ["locked", "closed"])
async def test_nobody_acts_for_an_account_that_is_locked_or_being_erased(world: World, how: str) -> None:
    notice, other, vollmacht_id = await represented(world)
    account = await world.web.store.get(Account, notice.citizen.account.id)
    change: dict[str, object] = {"log_in_locked": True} if how == "locked" else {"state": "closed"}
    standing = account.standing(world.web.keys.signers).model_copy(update=change)
    account.change(standing, world.web.keys.signer("sign-web"))
    await world.web.store.save(account)
    tab = await open_tab(world, other)

    assert (await tab.post(f"/postfach/{notice.notice_id}")).status == 404
    assert (await tab.get(f"/vertretung/{vollmacht_id}")).status == 404
    assert (await notice_of(world, notice.notice_id)).abgerufen_at is None


async def test_a_row_from_before_the_revocation_that_somebody_has_put_back_opens_nothing(
    world: World, alarms: Alarms
) -> None:
    notice, other, vollmacht_id = await represented(world)
    before = await world.web.store.get(Vollmacht, row_id(vollmacht_id, world.web))
    await end(world, notice.citizen, vollmacht_id)
    after = await world.web.store.get(Vollmacht, before.id)
    after.locked, after.belongs = before.locked, before.belongs
    await world.web.store.save(after)
    tab = await open_tab(world, other)

    assert (await tab.post(f"/postfach/{notice.notice_id}")).status == 404
    assert (await tab.get(f"/vertretung/{vollmacht_id}")).status == 404
    assert set(alarms.raised()) == {"vollmacht-damaged"}


async def test_whoever_acts_puts_nothing_away_and_finds_nothing_in_searches(world: World) -> None:
    notice, other, _ = await represented(world)
    tab = await open_tab(world, other)
    await tab.post(f"/postfach/{notice.notice_id}")

    page, put_away = (
        await tab.get(f"/postfach/{notice.notice_id}"),
        await tab.post(f"/postfach/{notice.notice_id}/archiv"),
    )
    found = await tab.ask("POST", "/postfach/suche", data={"csrf": tab.csrf, "suche": "Bescheid"})

    assert "/archiv" not in page.text
    assert put_away.status == 403
    assert not (await notice_of(world, notice.notice_id)).archived
    assert "Bescheid über Ihren Antrag" not in found.text
