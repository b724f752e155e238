"""`sk portal add-saml` and `sk portal metadata`: an operator registers portals that speak SAML by what they say."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sk.auth.portal import PortalCard, registered_portal
from sk.saml.metadata import read_metadata
from tests.auth.test_members import installed
from tests.auth.test_portal_command import IN_EARNEST, Said
from tests.fakes import WallClock
from tests.portals.saml.services import Service
from tests.process import run_sk
from tests.saml.parties import CONSUMER, ENTITY, metadata_of, party
from tests.security.tab import open_tab
from tests.world import open_world

THERE = "https://kita.example/saml/acs"


class Platform(NamedTuple):
    """A platform in a folder with an authority, and the settings under which its commands run."""

    folder: Path
    authority: str
    environment: Mapping[str, str]

    def sk(self, *arguments: str, **environment: str) -> Said:
        """Run `sk portal`."""
        command = ("portal", *arguments, "--data", "data", "--json")
        done = run_sk(self.folder, {**self.environment, **environment}, *command)
        return Said(done.returncode, done.stdout, done.stderr)

    def add(self, described: bytes, *arguments: str, **environment: str) -> Said:
        """Register what describes itself so."""
        (self.folder / "metadata.xml").write_bytes(described)
        said = ("--authority", self.authority, "--metadata", "metadata.xml", *arguments)
        return self.sk("add-saml", "Kita-Portal", *said, **environment)

    def replace(self, portal: str, described: bytes) -> Said:
        """Put other metadata in the place of a portal's."""
        (self.folder / "new.xml").write_bytes(described)
        return self.sk("metadata", portal, "new.xml")


def set_up(folder: Path, environment: Mapping[str, str]) -> Platform:
    """Return a platform that speaks SAML in a folder."""
    party("provider").files(folder)
    told = {**environment, "SK_SAML": "cert.pem,key.pem"}
    found = installed(folder, told)
    return Platform(folder, found.client_id, told)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Return a platform that is a trial."""
    return set_up(tmp_path_factory.mktemp("saml"), {})


@pytest.fixture(scope="module")
def in_earnest(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Return a platform that is no trial."""
    return set_up(tmp_path_factory.mktemp("saml"), IN_EARNEST)


def entity(name: str) -> str:
    """Return how a service calls itself."""
    return f"https://{name}.example/saml"


# What is registered


def test_what_was_registered_is_told_shown_and_listed(platform: Platform) -> None:
    described = metadata_of(entity("told"), [THERE])

    added = platform.add(described, "--claim", "given_name", "--purpose", "um zu planen").facts

    told = {
        "name": "Kita-Portal",
        "authority": platform.authority,
        "redirect_uris": [THERE],
        "sector": "kita.example",
        "claims": ["given_name"],
        "saml": entity("told"),
        "keys": [],
        "strict": True,
        "disabled": False,
    }
    assert {**added, **told} == added
    assert platform.sk("show", added["client_id"]).facts == added
    assert added in [json.loads(line) for line in platform.sk("list").out.splitlines()]


async def test_the_card_holds_what_the_metadata_says_and_people_can_log_in(platform: Platform) -> None:
    described = metadata_of(entity("card"), [THERE, CONSUMER], encryption=[party("reader").certificate])
    added = platform.add(described, "--claim", "email").facts
    saml = ",".join(str(platform.folder / name) for name in ("cert.pem", "key.pem"))

    async with open_world(platform.folder / "data", WallClock(), saml=saml) as world:
        card = await registered_portal(added["client_id"], world.web)
        tab = await open_tab(world, await world.citizen())
        told = await Service(world, card, party("service"), party("reader")).told(tab)

    assert card == PortalCard(
        portal=added["client_id"],
        name="Kita-Portal",
        authority=platform.authority,
        redirect_uris=(THERE, CONSUMER),
        sector="kita.example",
        claims=("email",),
        saml=read_metadata(described),
    )
    assert told.attributes_dict()["urn:oid:0.9.2342.19200300.100.1.3"] == ["erika@example.org"]


def test_in_a_trial_an_address_may_be_on_this_machine_without_encryption(platform: Platform) -> None:
    here = "http://127.0.0.1:8080/saml/acs"

    assert platform.add(metadata_of(entity("here"), [here])).facts["redirect_uris"] == [here]


