"""Races: who was slower looks at it again, but not for ever, and not at what was refused."""

import pytest

from sk.errors import Conflict, Unavailable
from sk.store.races import TRIES, looking_again


class Step:
    """A step that raises what it is given, one after the other, and then is done."""

    def __init__(self, *trouble: Exception) -> None:
        """Begin with nothing taken."""
        self.trouble = list(trouble)
        self.taken = 0

    async def __call__(self) -> str:
        """Take the step."""
        self.taken += 1
        if self.trouble:
            raise self.trouble.pop(0)
        return "done"


async def take(step: Step) -> str:
    """Take a step, looking again."""
    return await looking_again(step.__call__)()


async def test_whoever_lost_a_race_looks_again() -> None:
    step = Step(Conflict(), Conflict("notice 1 was changed meanwhile"))

    assert (await take(step), step.taken) == ("done", 3)


async def test_what_is_refused_for_a_reason_is_an_answer() -> None:
    step = Step(Conflict("the citizen has fetched this notice, so it stays", problem="already-fetched"))

    with pytest.raises(Conflict, match="so it stays"):
        await take(step)

    assert step.taken == 1


async def test_whoever_loses_every_race_is_told_to_try_again() -> None:
    step = Step(*[Conflict()] * (TRIES + 1))

    with pytest.raises(Unavailable, match="changed all the time; try again"):
        await take(step)

    assert step.taken == TRIES
