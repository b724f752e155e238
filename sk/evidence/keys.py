"""The signers' keys as the log itself knows them: what each may state from which leaf on, and which are void.

Whoever verifies a statement years later has the log and the key that signs it, and nothing else. So before the first
statement of a key stands one that introduces it, signed by the key of the log.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sk.crypto.sign import Signer, Signers, encode
from sk.errors import Invalid, NotFound
from sk.evidence.statement import Place, Statement, make_statement, verified
from sk.evidence.steps import STEPS
from sk.store.port import Cursor, Store

PAGE = 1000


@dataclass
class LogKeys:
    """What the log says about keys, up to a position: the steps that each may state, and those that are revoked."""

    steps: dict[str, frozenset[str]] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    read_to: int = -1

    def copy(self) -> "LogKeys":
        """Return a copy, to go on with as if something were in the log already."""
        return replace(self, steps={**self.steps})

    async def read_on(self, store: Store, signers: Signers, size: int) -> None:
        """Read what has come since, in a log of a size."""
        for statement in await key_statements(store, after=self.read_to):
            if statement.position is None or statement.position >= size:
                break
            self.learn(statement, signers)
            self.read_to = statement.position

    def learn(self, statement: Statement, signers: Signers) -> None:
        """Take in what a statement says about a key; others say nothing."""
        if statement.step == "key":
            says = verified(statement, signers, "key")
            self.steps[says["kid"]] = self.steps.get(says["kid"], frozenset()) | {*says["steps"]}
        elif statement.step == "key-revoked":
            self.revoked |= {verified(statement, signers, "key-revoked")["kid"]}

    def unknown(self, kid: str, step: str) -> bool:
        """Tell whether the log has yet to say that a key may state a step."""
        return step not in self.steps.get(kid, frozenset())

    def introduce(self, signers: Signers, sign: Signer, statement: tuple[str, str], at: datetime) -> list[Statement]:
        """Return what has to stand in the log before a statement, which is given by its key and step.

        The key of the log itself comes first: it says of itself what whoever verifies knows already.
        """
        made = []
        for kid, step in ((sign.kid, "key"), statement):
            if self.unknown(kid, step):
                made.append(_key_statement(signers, sign, kid, at))
                self.learn(made[-1], signers)
        return made

    def introduce_all(self, signers: Signers, sign: Signer, at: datetime) -> list[Statement]:
        """Return what has to stand in the log before any of the trusted keys states anything."""
        wanted = [(kid, step) for kid, (use, _) in signers.by_kid.items() for step in steps_of(use)]
        return [
            made
            for kid, step in wanted
            if kid not in self.revoked and self.unknown(kid, step)
            for made in self.introduce(signers, sign, (kid, step), at)
        ]


async def key_statements(store: Store, after: int = -1) -> list[Statement]:
    """Return what the log says about keys, in order, from behind a position on."""
    found: list[Statement] = []
    while True:
        page = await store.find(Statement, "log-keys", "", after=Cursor.behind(after), limit=PAGE)
        found += page
        if len(page) < PAGE:
            return found
        after = page[-1].position or after


async def revoke(store: Store, sign: Signer, kid: str, at: datetime) -> None:
    """State that a key is void; from where the log puts it on, nothing is logged that this key has signed.

    The key of the log itself signs this and cannot revoke itself: whoever has stolen it begins a log of their own.
    """
    if kid == sign.kid:
        raise Invalid(
            "the key of the log cannot be revoked in the log; whoever relies on it has to be told another one"
        )
    await store.save(make_statement(sign, "key-revoked", at, {"kid": kid}, Place()))


def steps_of(use: str) -> list[str]:
    """Return the steps that a key for a use may state."""
    return sorted(step for step, form in STEPS.items() if form.signed_by == use)


def _key_statement(signers: Signers, sign: Signer, kid: str, at: datetime) -> Statement:
    if kid not in signers.by_kid:
        raise NotFound(f"there is no key {kid} among those that this process trusts")
    use, key = signers.by_kid[kid]
    facts: dict[str, Any] = {"kid": kid, "x": encode(key.public_bytes_raw()), "steps": steps_of(use)}
    return make_statement(sign, "key", at, facts, Place())
