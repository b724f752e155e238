"""How somebody is written to: in their language, with their phrase, at two addresses, and what if a mail fails."""

import re
from dataclasses import replace
from email.message import EmailMessage

import pytest

from sk.auth.account import Account
from sk.auth.email_change import ask_for_address, confirm_address
from sk.auth.mail_target import MailSettings
from sk.auth.notification_settings import change_phrase, choose, read_phrase
from sk.auth.tell import told
from sk.errors import Invalid
from sk.events import CopyDue
from sk.workers.bounces import record_bounce
from sk.workers.handle import receiver
from tests.auth.visitors import journal
from tests.fakes import FakeClock
from tests.security.search import files_below, search
from tests.security.serving import breaks_on_save
from tests.security.tab import open_tab
from tests.workers.cases import MESSAGE, REFUSED, bereitgestellt, due, said_of, steps_of, take_back
from tests.world import Citizen, World, a_notice

HERE = "/konto/benachrichtigung"
LINK = re.compile(r"/konto/email\?code=(\S+)")
PHRASE = "drei Kraniche über Hamm, 1974!"
SECOND = "zweite@example.org"
FAILS = "kommen vielleicht nicht an."


async def settings_of(world: World, who: Citizen) -> MailSettings:
    """Return where and how somebody is written to."""
    account = await world.web.store.get(Account, who.account.id)
    return account.open_mail(world.web.keys.lock_key("mail"))


async def with_second_address(world: World, who: Citizen, address: str = SECOND) -> None:
    """Have somebody get copies at a second address, and all mails about that be sent."""
    await ask_for_address(await world.web.store.get(Account, who.account.id), address, world.web, "second")
    await world.settle()
    await confirm_address(code_in(world.mails.sent[-1]), world.web)
    await world.settle()


async def told_of_something(world: World, who: Citizen) -> list[EmailMessage]:
    """Have somebody be told what happened to their account, and return the mails."""
    before = len(world.mails.sent)
    account = await world.web.store.get(Account, who.account.id)
    await world.web.store.save(*told(account, "password-changed", world.clock.now(), world.web))
    await world.settle()
    return world.mails.sent[before:]


async def posted(world: World, who: Citizen) -> str:
    """Have something be posted to somebody and told of; return its id."""
    authority = await world.authority()
    status, answer = await authority.post(a_notice(who.handle))
    assert status == 202, answer
    await world.settle()
    return str(answer["id"])


def text_of(mail: EmailMessage) -> str:
    """Return the text of a mail, as a mail program shows it."""
    return str(mail.get_content()).replace("\r\n", "\n")


def code_in(mail: EmailMessage) -> str:
    """Return the code in the link of a mail."""
    found = LINK.search(mail.get_content())
    assert found, mail.get_content()
    return found[1]


# Language and reminders


