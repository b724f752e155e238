"""A second address: what goes there as well, what does not, and what becomes of the copy of a mail about a notice."""

from dataclasses import replace

from sk.events import CopyDue
from sk.workers.handle import receiver
from tests.auth.writing import (
    FAILS,
    HERE,
    SECOND,
    newest_link,
    posted,
    settings_of,
    told_of_something,
    with_address,
    with_second_address,
)
from tests.security.serving import breaks_on_save
from tests.workers.cases import MESSAGE, REFUSED, due, said_of, steps_of, take_back
from tests.world import Citizen, World, a_notice

ROUNDS_MAX = 20
"""How often the workers look for what is due until the copy is: three times are enough."""


async def posted_until_the_copy(world: World, who: Citizen) -> CopyDue:
    """Have something be posted and told of, and return the event of the copy, which waits."""
    authority = await world.authority()
    status, answer = await authority.post(a_notice(who.handle, **MESSAGE))
    assert status == 202, answer
    for _ in range(ROUNDS_MAX):
        world.clock.advance(seconds=1)
        events = await due(world)
        if copies := [event for event in events if isinstance(event, CopyDue)]:
            return copies[0]
        for event in events:
            await receiver(world.workers)(event.id)
    raise AssertionError("no copy has become due")


async def test_a_second_address_counts_once_its_mail_was_read_and_the_first_is_told(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        form = (await browser.open(f"{HERE}/zweite-adresse")).form("E-Mail schicken")
        asked = await browser.send(form, email=SECOND)
        await world.settle()
        [mail] = world.mails.sent
        before = await settings_of(world, erika)
        page = await browser.open(newest_link(world))
        done = await browser.send(page.form("Adresse bestätigen"))
        again = await browser.send(page.form("Adresse bestätigen"))
        shown = await browser.open(HERE)
    await world.settle()

    assert "Wir haben eine E-Mail an die zweite Adresse geschickt." in asked.text
    assert (mail["To"], before.second) == (SECOND, "")
    assert f"auch an <strong>{SECOND}</strong>" in page.text
    assert "Ab jetzt schreiben wir auch an die zweite Adresse." in done.text
    assert "Dieser Link gilt nicht mehr." in again.text
    assert SECOND in shown.text
    after = await settings_of(world, erika)
    assert (after.address, after.second) == ("erika@example.org", SECOND)
    assert [(one["To"], one["Subject"]) for one in world.mails.sent[1:]] == [
        ("erika@example.org", "Ihre E-Mail-Adressen wurden geändert")
    ]


async def test_the_first_address_is_no_second_one_and_becoming_the_first_it_is_the_only_one(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        form = (await browser.open(f"{HERE}/zweite-adresse")).form("E-Mail schicken")
        twice = await browser.send(form, email="erika@example.org")
        wrong = await browser.send(form, email="keine")
    await with_second_address(world, erika)
    await with_address(world, erika, SECOND)

    assert "An diese Adresse schreiben wir Ihnen schon." in twice.text
    assert wrong.status == 422
    after = await settings_of(world, erika)
    assert (after.address, after.second) == (SECOND, "")


async def test_a_second_address_is_taken_off_and_both_are_told(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    mails = len(world.mails.sent)
    async with world.browser(erika) as browser:
        form = (await browser.open(f"{HERE}/zweite-adresse")).form("Zweite Adresse entfernen")
        page = await browser.send(form)
        await browser.send(form)
    await world.settle()
    told_of_it = [(str(one["To"]), str(one["Subject"])) for one in world.mails.sent[mails:]]

    assert "Die zweite Adresse ist entfernt." in page.text
    assert (await settings_of(world, erika)).second == ""
    assert sorted(told_of_it) == [
        ("erika@example.org", "Ihre E-Mail-Adressen wurden geändert"),
        (SECOND, "Ihre E-Mail-Adresse wurde geändert"),
    ]


async def test_whoever_changes_the_first_address_is_told_at_the_second_too(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    mails = len(world.mails.sent)
    await with_address(world, erika, "neu@example.org")

    assert {(str(one["To"]), str(one["Subject"])) for one in world.mails.sent[mails + 1 :]} == {
        ("erika@example.org", "Ihre E-Mail-Adresse wurde geändert"),
        (SECOND, "Ihre E-Mail-Adressen wurden geändert"),
    }


async def test_warnings_go_to_both_and_a_new_password_to_the_first_alone(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    warnings = await told_of_something(world, erika)
    mails = len(world.mails.sent)
    async with world.browser() as browser:
        form = (await browser.open("/passwort-vergessen")).forms[-1]
        await browser.send(form, username="erika")
    await world.settle()

    assert {str(mail["To"]) for mail in warnings} == {"erika@example.org", SECOND}
    assert [(mail["To"], mail["Subject"]) for mail in world.mails.sent[mails:]] == [
        ("erika@example.org", "Ihr neues Passwort")
    ]


async def test_a_notice_is_told_of_at_both_and_evidence_speaks_of_the_first_alone(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    mails = len(world.mails.sent)
    notice_id = await posted(world, erika)
    first, second = world.mails.sent[mails:]

    assert (first["To"], second["To"]) == ("erika@example.org", SECOND)
    assert first.get_content() == second.get_content()
    assert first["Message-ID"] != second["Message-ID"]
    assert (await steps_of(world, notice_id)).count("benachrichtigt") == 1
    assert (await said_of(world, notice_id))[-1]["message_id"] == first["Message-ID"]


async def test_a_copy_that_was_sent_and_not_recorded_is_sent_again_as_the_same_mail(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    event = await posted_until_the_copy(world, erika)
    mails = len(world.mails.sent)
    await receiver(replace(world.workers, store=breaks_on_save(world.workers.store)))(event.id)
    world.clock.advance(minutes=1)
    await world.settle()
    sent = world.mails.sent[mails:]

    assert [mail["To"] for mail in sent] == [SECOND] * 2
    assert len({mail["Message-ID"] for mail in sent}) == 1
    assert (await steps_of(world, event.notice_id)).count("benachrichtigt") == 1


async def test_of_what_was_withdrawn_meanwhile_no_copy_goes_out(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    event = await posted_until_the_copy(world, erika)
    await take_back(world, event.notice_id)
    mails = len(world.mails.sent)
    await world.settle()

    assert len(world.mails.sent) == mails
    assert await world.web.store.due(event.id) is None


async def test_a_refused_copy_changes_nothing_and_is_shown_to_the_citizen(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    event = await posted_until_the_copy(world, erika)
    before = await steps_of(world, event.notice_id)
    world.mails.trouble.append(REFUSED)
    await world.settle()
    async with world.browser(erika) as browser:
        page = await browser.open("/konto")

    assert await steps_of(world, event.notice_id) == before
    assert f"an die zweite Adresse {FAILS}" in page.text
    assert f"Es geht um {SECOND}." in page.text
    assert "Es geht um erika@example.org." not in page.text


async def test_where_the_first_address_refuses_the_second_is_still_told(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    mails = len(world.mails.sent)
    world.mails.trouble.append(REFUSED)
    notice_id = await posted(world, erika)

    assert [mail["To"] for mail in world.mails.sent[mails:]] == [SECOND]
    assert "benachrichtigt" not in await steps_of(world, notice_id)
