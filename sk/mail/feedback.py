"""Feedback: what people write to the operator goes out as a mail, locked until then, and nothing of it is kept."""

from collections.abc import Mapping

from sk.auth.addresses import mailable
from sk.auth.mail_target import MailTarget
from sk.auth.throttle import count_try, of_feedback
from sk.errors import Invalid
from sk.mail.letter import Letter
from sk.services import Services

MAX_CHARACTERS = {"text": 5000, "page": 200}
NOT_GIVEN = "–"


async def write_to_operator(form: Mapping[str, str], source: str, services: Services) -> Mapping[str, Invalid]:
    """Have a mail to the operator be sent, or return what is wrong with what was entered, by field.

    `Invalid` is raised while too many come from there. The address for an answer stands in the text alone: nobody has
    shown that it is theirs.
    """
    said = {name: form.get(name, "").strip() for name in ("text", "page", "email")}
    errors = {
        name: Invalid(f"{name} is too long", field=name, problem="field-too-long")
        for name, longest in MAX_CHARACTERS.items()
        if len(said[name]) > longest
    }
    if not said["text"]:
        errors["text"] = Invalid("there is nothing to send", field="text", problem="field-missing")
    try:
        email = said["email"] and mailable(said["email"])
    except Invalid as refused:
        errors["email"] = refused
    if errors:
        return errors
    await count_try(of_feedback(source, services), services)
    facts = {
        "text": "\n".join(f"> {line}" for line in said["text"].splitlines()),
        "page": " ".join(said["page"].split()) or NOT_GIVEN,
        "email": email or NOT_GIVEN,
    }
    target = MailTarget(address=services.settings.operator_mail or services.settings.mail_from)
    letter = Letter.to(target, "feedback", facts, services.clock.now(), services.keys.lock_key("mail"))
    await services.store.save(letter)
    return {}
