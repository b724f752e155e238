"""A mail that failed: its owner is shown that until they change the address or confirm it, and of no other address."""

from sk.auth.email_change import confirm_address
from sk.auth.mail_target import MailSettings
from sk.errors import Unavailable
from sk.workers.bounces import record_bounce
from tests.auth.visitors import journal
from tests.auth.writing import FAILS, HERE, newest_code, posted, settings_of, with_address
from tests.workers.cases import REFUSED, steps_of
from tests.world import World


async def test_whose_mail_was_refused_is_told_at_the_next_log_in_until_the_address_is_changed(world: World) -> None:
    erika = await world.citizen()
    world.mails.trouble.append(REFUSED)
    await posted(world, erika)
    async with world.browser(erika) as browser:
        pages = [await browser.open(path) for path in ("/postfach", "/konto", HERE)]
        await browser.send((await browser.open("/konto/email")).form("E-Mail schicken"), email="neu@example.org")
        await world.settle()
        still = await browser.open("/postfach")
        await confirm_address(newest_code(world), world.web)
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
        await confirm_address(newest_code(world), world.web)
        await world.settle()
        await record_bounce(notice_id, "5.1.1", world.workers)
        cleared = await browser.open("/postfach")

    assert (FAILS in shown.text, FAILS in cleared.text) == (True, False)
    assert len(world.mails.sent) == mails  # no address was changed, so nobody is told of that
    assert "email-changed" not in await journal(world, erika)


async def test_a_mail_to_the_address_before_that_comes_back_says_nothing_of_the_new_one(world: World) -> None:
    erika = await world.citizen()
    notice_id = await posted(world, erika)
    await with_address(world, erika, "neu@example.org")
    await record_bounce(notice_id, "5.1.1", world.workers)

    assert "bounce-reported" in await steps_of(world, notice_id)
    assert (await settings_of(world, erika)).failing == []


async def test_that_no_mail_server_answered_is_not_said_of_the_address(world: World) -> None:
    erika = await world.citizen()
    world.mails.trouble.append(Unavailable("the mail server does not answer"))
    await posted(world, erika)

    assert not world.mails.trouble
    assert (await settings_of(world, erika)).failing == []


def test_of_an_address_that_nobody_uses_any_more_it_is_not_kept_that_a_mail_failed() -> None:
    assert MailSettings(address="a@b.de", second="c@d.de").failing_at("e@f.de").failing == []
