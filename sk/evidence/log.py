"""What a sequencer works with, and what it remembers between two looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sk.clock import Clock
from sk.crypto.sign import Signer, Signers
from sk.evidence.keys import LogKeys
from sk.evidence.statement import Statement
from sk.objects.port import ObjectStore
from sk.store.port import Store

REMEMBERED_MAX = 20_000


@dataclass(frozen=True)
class Log:
    """What a log is kept with: its place and name, the clock, whose statements it takes, and who signs it."""

    store: Store
    objects: ObjectStore
    clock: Clock
    signers: Signers
    sign: Signer
    origin: str
    number: int = 1
    began_at_size: int = 0


@dataclass
class Memory:
    """What a sequencer knows already and need not read again. It is never relied on for what it does not hold."""

    log_number: int = 0
    grown_to: int | None = None
    has_introduced: bool = False
    keys: LogKeys = field(default_factory=LogKeys)
    hashes: dict[str, str] = field(default_factory=dict)
    """Of statements that were logged last, by id: the next ones about their notices point to them."""
    batch: Sequence[Statement] = ()
    anchored_on: date = date.min
    """The day under which the newest anchor stood when the anchors were looked at. None is written under an earlier."""

    def turn_to(self, log_number: int) -> None:
        """Forget what was known of another log."""
        if self.log_number != log_number:
            self.log_number, self.grown_to, self.batch, self.anchored_on = log_number, None, (), date.min
            self.keys, self.hashes, self.has_introduced = LogKeys(), {}, False

    def remember(self, batch: Sequence[Statement], hashes: Mapping[str, str]) -> None:
        """Keep what was just logged."""
        self.batch = batch
        self.hashes |= hashes
        while len(self.hashes) > REMEMBERED_MAX:
            del self.hashes[next(iter(self.hashes))]
