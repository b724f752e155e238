"""Which handler acts upon which event, in which worker. The test of the architecture reads it as a whole."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from sk.events import (
    AbrufOverdue,
    ActivationEnded,
    AssertionExpired,
    BekanntgabeDue,
    Event,
    NoticeAccepted,
    NoticeBereitgestellt,
    SessionEnded,
    Unreadable,
)
from sk.services import Services
from sk.workers.delivery import bekanntgeben, deliver, lapse
from sk.workers.expiry import forget_assertion, forget_session, forget_unactivated, refuse_unreadable
from sk.workers.notification import give_up, notify

Handle = Callable[[Any, Services], Awaitable[None]]


class Row(NamedTuple):
    """A handler, and the worker in which it runs: its queue, its role, its keys.

    `give_up` records what follows when the last try has failed and the event is set aside.
    """

    worker: str
    handle: Handle
    give_up: Handle | None = None


HANDLERS: Mapping[type[Event], Row] = {
    NoticeAccepted: Row("delivery", deliver),
    BekanntgabeDue: Row("delivery", bekanntgeben),
    AbrufOverdue: Row("delivery", lapse),
    NoticeBereitgestellt: Row("notification", notify, give_up),
    SessionEnded: Row("expiry", forget_session),
    AssertionExpired: Row("expiry", forget_assertion),
    ActivationEnded: Row("expiry", forget_unactivated),
    Unreadable: Row("expiry", refuse_unreadable),
}
CONSUMERS = tuple(sorted({row.worker for row in HANDLERS.values()}))
"""The workers that live on a queue."""
WORKERS = (*CONSUMERS, "evidence", "relay")
"""All workers, by the names that `sk work` takes."""
