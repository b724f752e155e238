"""Passwords: web answers those who have forgotten theirs, after the page has told everybody the same."""

from sk.auth.password_change import ResetAsk, answer_to
from sk.errors import NotFound
from sk.events import PasswordResetAsked
from sk.services import Services


async def send_reset(event: PasswordResetAsked, services: Services) -> None:
    """Write to the owner of the account, if there is one; of whoever asked for another name, nothing is left."""
    try:
        ask = await services.store.get(ResetAsk, event.ask_id)
    except NotFound:
        await services.store.save(done=event)
        return
    if answer := await answer_to(ask, services):
        await services.store.save(answer.errand.to_save(services), answer.letter, done=event, remove=[ask])
    else:
        await services.store.save(done=event, remove=[ask])
