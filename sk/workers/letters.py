"""Letters: the notification worker sends the mails about an account itself."""

import logging

from sk.errors import NotFound
from sk.events import LetterWritten
from sk.mail.letter import Letter
from sk.mail.letter_texts import letter_mail
from sk.mail.port import Refused
from sk.mail.texts import Sender
from sk.services import Services

log = logging.getLogger(__name__)


async def send_letter(event: LetterWritten, services: Services) -> None:
    """Send a letter and forget it. One that a server refuses for good is forgotten too: no legal effect hangs on it."""
    try:
        letter = await services.store.get(Letter, event.letter_id)
    except NotFound:
        await services.store.save(done=event)
        return
    content = letter.open(services.keys.lock_key("mail"))
    sender, now = Sender.of(services.settings), services.clock.now()
    try:
        await services.mailer.send(letter_mail(content, sender, letter_id=letter.id, at=now))
    except Refused:
        log.warning("letter-refused", extra={"letter_id": letter.id, "about": content.about})
    await services.store.save(done=event, remove=[letter])
