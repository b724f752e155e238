"""A service provider made of pygamlastan, which nobody here wrote: it asks, and judges what it is answered."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from lxml import etree
from pygamlastan import bindings, core, crypto, metadata, profiles, security, xml
from yarl import URL

from sk.auth.account import Account
from sk.auth.own_key import own_lock
from sk.auth.portal import Portal, PortalCard
from sk.auth.portal_pages import SILENTLY
from sk.demo.browser import Form, Page
from sk.ids import new_id
from sk.saml.metadata import read_metadata
from sk.saml.signature import ENVELOPED
from sk.xml import Element
from sk.xmldsig import DIGEST, DS, EXC, RSA_SHA256
from tests.saml.parties import Party, metadata_of, party
from tests.security.tab import Answer, Tab
from tests.world import Citizen, World

SIGN_ON = "/saml/anmelden"
METADATA = "/saml/metadata"
RELAY = "weiter-zu-Antrag/7?ä=1&b=2"
ERIKA = {
    "given_names": "Erika",
    "family_names": "Mußtermänn",
    "birth_name": "Gabler",
    "date_of_birth": "1964-08-12",
    "street": "Heidestraße 17",
    "postal_code": "51147",
    "city": "Köln",
    "country": "DE",
    "phone": "+49 221 1234567",
}
Binding = Literal["redirect", "form"]


@dataclass(frozen=True)
class Service:
    """A registered service, with the key that it signs with and, if it has one, that for what is encrypted to it."""

    world: World
    card: PortalCard
    party: Party
    reader: Party | None = None

    @property
    def entity(self) -> str:
        """Return how it calls itself."""
        assert self.card.saml
        return self.card.saml.entity

    @property
    def back(self) -> str:
        """Return where it takes answers."""
        return self.card.redirect_uris[0]

    def request(self, **options: Any) -> core.AuthnRequest:
        """Return a request that is right but for what is said otherwise."""
        right = {
            "acs_url": self.back,
            "protocol_binding": core.BINDING_HTTP_POST,
            "destination": self.world.base_url + SIGN_ON,
            "name_id_format": core.NAMEID_PERSISTENT,
            "allow_create": True,
        }
        return profiles.create_authn_request(profiles.AuthnRequestOptions(self.entity, **{**right, **options}))

    def signed(self, request: str, identity: str, **otherwise: str) -> bytes:
        """Return a request with its signature in it."""
        return sign_by(self.party, request, identity, **otherwise)

    def address(self, request: str, relay_state: str = RELAY) -> str:
        """Return the address that brings a request, signed."""
        signer = crypto.SamlSigner.from_pem(self.party.key_pem)
        there = self.world.base_url + SIGN_ON
        url = bindings.redirect_encode(
            request.encode(),
            is_request=True,
            destination=there,
            relay_state=relay_state,
            signer=signer,
            sig_alg=RSA_SHA256,
        )
        return url.removeprefix(self.world.base_url)

    async def send(self, tab: Tab, request: core.AuthnRequest, binding: Binding = "redirect") -> Answer:
        """Send somebody here with a request."""
        if binding == "redirect":
            return await visit(tab, self.address(request.to_xml()))
        page = await post(tab, self.signed(request.to_xml(), request.id))
        on = page.headers.get("Location", "")
        return await tab.get(on) if on.endswith(SILENTLY) else page

    async def send_off(self, tab: Tab, request: core.AuthnRequest, binding: Binding = "redirect") -> str:
        """Do so, and return the path of the page on which they are asked."""
        answer = await self.send(tab, request, binding)
        assert answer.status == 303, answer.text
        return answer.headers["Location"]

    async def log_in(self, tab: Tab, request: core.AuthnRequest, binding: Binding = "redirect") -> Answer:
        """Have somebody come and agree; return the page that leads back."""
        path = await self.send_off(tab, request, binding)
        page = await tab.get(path)
        if "SAMLResponse" not in page.text:
            page = await say(tab, path, "ja")
        return page

    async def told(
        self, tab: Tab, request: core.AuthnRequest | None = None, binding: Binding = "redirect"
    ) -> profiles.AuthnResult:
        """Have somebody log in, and return what is told of them."""
        request = request or self.request()
        return await self.judged(leaving(await self.log_in(tab, request, binding)), request)

    async def judged(self, form: Form, request: core.AuthnRequest) -> profiles.AuthnResult:
        """Return what an answer says, once it is clear that it is one to this request; raise what is wrong with it."""
        config = security.SecurityConfig()
        config.require_signed_assertions = config.require_signed_responses = True
        config.require_encrypted_assertions = self.reader is not None
        keys = crypto.KeysManager()
        if self.reader:
            keys.add_key_pem(self.reader.key_pem, "decrypt")
        return profiles.process_response_verified(
            response_in(form),
            await verifier(self.world),
            config,
            self.entity,
            form.action,
            self.world.base_url + METADATA,
            request.id,
            replay_cache=security.InMemoryReplayCache(),
            unsafe_no_persistent_id_store=True,
            decryptor=crypto.SamlDecryptor(keys),
        )

    async def codes(self, page: Answer, request: core.AuthnRequest) -> tuple[str, str]:
        """Return by which codes a request is refused, the last part of each, once it is clear that we say so."""
        text = response_in(leaving(page))
        assert (await verifier(self.world)).verify_enveloped(text).is_valid()
        response = xml.parse_response(text)
        code = response.status.status_code
        assert (response.in_response_to, response.destination) == (request.id, self.back)
        assert (response.assertions, response.encrypted_assertion_count) == ([], 0)
        assert code.sub_status is not None
        return last(code.value), last(code.sub_status.value)

    async def changed(self, **card: Any) -> "Service":
        """Have the operator change what is registered."""
        web = self.world.web
        stored = await web.store.get(Portal, self.card.portal)
        registered = stored.details(web.keys.signers).model_copy(update=card)
        stored.change(registered, web.keys.signer("sign-web"))
        await web.store.save(stored)
        return Service(self.world, registered, self.party, self.reader)


async def a_service(
    world: World,
    *,
    host: str = "portal.example",
    authority: str = "",
    signer: str = "service",
    reader: Party | None = None,
    consumers: Sequence[str] = (),
    **card: Any,
) -> Service:
    """Register a service of an authority, of a fresh one if none is named, by its metadata."""
    addresses = consumers or (f"https://{host}/saml/acs",)
    encryption = [reader.certificate] if reader else []
    signing = party(signer)
    described = metadata_of(f"https://{host}/saml", addresses, signing=[signing.certificate], encryption=encryption)
    metadata.validate_entity(metadata.parse_entity(described.decode()))
    return await registered(world, described, signing, reader, authority=authority, **card)


async def registered(
    world: World, described: bytes, signing: Party, reader: Party | None = None, *, authority: str = "", **card: Any
) -> Service:
    """Register a service as `sk portal add-saml` does."""
    service = read_metadata(described)
    addresses = tuple(address for _, address in service.consumers)
    facts: dict[str, Any] = {
        "name": "Kita-Portal",
        "redirect_uris": addresses,
        "sector": urlsplit(addresses[0]).hostname,
        "claims": ("given_name", "family_name", "email"),
        "saml": service,
        **card,
    }
    authority = authority or (await world.authority()).client_id
    registered = PortalCard(portal=new_id(), authority=authority, **facts)
    await world.web.store.save(Portal.registered(registered, world.web.keys.signer("sign-web")))
    return Service(world, registered, signing, reader)


async def verifier(world: World) -> crypto.SamlVerifier:
    """Return who judges our signatures, having read our metadata and nothing else."""
    return crypto.SamlVerifier.from_certs((await provider(world)).signing_certificates("idp"))


async def provider(world: World) -> metadata.EntityDescriptor:
    """Return our metadata as others read it."""
    async with world.http.get(world.base_url + METADATA) as answer:
        entity = metadata.parse_entity(await answer.text())
    metadata.validate_entity(entity)
    return entity


async def say(tab: Tab, path: str, said: str) -> Answer:
    """Have somebody press a button of the page on which they are asked."""
    return await tab.ask("POST", path, data={"csrf": tab.csrf, "antwort": said})


async def visit(tab: Tab, path: str) -> Answer:
    """Have a browser go to an address as it is spelled; aiohttp would spell it anew, and the spelling is signed."""
    url, cookies = URL(tab.base_url + path, encoded=True), {"session": tab.token}
    async with tab.http.get(url, cookies=cookies, allow_redirects=False) as answer:
        return Answer(path, answer.status, answer.headers, await answer.read())


async def post(tab: Tab, message: bytes, relay_state: str = RELAY, **more: str) -> Answer:
    """Have a page of the portal's send a message here."""
    return await tab.ask("POST", SIGN_ON, data=fields_of(message, relay_state, **more))


