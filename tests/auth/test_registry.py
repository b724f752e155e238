"""Registering: an account gets an address to which a mail can be sent."""

import pytest

from sk.errors import Invalid
from tests.world import World


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("erika@example.org", "erika@example.org"),
        ("Erika.M@Example.org", "Erika.M@Example.org"),
        ("erika@müller.example", "erika@xn--mller-kva.example"),
        ("erika@mu\u0308ller.example", "erika@xn--mller-kva.example"),
        ("erika@xn--strae-oqa.example", "erika@xn--strae-oqa.example"),
    ],
)
async def test_the_domain_of_an_address_is_kept_in_ascii(world: World, given: str, kept: str) -> None:
    citizen = await world.citizen(email=given)

    assert citizen.account.open_mail(world.web.keys.lock_key("mail")).address == kept


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("müller@example.org", "before the @"),
        ("erika@straße.example", "in its ASCII form"),
        ("erika@a..example", "is no domain"),
        (f"erika@{'ü' * 63}.example", "is no domain"),
        ("erika", "is no e-mail address"),
    ],
)
async def test_an_address_that_no_mail_reaches_is_refused(world: World, email: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        await world.citizen(email=email)

    assert refused.value.field == "email"
