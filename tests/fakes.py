"""Doubles written by hand, for what the embedded adapters cannot stand in for."""

from datetime import UTC, datetime, timedelta
from time import monotonic


class FakeClock:
    """`Clock` that stands still until a test moves it. It begins on a Monday morning in November."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) -> None:
        """Begin at a moment."""
        self._now = at

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._now

    def advance(self, **by: float) -> None:
        """Let time pass: `advance(hours=1)`."""
        self._now += timedelta(**by)


class WallClock(FakeClock):
    """A clock that goes, because `/readyz` compares it with that of the store."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)


class RunningClock:
    """`Clock` that runs on from a moment."""

    def __init__(self, at: datetime) -> None:
        """Begin at a moment."""
        self._at, self._begun = at, monotonic()

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._at + timedelta(seconds=monotonic() - self._begun)
