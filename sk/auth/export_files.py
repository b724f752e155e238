"""What a citizen takes along beside the notices: the account as JSON, without a secret in it, and its journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sk.auth.account import Account
from sk.auth.consent import consents_of
from sk.auth.credentials import Credentials
from sk.auth.journal import read_journal
from sk.auth.members import memberships_of
from sk.auth.own_key import own_lock
from sk.auth.portal import portal_name
from sk.auth.sessions import list_sessions
from sk.auth.vollmacht import vollmachten_of
from sk.safe.share import shares_of
from sk.services import Services
from sk.store.port import cursor_of

AT_ONCE = 500


async def account_facts(account: Account, services: Services) -> dict[str, Any]:
    """Return what is held about a person: each datum with its source, the ways into the account, and who is in it."""
    vault = services.keys.lock_key("vault")
    credentials, standing = account.open_credentials(vault), account.standing(services.keys.signers)
    mail = account.open_mail(services.keys.lock_key("mail"))
    profile = account.open_profile(await own_lock(account.id, services))
    return {
        "konto": account.id,
        "angelegt_am": account.created_at.isoformat(),
        "zustand": standing.state,
        "vertrauensniveau": standing.trust,
        "benutzername": credentials.username or None,
        "email": mail.address,
        "zweite_email": mail.second or None,
        "nicht_zustellbar": mail.failing,
        "sprache": mail.language,
        "erkennungssatz": mail.phrase or None,
        "erinnerungen": mail.reminders,
        "angaben": {name: datum.model_dump(mode="json") for name, datum in profile.data.items()},
        "einwilligungen": _by_day(standing.einwilligung),
        "ausgenommen": _by_day(standing.excepted),
        "behoerden": [
            {"behoerde": card.authority, "rollen": list(card.roles), "seit": card.since.isoformat()}
            for card in await memberships_of(account.id, services)
        ],
        "vollmachten": await _vollmachten(account.id, services),
        "freigaben": await _freigaben(account.id, services),
        "online_dienste": [
            {
                "dienst": agreed.portal,
                "name": await portal_name(agreed.portal, services),
                "angaben": list(agreed.claims),
                "zugestimmt_am": agreed.at.isoformat(),
            }
            for agreed in await consents_of(account.id, services)
        ],
        "anmeldewege": _ways_in(credentials),
        "zuletzt_angemeldet_am": str(credentials.seen_on) if credentials.seen_on else None,
        "wird_geloescht_am": credentials.erasure_at.isoformat() if credentials.erasure_at else None,
        "sitzungen": [
            {
                "seit": listed.grant.since.isoformat(),
                "zuletzt": listed.seen_at.isoformat(),
                "mittel": listed.grant.means,
                "vertrauensniveau": listed.grant.level,
                "geraet": listed.grant.label or None,
            }
            for listed in await list_sessions(account.id, services)
        ],
    }


async def journal_facts(account_id: str, services: Services) -> list[dict[str, Any]]:
    """Return the journal, the newest first."""
    vault, entries = services.keys.lock_key("vault"), list[dict[str, Any]]()
    page = await read_journal(account_id, services, limit=AT_ONCE)
    while page:
        entries += (one.open(vault).model_dump(mode="json") for one in page)
        page = await read_journal(account_id, services, after=cursor_of(page[-1], "belongs"), limit=AT_ONCE)
    return entries


async def _vollmachten(account_id: str, services: Services) -> list[dict[str, Any]]:
    """Return which Vollmachten were granted or held. Codes let others in, and accounts of others are none of theirs."""
    left_out = {"principal", "representative", "code", "document_salt", "name_salt"}
    return [
        {
            "vollmacht": one.id,
            "erteilt_oder_erhalten": "erteilt" if one.terms.principal == account_id else "erhalten",
            **one.terms.model_dump(mode="json", exclude=left_out),
        }
        for one in await vollmachten_of(account_id, services)
    ]


async def _freigaben(account_id: str, services: Services) -> list[dict[str, Any]]:
    """Return what was shared with whom, and what became of it. The documents themselves lie beside."""
    return [
        {
            "freigabe": one.id,
            "behoerde": one.stored.authority_id,
            "name_der_behoerde": one.terms.recipient,
            "zweck": one.terms.opening.purpose,
            "erteilt_am": one.granted_at.isoformat(),
            "bis": one.until.isoformat(),
            "hoechstens": one.fetches,
            "beendet_am": one.revoked_at.isoformat() if one.revoked_at else None,
            "dokumente": [
                {
                    **shared.model_dump(),
                    "sha256": one.sha256(number),
                    "abgeholt_am": [at.isoformat() for at in one.fetched(number)],
                }
                for number, shared in enumerate(one.terms.documents, 1)
            ],
        }
        for one in await shares_of(account_id, services)
    ]


def _ways_in(credentials: Credentials) -> dict[str, Any]:
    """Return by what somebody logs in, as far as it may be told: nothing that would let anybody in."""
    totp = credentials.totp
    return {
        "passwort": bool(credentials.password_hash),
        "einmalcodes_seit": totp.since.isoformat() if totp else None,
        "wiederherstellungscodes": len(credentials.recovery_codes),
        "passkeys": [
            passkey.model_dump(mode="json", include={"name", "created_at", "used_at"})
            for passkey in credentials.passkeys
        ],
        "ausweise": [
            card.model_dump(mode="json", include={"document_type", "level", "expires_on", "bound_at"})
            for card in credentials.cards
        ],
    }


def _by_day(given: Mapping[str, datetime]) -> dict[str, str]:
    return {authority: at.isoformat() for authority, at in given.items()}
