"""Races: people, authorities and workers may all change the same thing at once. Who was slower looks at it again."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sk.errors import Conflict, Unavailable

TRIES = 100
"""More than the longest race takes: that of the fifty tries that a source has free, each of which is counted."""
P = ParamSpec("P")
T = TypeVar("T")


def looking_again(step: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Have a step that reads something, changes and saves it begin anew if somebody else has saved it meanwhile.

    What is refused for a reason may be a `Conflict` as well, but under a name of its own: that is an answer.
    """

    @wraps(step)
    async def take(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(TRIES):
            try:
                return await step(*args, **kwargs)
            except Conflict as error:
                if error.problem != Conflict.problem:
                    raise
        raise Unavailable("this is being changed all the time; try again")

    return take
