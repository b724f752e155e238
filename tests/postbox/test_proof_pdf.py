"""The printed proof: a page that a court can read and an archive can keep, with what can be verified attached."""

import asyncio
import re
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from sk.client import File
from sk.postbox.proof_pdf import typeset_proof
from sk.postbox.proven import Printed
from tests.postbox.proofs import attached_to, fetched, proof_of, text_of, verified
from tests.world import A_FILE, World

PRINTED = Printed("Servicekonto Musterland", "https://konto.example/nachweis-pruefen", "66-4711-0815")
TWENTY = [File(f"anlage-{number}.pdf", b"%PDF-1.7 " + bytes([number])) for number in range(20)]


async def test_it_names_operator_authority_notice_and_reference(world: World) -> None:
    notice = await fetched(world)

    text = text_of(typeset_proof(await proof_of(world, notice), PRINTED))

    assert "Nachweis über eine Nachricht im Postfach" in text
    assert "Servicekonto Musterland" in text
    assert f"Stadt Musterstadt ({notice.authority.client_id})" in text
    assert f"Nachricht {notice.notice_id}" in text
    assert "66-4711-0815" in text


async def test_it_shows_every_moment_to_the_second_and_since_when_it_is_in_the_log(world: World) -> None:
    text = text_of(typeset_proof(await proof_of(world, await fetched(world)), PRINTED))

    assert re.search(r"Angenommen 23\.11\.2026, 10:00:00 MEZ 23\.11\.2026, 10:00:\d\d MEZ \d+", text)
    assert re.search(r"Zum Abruf bereitgestellt 23\.11\.2026, 10:00:01 MEZ 23\.11\.2026, 10:00:\d\d MEZ \d+", text)
    assert re.search(r"Abgerufen 23\.11\.2026, 10:00:\d\d MEZ 23\.11\.2026, 10:00:\d\d MEZ \d+", text)


async def test_it_says_every_sentence_of_the_verification(world: World) -> None:
    proof = await proof_of(world, await fetched(world))

    text = text_of(typeset_proof(proof, PRINTED))

    for words in (words for part in proof.report for words in part):
        assert words.de in text


async def test_it_says_of_computed_days_that_they_are_computed(world: World) -> None:
    text = text_of(typeset_proof(await proof_of(world, await fetched(world)), PRINTED))

    assert "Bekanntgabe, berechnet und nicht bezeugt: Freitag, 27.11.2026." in text
    assert "Ende der Frist, berechnet: Montag, 28.12.2026." in text


async def test_it_says_how_to_verify_and_against_which_log(world: World) -> None:
    proof = await proof_of(world, await fetched(world))

    text = text_of(typeset_proof(proof, PRINTED))

    assert f"{proof.verified.checkpoint.size}, {proof.root}" in text
    assert str(proof.verified.vkey) in text.replace(" ", "")
    assert "sk verify evidence.json" in text
    assert "https://konto.example/nachweis-pruefen" in text


async def test_it_says_on_every_page_that_a_trial_proves_nothing_real(world: World) -> None:
    proof = await proof_of(world, await fetched(world, files=TWENTY))

    for page in PdfReader(BytesIO(typeset_proof(proof, PRINTED))).pages:
        assert "Testbetrieb" in page.extract_text()


async def test_the_bundle_is_attached_byte_for_byte_as_the_data_behind_the_page(world: World) -> None:
    proof = await proof_of(world, await fetched(world))
    pdf = typeset_proof(proof, PRINTED)

    assert attached_to(pdf) == proof.bundle.encode()
    assert (await verified(world, attached_to(pdf))).trusted
    catalog: Any = PdfReader(BytesIO(pdf)).root_object
    [associated] = [one.get_object() for one in catalog["/AF"]]
    file = associated["/EF"]["/F"].get_object()
    assert (associated["/AFRelationship"], associated["/UF"]) == ("/Data", "evidence.json")
    assert file["/Subtype"] == "/application/json"
    assert file["/Params"]["/ModDate"].startswith("D:20261123")


async def test_it_claims_to_be_pdf_a_3_and_names_its_language_and_title(world: World) -> None:
    reader = PdfReader(BytesIO(typeset_proof(await proof_of(world, await fetched(world)), PRINTED)))
    metadata = reader.xmp_metadata
    catalog: Any = reader.root_object

    assert metadata is not None
    assert (metadata.pdfaid_part, metadata.pdfaid_conformance) == ("3", "U")
    assert metadata.dc_title == {"x-default": "Nachweis über eine Nachricht im Postfach"}
    assert metadata.dc_creator == ["Servicekonto Musterland"]
    assert catalog["/Lang"] == "de-DE"
    assert [intent["/S"] for intent in catalog["/OutputIntents"]] == ["/GTS_PDFA1"]


async def test_every_font_in_it_is_embedded_and_its_characters_can_be_read(world: World) -> None:
    pages: list[Any] = [*PdfReader(BytesIO(typeset_proof(await proof_of(world, await fetched(world)), PRINTED))).pages]
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]

    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "+FiraSans" in descriptor["/FontName"]
        assert "/FontFile2" in descriptor
        assert "/ToUnicode" in font


async def test_the_same_bundle_makes_the_same_bytes(world: World) -> None:
    notice = await fetched(world)
    proof, other = await proof_of(world, notice), await proof_of(world, notice)

    first = typeset_proof(proof, PRINTED)
    await asyncio.sleep(1)  # moments are told to the second in a PDF

    assert typeset_proof(proof, PRINTED) == first
    assert typeset_proof(other, PRINTED) != first


async def test_it_fits_one_page_where_nothing_is_unusual(world: World) -> None:
    proof = await proof_of(world, await fetched(world, files=[A_FILE, *TWENTY[:2]]))

    assert len(PdfReader(BytesIO(typeset_proof(proof, PRINTED))).pages) == 1


async def test_the_digest_of_each_of_twenty_attachments_is_there_if_need_be_on_a_second_page(world: World) -> None:
    proof = await proof_of(world, await fetched(world, files=TWENTY))
    pdf = typeset_proof(proof, PRINTED)

    text = text_of(pdf)
    for number, file in enumerate(TWENTY, 1):
        assert f"Anhang {number} {file.declared()['sha256']}" in text
    assert len(PdfReader(BytesIO(pdf)).pages) == 2
    assert "Seite 2 von 2" in text


async def test_long_names_and_letters_that_the_font_lacks_are_set_whole(world: World) -> None:
    name = "Landesamt für " + ", ".join(f"Aufgabe {number}" for number in range(30)) + " und Übriges 測"
    proof = (await proof_of(world, await fetched(world)))._replace(authority=name)
    printed = PRINTED._replace(operator="Đặng & <Škvorecký>", reference="x" * 120 + " \N{GRINNING FACE}\u202ea")

    text = text_of(typeset_proof(proof, printed))

    assert name.replace("測", "[U+6E2C]") in text
    assert "Đặng & <Škvorecký>" in text
    assert "x" * 120 in text.replace(" ", "")
    assert "[U+1F600][U+202E]a" in text


async def test_a_bundle_without_openings_prints_no_digests(world: World) -> None:
    notice = await fetched(world)
    whole = await proof_of(world, notice)
    mute = whole.verified._replace(opening=None)

    text = text_of(typeset_proof(whole._replace(verified=mute), PRINTED._replace(reference="")))

    assert "SHA-256" not in text
    assert "Zeichen der Behörde" not in text
