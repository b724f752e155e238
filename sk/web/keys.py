"""The names under which the application and a request carry what they carry."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from sk.auth.authority import AuthorityCard
from sk.auth.bundid import BundId
from sk.auth.eid.server import EidServer
from sk.auth.eid.simulator import Simulator
from sk.auth.passwords import Passwords
from sk.auth.saml_portal import Identity
from sk.auth.sessions import LogIn
from sk.services import Services
from sk.web.body import Part
from sk.web.one_by_one import OneByOne

SERVICES = web.AppKey("services", Services)
PASSWORDS = web.AppKey("passwords", Passwords)
PRINTER = web.AppKey("printer", OneByOne)
VERIFIER = web.AppKey("verifier", OneByOne)
SCRYPT = web.AppKey("scrypt", OneByOne)
"""What makes keys of passphrases for files that leave or come, at the cost of 256 MiB of memory each."""
EID = web.AppKey("eid", EidServer)
"""What reads ID cards; an installation that has nothing for it has no such key."""
SAML = web.AppKey("saml", Identity)
"""By what portals know us that speak SAML; an installation that has nothing for it has no such key."""
BUNDID = web.AppKey("bundid", BundId)
"""How we know BundID; an installation at which nobody can log in by it has no such key."""
SIMULATOR = web.AppKey("simulator", Simulator)
"""The one behind it in a trial, unless that asks a real eID-Server."""
STOPPING = web.AppKey("stopping", asyncio.Event)
"""Set when the process is to stop: long polls answer at once."""
DESCRIPTION = web.AppKey("description", dict[str, Any])
"""What `openapi.json` says."""
REQUEST_ID = web.RequestKey("request_id", str)
AUTHORITY = web.RequestKey("authority", AuthorityCard)
LOG_IN = web.RequestKey("log_in", LogIn)
PARTS = web.RequestKey[AsyncIterator[Part]]("parts", AsyncIterator)
"""What is left of a form that streams in, behind its token, which was looked at."""
