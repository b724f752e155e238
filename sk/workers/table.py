"""Which handler acts upon which event, in which worker. The test of the architecture reads it as a whole."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from sk.auth.erasure import erase, follow
from sk.auth.inactivity import look_at_activity
from sk.auth.portal_logout import end_portal_log_in, forget_untold, log_out_everywhere
from sk.events import (
    AbrufOverdue,
    AccountErased,
    ActivationEnded,
    AssertionExpired,
    AttemptsEnded,
    BekanntgabeDue,
    CardExpires,
    CopyDue,
    DocumentExpires,
    DraftEnded,
    ErasureDue,
    ErrandEnded,
    Event,
    ImportDue,
    ImportEnded,
    InactivityDue,
    KeyBackupDue,
    LetterWritten,
    LoggedOut,
    NoticeAccepted,
    NoticeBereitgestellt,
    NoticeClosed,
    ObjectsLeft,
    OriginDue,
    PasswordResetAsked,
    PictureDue,
    PortalLogInEnded,
    ReminderDue,
    RepresentativesDue,
    SessionEnded,
    ShareEnded,
    TrashEnded,
    Unreadable,
    UploadEnded,
)
from sk.key_backup import back_up_keys, go_on_without
from sk.safe.expiry import remind_of_document
from sk.safe.import_steps import end_import, go_on
from sk.safe.leaving import delete_left
from sk.safe.pictures import make_picture
from sk.safe.share_steps import end_share
from sk.safe.steps import end_trash
from sk.safe.taking_over import add_evidence
from sk.safe.upload_steps import end_upload
from sk.services import Services
from sk.workers.cards import look_at_cards
from sk.workers.copies import send_copy
from sk.workers.delivery import bekanntgeben, deliver, lapse
from sk.workers.drafts import forget_draft
from sk.workers.expiry import (
    forget_assertion,
    forget_attempts,
    forget_errand,
    forget_openings,
    forget_session,
    forget_unactivated,
    refuse_unreadable,
)
from sk.workers.letters import send_letter
from sk.workers.notification import give_up, notify
from sk.workers.passwords import send_reset
from sk.workers.reminders import remind
from sk.workers.representatives import tell_representatives

Handle = Callable[[Any, Services], Awaitable[None]]


class Row(NamedTuple):
    """A handler, and the worker in which it runs: its queue, its role, its keys.

    `give_up` records what follows when the last try has failed and the event is set aside.
    """

    worker: str
    handle: Handle
    give_up: Handle | None = None


WEB = "account"
"""The queue of what web does itself, because it alone holds the keys: the process that serves has this worker in it."""
HANDLERS: Mapping[type[Event], Row] = {
    NoticeAccepted: Row("delivery", deliver),
    BekanntgabeDue: Row("delivery", bekanntgeben),
    AbrufOverdue: Row("delivery", lapse),
    NoticeBereitgestellt: Row("notification", notify, give_up),
    CopyDue: Row("notification", send_copy),
    ReminderDue: Row("notification", remind),
    RepresentativesDue: Row(WEB, tell_representatives),
    CardExpires: Row(WEB, look_at_cards),
    ErasureDue: Row(WEB, erase),
    AccountErased: Row(WEB, follow),
    InactivityDue: Row(WEB, look_at_activity),
    KeyBackupDue: Row(WEB, back_up_keys, go_on_without),
    PasswordResetAsked: Row(WEB, send_reset),
    LetterWritten: Row("notification", send_letter),
    DraftEnded: Row(WEB, forget_draft),
    UploadEnded: Row(WEB, end_upload),
    OriginDue: Row(WEB, add_evidence),
    TrashEnded: Row(WEB, end_trash),
    ImportDue: Row(WEB, go_on),
    ImportEnded: Row(WEB, end_import),
    ShareEnded: Row(WEB, end_share),
    ObjectsLeft: Row(WEB, delete_left),
    PictureDue: Row(WEB, make_picture),
    DocumentExpires: Row(WEB, remind_of_document),
    LoggedOut: Row(WEB, log_out_everywhere),
    PortalLogInEnded: Row(WEB, end_portal_log_in, forget_untold),
    SessionEnded: Row("expiry", forget_session),
    AssertionExpired: Row("expiry", forget_assertion),
    ErrandEnded: Row("expiry", forget_errand),
    AttemptsEnded: Row("expiry", forget_attempts),
    ActivationEnded: Row("expiry", forget_unactivated),
    NoticeClosed: Row("expiry", forget_openings),
    Unreadable: Row("expiry", refuse_unreadable),
}
CONSUMERS = tuple(sorted({row.worker for row in HANDLERS.values()} - {WEB}))
"""The workers that live on a queue."""
WORKERS = (*CONSUMERS, "evidence", "relay")
"""All workers, by the names that `sk work` takes."""