async def test_the_language_is_chosen_on_one_page_and_holds_for_every_mail_from_then_on(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        assert '"language"' not in (await browser.open("/konto/daten")).text
        page = await browser.send((await browser.open(HERE)).form("Speichern"), language="en", reminders="on")
        shown = await browser.open("/konto/protokoll")
    await posted(world, erika)
    [letter] = await told_of_something(world, erika)

    assert "Ihre Auswahl ist gespeichert." in page.text
    assert "Sprache der E-Mails oder Erinnerungen wurden geändert." in shown.text
    assert [mail["Content-Language"] for mail in (*world.mails.sent[-2:], letter)] == ["en"] * 3
    assert world.mails.sent[-2]["Subject"] == "New message in your postbox"


async def test_reminders_are_on_until_somebody_switches_them_off(world: World) -> None:
    erika = await world.citizen()
    before = (await settings_of(world, erika)).reminders
    async with world.browser(erika) as browser:
        form = (await browser.open(HERE)).form("Speichern")
        await browser.send(form, language="de", reminders="off")
        off = (await settings_of(world, erika)).reminders
        await browser.send(form, language="de", reminders="on")

    assert (before, off, (await settings_of(world, erika)).reminders) == (True, False, True)


async def test_what_is_chosen_once_more_is_no_change(world: World) -> None:
    erika = await world.citizen()
    for language in ("de", "fr", ""):
        await choose(erika.account.id, language, reminders=True, services=world.web)

    assert "mail-settings-changed" not in await journal(world, erika)
    assert (await settings_of(world, erika)).language == "de"


# The phrase


async def test_every_kind_of_mail_has_the_phrase_near_its_top_on_a_line_of_its_own(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    async with world.browser(erika) as browser:
        page = await browser.send((await browser.open(f"{HERE}/satz")).form("Speichern"), phrase=f"  {PHRASE} ")
        shown = await browser.open(HERE)
    await world.settle()
    before = len(world.mails.sent)
    await posted(world, erika)
    await told_of_something(world, erika)
    mails = world.mails.sent[before:]

    assert "Ihr Erkennungssatz ist gespeichert." in page.text
    assert PHRASE in shown.text
    assert len(mails) == 4
    for mail in mails:
        assert f"Ihr Erkennungssatz: {PHRASE}" in text_of(mail).split("\n\n")[:3]


async def test_the_mails_that_tell_of_another_phrase_have_the_one_before(world: World) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    for phrase in (PHRASE, "dieb"):
        await change_phrase(erika.account.id, phrase, world.web)
        await world.settle()
    first, second = world.mails.sent[-4:-2], world.mails.sent[-2:]

    assert {str(mail["Subject"]) for mail in (*first, *second)} == {"Ihr Erkennungssatz wurde geändert"}
    assert {str(mail["To"]) for mail in second} == {"erika@example.org", SECOND}
    assert [PHRASE in mail.get_content() for mail in (*first, *second)] == [False, False, True, True]
    assert not any("dieb" in mail.get_content() for mail in (*first, *second))
    assert (await journal(world, erika)).count("phrase-changed") == 2


async def test_an_empty_field_takes_the_phrase_away(world: World) -> None:
    erika = await world.citizen()
    await change_phrase(erika.account.id, PHRASE, world.web)
    async with world.browser(erika) as browser:
        form = (await browser.open(f"{HERE}/satz")).form("Speichern")
        assert form.fields["phrase"] == PHRASE
        await browser.send(form, phrase="")
    await posted(world, erika)

    assert (await settings_of(world, erika)).phrase == ""
    assert "Erkennungssatz:" not in world.mails.sent[-1].get_content()


@pytest.mark.parametrize(
    ("phrase", "problem"),
    [
        ("https://dieb.example", "phrase-leads-somewhere"),
        ("mehr auf HTTPS://dieb", "phrase-leads-somewhere"),
        ("mehr auf www dieb", "phrase-leads-somewhere"),
        ("mehr auf dieb.example", "phrase-leads-somewhere"),
        ("schreib an dieb@dieb", "phrase-leads-somewhere"),
        ("zwei\nZeilen", "phrase-character"),
        ("zwei\r\nSubject: Zeilen", "phrase-character"),
        ("zwei\u2028Zeilen", "phrase-character"),
        ("von \u202erechts", "phrase-character"),
        ("un\u200bsichtbar", "phrase-character"),
        ("\N{CYRILLIC SMALL LETTER A}lles", "phrase-character"),
        ("a" * 61, "field-too-long"),
    ],
)
async def test_a_phrase_that_leads_somewhere_or_looks_like_something_else_is_refused(
    world: World, phrase: str, problem: str
) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        page = await browser.send((await browser.open(f"{HERE}/satz")).form("Speichern"), phrase=phrase)

    with pytest.raises(Invalid) as told_why:
        read_phrase(phrase)
    assert (told_why.value.field, told_why.value.problem) == ("phrase", problem)
    assert page.status == 422
    assert (await settings_of(world, erika)).phrase == ""


@pytest.mark.parametrize("phrase", ["a" * 60, "Éva & Łukasz: 3 < 4!", "{operator} %s %(day)s", "<b>fett</b>"])
async def test_all_else_comes_in_the_mail_as_it_was_written(world: World, phrase: str) -> None:
    erika = await world.citizen()
    await change_phrase(erika.account.id, phrase, world.web)
    await posted(world, erika)
    async with world.browser(erika) as browser:
        page = await browser.open(HERE)

    assert f"\n\nIhr Erkennungssatz: {phrase}\n\n" in text_of(world.mails.sent[-1])
    assert "<b>fett</b>" not in page.text


async def test_nobody_but_its_owner_sees_the_phrase(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    erika, other = await world.citizen(), await world.citizen("mallory")
    await change_phrase(erika.account.id, PHRASE, world.web)
    await posted(world, erika)
    async with world.browser() as stranger, world.browser(other) as mallory:
        await ask_for_address(await world.web.store.get(Account, erika.account.id), "neu@example.org", world.web)
        await world.settle()
        pages = [
            await stranger.open(f"/konto/email?code={code_in(world.mails.sent[-1])}"),
            await stranger.open("/passwort-vergessen"),
            await stranger.open(HERE),
            await mallory.open(HERE),
        ]

    assert world.mails.sent[-1]["To"] == "neu@example.org"
    assert PHRASE not in world.mails.sent[-1].get_content()
    assert not [page.url for page in pages if PHRASE in page.text]
    assert PHRASE not in caplog.text
    assert PHRASE not in "".join(capfd.readouterr())
    assert search(files_below(world.data), {"phrase": PHRASE.encode()}) == []


@pytest.mark.parametrize("path", ["satz", "zweite-adresse", "zweite-adresse/entfernen"])
async def test_a_session_that_was_left_open_changes_neither_phrase_nor_second_address(
    world: World, clock: FakeClock, path: str
) -> None:
    erika = await world.citizen()
    await with_second_address(world, erika)
    await change_phrase(erika.account.id, PHRASE, world.web)
    await world.settle()
    before, mails = await settings_of(world, erika), len(world.mails.sent)
    tab = await open_tab(world, erika)
    clock.advance(minutes=6)
    form = {"csrf": tab.csrf, "email": "dieb@example.org", "phrase": "dieb"}
    answer = await tab.ask("POST", f"{HERE}/{path}", data=form)
    await world.settle()

    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (303, "/anmelden/erneut")
    assert await settings_of(world, erika) == before
    assert len(world.mails.sent) == mails


# The second address


async def test_a_second_address_counts_once_its_mail_was_read_and_the_first_is_told(world: World) -> None:
    erika = await world.citizen()
    async with world.browser(erika) as browser:
        form = (await browser.open(f"{HERE}/zweite-adresse")).form("E-Mail schicken")
        asked = await browser.send(form, email=SECOND)
        await world.settle()
        [mail] = world.mails.sent
        link = LINK.search(mail.get_content())
        assert link
        before = await settings_of(world, erika)
        page = await browser.open(link[0])
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
    await ask_for_address(await world.web.store.get(Account, erika.account.id), SECOND, world.web)
    await world.settle()
    await confirm_address(code_in(world.mails.sent[-1]), world.web)

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
    await ask_for_address(await world.web.store.get(Account, erika.account.id), "neu@example.org", world.web)
    await world.settle()
    await confirm_address(code_in(world.mails.sent[-1]), world.web)
    await world.settle()

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
    notice_id, erika = await bereitgestellt(world)
    await receiver(world.workers)((await due(world))[0].id)  # before there is a second address: no copy
    await with_second_address(world, erika)
    mails = len(world.mails.sent)
    other = await posted_until_the_copy(world, erika)
    await receiver(replace(world.workers, store=breaks_on_save(world.workers.store)))(other.id)
    world.clock.advance(minutes=1)
    await world.settle()
    sent = [mail for mail in world.mails.sent[mails:] if mail["To"] == SECOND]

    assert len(sent) == 2
    assert len({mail["Message-ID"] for mail in sent}) == 1
    assert (await steps_of(world, notice_id)).count("benachrichtigt") == 1


async def posted_until_the_copy(world: World, who: Citizen) -> CopyDue:
    """Have something be posted and told of, and return the event of the copy, which waits."""
    authority = await world.authority()
    await authority.post(a_notice(who.handle, **MESSAGE))
    while True:
        world.clock.advance(seconds=1)
        events = await due(world)
        if copies := [event for event in events if isinstance(event, CopyDue)]:
            return copies[0]
        for event in events:
            await receiver(world.workers)(event.id)


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


# A mail that failed


async def test_whose_mail_was_refused_is_told_at_the_next_log_in_until_the_address_is_changed(world: World) -> None:
    erika = await world.citizen()
    world.mails.trouble.append(REFUSED)
    await posted(world, erika)
    async with world.browser(erika) as browser:
        pages = [await browser.open(path) for path in ("/postfach", "/konto", HERE)]
        await browser.send((await browser.open("/konto/email")).form("E-Mail schicken"), email="neu@example.org")
        await world.settle()
        still = await browser.open("/postfach")
        await confirm_address(code_in(world.mails.sent[-1]), world.web)
        cleared = await browser.open("/postfach")

    assert [FAILS in page.text for page in (*pages, still, cleared)] == [True, True, True, True, False]
    assert pages[0].links["Ändern Sie bitte Ihre E-Mail-Adresse"] == "/konto/email"


async def test_a_bounce_is_shown_and_whoever_confirms_the_same_address_has_it_gone(world: World) -> None:
    erika = await world.citizen()
    notice_id = await posted(world, erika)
    await record_bounce(notice_id, "5.1.1", world.workers)
    async with world.browser(erika) as browser:
        shown = await browser.open("/postfach")
        await browser.send((await browser.open("/konto/email")).form("E-Mail schicken"), email="erika@example.org")
        await world.settle()
        mails = len(world.mails.sent)
        await confirm_address(code_in(world.mails.sent[-1]), world.web)
        await world.settle()
        await record_bounce(notice_id, "5.1.1", world.workers)
        cleared = await browser.open("/postfach")

    assert (FAILS in shown.text, FAILS in cleared.text) == (True, False)
    assert len(world.mails.sent) == mails  # no address was changed, so nobody is told of that
    assert "email-changed" not in await journal(world, erika)


async def test_a_mail_to_the_address_before_that_comes_back_says_nothing_of_the_new_one(world: World) -> None:
    erika = await world.citizen()
    notice_id = await posted(world, erika)
    await ask_for_address(await world.web.store.get(Account, erika.account.id), "neu@example.org", world.web)
    await world.settle()
    await confirm_address(code_in(world.mails.sent[-1]), world.web)
    await record_bounce(notice_id, "5.1.1", world.workers)

    assert "bounce-reported" in await steps_of(world, notice_id)
    assert (await settings_of(world, erika)).failing == []


async def test_that_no_mail_server_answered_is_not_said_of_the_address(world: World) -> None:
    erika = await world.citizen()
    await posted(world, erika)

    assert (await settings_of(world, erika)).failing == []
    assert MailSettings(address="a@b.de", second="c@d.de").failing_at("e@f.de").failing == []
