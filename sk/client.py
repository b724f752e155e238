"""An authority's client, as small as it can be: it gets a token, posts notices, and reads what became of them.

With a file of state it follows the log as well, and stops when the log does not continue what was kept of it.
"""

import asyncio
import io
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sk.clock import Clock, SystemClock
from sk.crypto.sign import encode
from sk.evidence.remote import log_at
from sk.evidence.watch import Kept, watch

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EARLY_SECONDS = 30


@dataclass(frozen=True)
class File:
    """A document to attach."""

    name: str
    data: bytes
    type: str = "application/pdf"

    def declared(self) -> dict[str, Any]:
        """Return how the document is announced."""
        digest = sha256(self.data).hexdigest()
        return {"name": self.name, "type": self.type, "size": len(self.data), "sha256": digest}


def new_key() -> tuple[Ed25519PrivateKey, dict[str, str]]:
    """Return a fresh private key and its public half as a JWK."""
    key = Ed25519PrivateKey.generate()
    public = encode(key.public_key().public_bytes_raw())
    return key, {"kty": "OKP", "crv": "Ed25519", "kid": secrets.token_hex(8), "x": public}


class AuthorityClient:
    """One authority's connection."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        client_id: str,
        key: Ed25519PrivateKey,
        kid: str,
        clock: Clock | None = None,
    ) -> None:
        """Use a key that is registered under `client_id`."""
        self._clock = clock or SystemClock()
        self._http = http
        self._base_url = base_url
        self.client_id = client_id
        self._key = key
        self._kid = kid
        self._token = ""
        self._token_until = 0.0
        self._following = asyncio.Lock()

    async def post(self, notice: Mapping[str, Any], files: Sequence[File] = ()) -> tuple[int, dict[str, Any]]:
        """Post a notice with its documents; return the status and the answer."""
        body = aiohttp.FormData(default_to_multipart=True)
        declared = {**notice, "attachments": [file.declared() for file in files]}
        body.add_field("notice", json.dumps(declared), content_type="application/json")
        for file in files:
            body.add_field("attachment", io.BytesIO(file.data), filename=file.name, content_type=file.type)
        async with self._http.post(self._url("/api/v1/notices"), data=body, headers=await self._headers()) as answer:
            return answer.status, await answer.json(content_type=None)

    async def get(self, path: str, **query: str) -> tuple[int, dict[str, Any]]:
        """Read something; return the status and the answer."""
        async with self._http.get(self._url(path), params=query, headers=await self._headers()) as answer:
            return answer.status, await answer.json(content_type=None)

    async def events(
        self, after: str = "", *, state: Path | None = None, trust: str = "", **query: str
    ) -> tuple[int, dict[str, Any]]:
        """Read a page of the event feed, from a cursor or from the first event on; return the status and the answer.

        With a file of state, the checkpoint of the page has to continue what is kept there. If it does not, this raises
        `Contradiction` and the page is not returned: nothing should be made of it before people have talked. `trust` is
        the verifier key of the log that the operator has handed over; it is needed as long as there is no such file.
        """
        async with self._following if state else nullcontext():
            asked = (Kept.load(state, trust) if state else None) or Kept(vkey=trust)
            status, page = await self.get("/api/v1/events", **({"after": after} if after else {}), **query)
            if state and status == HTTPStatus.OK:
                await watch(state, trust, page.get("checkpoint"), log_at(self._http, self._base_url), asked)
        return status, page

    async def replies(self, after: str = "", **query: str) -> tuple[int, dict[str, Any]]:
        """Read a page of the list of replies, from a cursor or from the first one on; return status and answer.

        Each is read by `get("/api/v1/replies/ID")`, and its files by `download`.
        """
        return await self.get("/api/v1/replies", **({"after": after} if after else {}), **query)

    async def download(self, path: str) -> tuple[int, bytes]:
        """Fetch a file as it is; return the status and the bytes."""
        async with self._http.get(self._url(path), headers=await self._headers()) as answer:
            return answer.status, await answer.read()

    async def blocks(self, path: str) -> AsyncIterator[bytes]:
        """Fetch a file of any length, block by block as it comes; if it is refused, that is a `RuntimeError`."""
        async with self._http.get(self._url(path), headers=await self._headers()) as answer:
            if not answer.ok:
                raise RuntimeError(f"not fetched: {await answer.text()}")
            async for block in answer.content.iter_any():
                yield block

    def assertion(self, **changes: Any) -> str:
        """Return a signed client assertion."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self._base_url,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_hex(16),
        }
        return jwt.encode({**claims, **changes}, self._key, "EdDSA", headers={"kid": self._kid})

    async def token(self) -> str:
        """Return an access token, a fresh one when the last is about to end."""
        if self._clock.now().timestamp() >= self._token_until:
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self.assertion(),
            }
            async with self._http.post(self._url("/oauth/token"), data=form) as answer:
                granted = await answer.json()
                if not answer.ok:
                    raise RuntimeError(f"no token: {granted}")
            self._token = granted["access_token"]
            self._token_until = self._clock.now().timestamp() + granted["expires_in"] - EARLY_SECONDS
        return self._token

    async def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.token()}"}

    def _url(self, path: str) -> str:
        return self._base_url + path