def test_metadata_as_people_write_it_is_read(platform: Platform) -> None:
    described = metadata_of(entity("written"), [THERE]).replace(b"<md:SPSSO", b"<!-- ours -->\n<?x y?>  <md:SPSSO")

    assert platform.add(b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- by hand -->' + described).facts["saml"]


# What is refused


def test_nothing_is_registered_where_no_saml_is_spoken(platform: Platform) -> None:
    refused = platform.add(metadata_of(entity("silent"), [THERE]), SK_SAML="")

    assert refused.sentence == "SK_SAML is not set: no SAML is spoken here"
    assert entity("silent") not in platform.sk("list").out


def test_an_address_that_is_not_encrypted_is_refused_outside_a_trial(platform: Platform, in_earnest: Platform) -> None:
    for where, address in (
        (in_earnest, "http://127.0.0.1:8080/saml/acs"),
        (in_earnest, "http://kita.example/saml/acs"),
        (platform, "http://kita.example/saml/acs"),
    ):
        described = metadata_of(entity("open"), [THERE, address])

        assert where.add(described).sentence == f"{address} must begin with https:// and name a host"
    assert in_earnest.add(metadata_of(entity("closed"), [THERE])).facts["redirect_uris"] == [THERE]
    assert entity("open") not in platform.sk("list").out + in_earnest.sk("list").out


def test_an_address_that_is_none_is_refused(platform: Platform) -> None:
    for address in ("", "javascript:alert(1)", "https://user@kita.example/", f"{THERE}#x"):
        assert platform.add(metadata_of(entity("none"), [address])).sentence.startswith(address)


def test_a_name_that_is_taken_is_refused_also_if_its_portal_is_disabled(platform: Platform) -> None:
    first = platform.add(metadata_of(entity("twice"), [THERE])).facts
    again = platform.add(metadata_of(entity("twice"), [CONSUMER]))
    platform.sk("disable", first["client_id"])
    later = platform.add(metadata_of(entity("twice"), [CONSUMER]))

    taken = "a portal with this name in SAML (entityID) is registered already"
    assert [again.sentence, later.sentence] == [taken, taken]
    assert platform.sk("list").out.count(f'"{entity("twice")}"') == 1


def test_metadata_that_says_too_little_is_refused_with_what_is_missing(platform: Platform) -> None:
    provider = metadata_of(entity("bad"), [THERE]).replace(b"SPSSODescriptor", b"IDPSSODescriptor")

    assert platform.add(b"").sentence == "this is no SAML metadata"
    assert platform.add(provider).sentence == "this is no metadata of one service provider"
    assert entity("bad") not in platform.sk("list").out


def test_a_file_that_is_not_there_and_an_authority_that_is_not_are_named(platform: Platform) -> None:
    who = ("--authority", platform.authority)
    gone = platform.sk("add-saml", "Kita-Portal", *who, "--metadata", "gone.xml")
    folder = platform.sk("add-saml", "Kita-Portal", *who, "--metadata", "data")
    (platform.folder / "good.xml").write_bytes(metadata_of(entity("nobody"), [THERE]))
    nobody = platform.sk("add-saml", "Kita-Portal", "--authority", "nobody", "--metadata", "good.xml")

    assert gone.sentence.startswith("gone.xml cannot be read: ")
    assert folder.sentence.startswith("data cannot be read: ")
    assert nobody.sentence == "there is no authority nobody, or it is disabled"


# New metadata


def test_a_portal_that_changes_its_certificates_keeps_its_name_and_pseudonyms(platform: Platform) -> None:
    added = platform.add(metadata_of(entity("new"), [THERE])).facts
    old_and_new = [party("service").certificate, party("the next key").certificate]
    described = metadata_of(entity("new"), [CONSUMER, THERE], signing=old_and_new)

    changed = platform.replace(added["client_id"], described).facts

    assert changed == {**added, "redirect_uris": [CONSUMER, THERE]}
    assert platform.sk("show", added["client_id"]).facts == changed


def test_metadata_of_another_portal_is_refused(platform: Platform) -> None:
    added = platform.add(metadata_of(entity("mine"), [THERE])).facts
    other = platform.add(metadata_of(entity("yours"), [THERE])).facts

    for described in (metadata_of(entity("yours"), [CONSUMER]), metadata_of(ENTITY, [CONSUMER])):
        assert platform.replace(added["client_id"], described).sentence == "this is the metadata of another portal"
    assert platform.sk("show", added["client_id"]).facts == added
    assert platform.sk("show", other["client_id"]).facts == other


def test_metadata_is_refused_for_a_portal_of_openid_connect_and_for_none(platform: Platform) -> None:
    plain = ("--authority", platform.authority, "--redirect-uri", THERE, "--secret")
    added: dict[str, Any] = platform.sk("add", "Serviceportal", *plain).facts

    refused = platform.replace(added["client_id"], metadata_of(entity("openid"), [THERE]))
    nobody = platform.replace("nobody", metadata_of(entity("openid"), [THERE]))

    assert refused.sentence == "this is the metadata of another portal"
    assert " " in nobody.sentence
    assert "saml" not in platform.sk("show", added["client_id"]).facts


def test_new_metadata_is_held_to_the_same_rules_as_the_first(in_earnest: Platform) -> None:
    added = in_earnest.add(metadata_of(entity("rules"), [THERE])).facts
    address = "http://kita.example/saml/acs"

    refused = in_earnest.replace(added["client_id"], metadata_of(entity("rules"), [address]))
    nothing = in_earnest.replace(added["client_id"], b"")

    assert refused.sentence == f"{address} must begin with https:// and name a host"
    assert nothing.sentence == "this is no SAML metadata"
    assert in_earnest.sk("show", added["client_id"]).facts == added
