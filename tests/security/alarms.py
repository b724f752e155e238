"""What the operator hears of an attack."""

import logging

import pytest


class Alarms:
    """What was logged during a test."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        """Read the log."""
        self._caplog = caplog

    def raised(self) -> list[str]:
        """Return the names of the alarms: what somebody must look at."""
        return self._named(logging.CRITICAL)

    def failures(self) -> list[str]:
        """Return what failed on our side without being understood. No attack may lead to that."""
        return self._named(logging.ERROR)

    def _named(self, level: int) -> list[str]:
        return [record.getMessage() for record in self._caplog.records if record.levelno == level]
