"""The page on which anybody verifies evidence takes bundles about shares as well, with the documents shared."""

import pytest

from sk.client import File
from sk.evidence.sentences import about, report_on
from sk.evidence.verdict import VerifiedShare
from sk.evidence.verify import verify_any
from sk.postbox.explanation import LANGUAGES, Language
from sk.safe.share import own_share
from sk.safe.share_proof import share_evidence
from tests.safe.shares import PASS, fetch, shared
from tests.web.pages import words_of
from tests.web.verifying import send, verdict
from tests.world import World


async def evidence(world: World) -> bytes:
    """Return the bundle about a share from which something was fetched."""
    erika, authority, share_id = await shared(world)
    await fetch(world, authority, share_id, 1)
    await world.settle()
    return (await share_evidence(await own_share(share_id, erika.account.id, world.web), world.web)).encode()


@pytest.mark.parametrize(
    ("language", "title", "about_the_file"),
    [
        ("de", "Gültig", "ausweis.pdf Unverändert Dokument 1 der Freigabe"),
        ("en", "Valid", "ausweis.pdf Unchanged Document 1 of the share"),
    ],
)
async def test_every_sentence_is_there_in_the_language_of_the_page(
    world: World, language: Language, title: str, about_the_file: str
) -> None:
    bundle = await evidence(world)

    answer = await send(world, bundle, [File("ausweis.pdf", PASS)], language=language)

    shown = words_of(answer.text)
    assert (answer.status, verdict(answer)) == (200, title)
    assert about_the_file in shown
    found = verify_any(bundle)
    assert isinstance(found, VerifiedShare)
    for words in (about(found), *report_on(found).proven, *report_on(found).not_proven):
        assert [said for said in LANGUAGES if words.in_language(said) in shown] == [language]


async def test_a_document_that_was_not_shared_is_named_and_spoils_the_result(world: World) -> None:
    answer = await send(world, await evidence(world), [File("ausweis.pdf", PASS), File("anderes.pdf", PASS + b" ")])

    shown = words_of(answer.text)
    assert verdict(answer) == "Nicht gültig"
    assert "ausweis.pdf Unverändert" in shown
    assert "anderes.pdf Gehört nicht dazu In diesem Nachweis nicht enthalten" in shown
