"""The steps that are stated: which key may state each, what it is about, and what it says."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from sk.evidence.form import (
    Abgerufen,
    Accepted,
    Answered,
    AsOf,
    Bekanntgegeben,
    Benachrichtigt,
    Bereitgestellt,
    Bounced,
    Lapsed,
    LogContinued,
    Rejected,
    Replied,
    Said,
    SignersKey,
    SignersKeyRevoked,
)
from sk.evidence.form_beside import (
    AboutAccount,
    AccountAdded,
    Einwilligung,
    ShareFetched,
    ShareGranted,
    ShareRevoked,
    VollmachtAccepted,
    VollmachtEnded,
    VollmachtGranted,
)

TYP = "sk-statement+jws"


class Form(NamedTuple):
    """Which key may state a step, what it is about, and what it says."""

    signed_by: str
    about: Literal["notice", "account", "vollmacht", "share", "log", "bundle"]
    model: type[Said]


STEPS: Mapping[str, Form] = {
    "accepted": Form("sign-web", "notice", Accepted),
    "bereitgestellt": Form("sign-delivery", "notice", Bereitgestellt),
    "rejected": Form("sign-delivery", "notice", Rejected),
    "benachrichtigt": Form("sign-notification", "notice", Benachrichtigt),
    "benachrichtigung-failed": Form("sign-notification", "notice", Answered),
    "bounce-reported": Form("sign-notification", "notice", Bounced),
    "abgerufen": Form("sign-web", "notice", Abgerufen),
    "bekanntgegeben": Form("sign-delivery", "notice", Bekanntgegeben),
    "lapsed": Form("sign-delivery", "notice", Lapsed),
    "withdrawn": Form("sign-web", "notice", Said),
    "replied": Form("sign-web", "notice", Replied),
    "postbox-closed": Form("sign-web", "notice", Said),
    "account-added": Form("sign-web", "account", AccountAdded),
    "einwilligung-given": Form("sign-web", "account", Einwilligung),
    "einwilligung-withdrawn": Form("sign-web", "account", Einwilligung),
    "erased": Form("sign-web", "account", AboutAccount),
    "vollmacht-granted": Form("sign-web", "vollmacht", VollmachtGranted),
    "vollmacht-accepted": Form("sign-web", "vollmacht", VollmachtAccepted),
    "vollmacht-rejected": Form("sign-web", "vollmacht", VollmachtEnded),
    "vollmacht-revoked": Form("sign-web", "vollmacht", VollmachtEnded),
    "share-granted": Form("sign-web", "share", ShareGranted),
    "share-fetched": Form("sign-web", "share", ShareFetched),
    "share-revoked": Form("sign-web", "share", ShareRevoked),
    "key": Form("log", "log", SignersKey),
    "key-revoked": Form("log", "log", SignersKeyRevoked),
    "log-continued": Form("log", "log", LogContinued),
    "as-of": Form("sign-web", "bundle", AsOf),
}
"""Which key may state which step. A statement by any other key is none."""
