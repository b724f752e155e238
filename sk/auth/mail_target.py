"""Where and how the owner of an account is written to: one address, as a mail needs it, and all that was chosen."""

from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

Which = Literal["first", "second"]
"""The address that counts, to which Benachrichtigungen go; or the one that gets copies, if there is one."""


class MailTarget(BaseModel):
    """Where one mail goes, in which language, and by which phrase its reader knows that it is from us."""

    model_config = ConfigDict(extra="forbid")

    address: str
    language: Literal["de", "en"] = "de"
    phrase: str = ""


class MailSettings(MailTarget):
    """What is locked under `mail`: the address that counts, and all else that was chosen.

    `since` is when the first address was last changed or confirmed, `failing` are the addresses to which a mail could
    not be delivered. `represented` tells that somebody may act for the account by a Vollmacht, or might
    once: whoever sends mails cannot look.
    """

    second: str = ""
    reminders: bool = True
    since: AwareDatetime | None = None
    failing: list[str] = []
    represented: bool = False

    @property
    def first_target(self) -> MailTarget:
        """Return where goes what counts."""
        return self._target(self.address)

    @property
    def second_target(self) -> MailTarget | None:
        """Return where copies go, if anywhere."""
        return self._target(self.second) if self.second else None

    @property
    def targets(self) -> list[MailTarget]:
        """Return where warnings go: to every address."""
        return [self._target(address) for address in (self.address, self.second) if address]

    def at(self, which: Which) -> str:
        """Return one of the addresses, or nothing if there is no second one."""
        return self.address if which == "first" else self.second

    def writing_to(self, address: str, which: Which, now: datetime) -> Self:
        """Return how it is once somebody has shown that they read what goes to an address. Both are never the same."""
        if which == "second":
            return self._changed(second=address, failing=self._failing_but(address))
        second = "" if self.second == address else self.second
        return self._changed(address=address, second=second, since=now, failing=self._failing_but(address))

    def without_second(self) -> Self:
        """Return how it is with one address alone."""
        return self._changed(second="")

    def failing_at(self, address: str) -> Self:
        """Return how it is once a mail to an address has failed; of one that nobody uses any more nothing is kept."""
        return self if address in self.failing else self._changed(failing=[*self.failing, address])

    def _changed(self, **changes: object) -> Self:
        changed = self.model_copy(update=changes)
        used = [address for address in changed.failing if address in (changed.address, changed.second)]
        return changed.model_copy(update={"failing": used})

    def _failing_but(self, address: str) -> list[str]:
        return [one for one in self.failing if one != address]

    def _target(self, address: str) -> MailTarget:
        return MailTarget(address=address, language=self.language, phrase=self.phrase)
