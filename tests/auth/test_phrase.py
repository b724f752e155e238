"""The phrase by which people know that a mail is from us: in every mail to them, and nowhere else."""

from html import escape

import pytest

from sk.auth.account import Account
from sk.auth.email_change import ask_for_address
from sk.auth.notification_settings import change_phrase, read_phrase
from sk.errors import Invalid
from tests.auth.visitors import journal
from tests.auth.writing import (
    HERE,
    SECOND,
    newest_link,
    posted,
    settings_of,
    text_of,
    told_of_something,
    with_second_address,
)
from tests.security.search import files_below, search
from tests.world import World

PHRASE = "drei Kraniche über Hamm, 1974!"


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
    assert escape(phrase, quote=False) in page.text


async def test_nobody_but_its_owner_sees_the_phrase(world: World) -> None:
    erika, other = await world.citizen(), await world.citizen("mallory")
    await change_phrase(erika.account.id, PHRASE, world.web)
    await posted(world, erika)
    async with world.browser() as stranger, world.browser(other) as mallory:
        await ask_for_address(await world.web.store.get(Account, erika.account.id), "neu@example.org", world.web)
        await world.settle()
        pages = [
            await stranger.open(newest_link(world)),
            await stranger.open("/passwort-vergessen"),
            await stranger.open(HERE),
            await mallory.open(HERE),
        ]

    assert world.mails.sent[-1]["To"] == "neu@example.org"
    assert PHRASE not in world.mails.sent[-1].get_content()
    assert not [page.url for page in pages if PHRASE in page.text]
    assert search(files_below(world.data), {"phrase": PHRASE.encode()}) == []
