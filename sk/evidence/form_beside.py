"""What statements say that are about no notice, but about an account, a Vollmacht or a share."""

from typing import Annotated, Literal

from pydantic import Field

from sk.evidence.form import Said
from sk.evidence.opening import AcceptedCommitments, GrantedCommitments, ShareCommitments
from sk.evidence.spelling import Day, Hash, Moment

FETCHES_MAX = 10
"""How often one document of a share can be fetched: all that is stated about a share has to fit into one bundle."""


class AboutAccount(Said):
    """Something about an account, which is named by a commitment only."""

    commitments: dict[str, Hash]


class AccountAdded(AboutAccount):
    """An account was added."""

    by: str


class Einwilligung(AboutAccount):
    """The citizen agreed, or agrees no longer, to electronic Bekanntgabe: by one authority, or in general."""

    general: bool


class AboutVollmacht(Said):
    """Something about a Vollmacht, for one authority or, without one, for every one."""

    vollmacht: str


class VollmachtGranted(AboutVollmacht):
    """Somebody may act for the account in its postbox, from a day to a day, both included, once they have accepted."""

    means: str
    level: str
    replies: bool
    begins_on: Day
    ends_on: Day
    commitments: GrantedCommitments


class VollmachtAccepted(AboutVollmacht):
    """The session of another account has accepted it."""

    means: str
    level: str
    commitments: AcceptedCommitments


class VollmachtEnded(AboutVollmacht):
    """It was refused before it was accepted, or revoked: from this moment on nobody may act by it."""

    by: Literal["principal", "representative"]


class AboutShare(Said):
    """Something about a share of documents, which are numbered from 1 on; `authority` is who they are shared with."""

    notice: Literal[""]
    share: Annotated[str, Field(min_length=1)]


class ShareGranted(AboutShare):
    """A session of the account has shared documents, each to be fetched so many times, not later than a moment."""

    means: str
    level: str
    until: Moment
    fetches: Annotated[int, Field(ge=1, le=FETCHES_MAX)]
    commitments: ShareCommitments


class ShareFetched(AboutShare):
    """One of the documents was released to the recipient."""

    document: Annotated[int, Field(ge=1)]


class ShareRevoked(AboutShare):
    """Nothing of it can be fetched from this moment on."""

    by: Literal["account", "operator"]