def fields_of(message: bytes, relay_state: str = RELAY, **more: str) -> Mapping[str, str]:
    """Return the fields of such a form."""
    return {"SAMLRequest": base64.b64encode(message).decode(), "RelayState": relay_state, **more}


def leaving(page: Answer) -> Form:
    """Return the form that leads back to the portal; the page lets it go there, and to wherever that leads on."""
    assert page.status == 200, page.text
    (form,) = (form for form in Page(page.status, page.path, page.text).forms if "SAMLResponse" in form.fields)
    there = urlsplit(form.action)
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' {there.scheme}://{there.netloc} https:;" in policy
    return form


def response_in(form: Form) -> str:
    """Return the answer that a form brings."""
    return base64.b64decode(form.fields["SAMLResponse"], validate=True).decode()


def last(name: str) -> str:
    """Return the last part of a long name."""
    return name.rpartition(":")[2]


def template(identity: str, certificate: str, **otherwise: str) -> Element:
    """Return a signature to be filled in, of the one kind that is taken but for what is said otherwise."""
    said = {"method": RSA_SHA256, "digest": DIGEST, "canonical": EXC.uri, "uri": f"#{identity}", **otherwise}
    reference = DS(
        "Reference",
        DS("Transforms", DS("Transform", Algorithm=ENVELOPED), DS("Transform", Algorithm=said["canonical"])),
        DS("DigestMethod", Algorithm=said["digest"]),
        DS("DigestValue"),
        URI=said["uri"],
    )
    information = DS(
        "SignedInfo",
        DS("CanonicalizationMethod", Algorithm=said["canonical"]),
        DS("SignatureMethod", Algorithm=said["method"]),
        reference,
    )
    info = DS("KeyInfo", DS("X509Data", DS("X509Certificate", certificate)))
    return DS("Signature", information, DS("SignatureValue"), info)


def sign_by(signer: Party, request: str, identity: str, **otherwise: str) -> bytes:
    """Return a request with somebody's signature behind its Issuer."""
    root = etree.fromstring(request.encode())
    root.insert(1, template(identity, signer.certificate_text, **otherwise))
    made = crypto.SamlSigner.from_pem(signer.key_pem).sign_enveloped(etree.tostring(root).decode())
    return made.encode()


async def known(world: World, who: Citizen, **data: str) -> Citizen:
    """Have somebody tell their data; return them."""
    account = await world.web.store.get(Account, who.account.id)
    own = await own_lock(account.id, world.web)
    profile = account.open_profile(own).declared(data or ERIKA, world.clock.now())  # type: ignore[arg-type]
    account.lock_profile(own, profile)
    await world.web.store.save(account)
    return who
