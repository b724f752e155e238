"""What can go wrong: five classes that `web` turns into answers and workers into retries, and one for cryptography."""

from collections.abc import Mapping


class SkError(Exception):
    """Something went wrong."""

    problem = "internal"

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        problem: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        """Say in a sentence what is wrong, which field it is about, the stable name of the problem, and more facts."""
        super().__init__(detail or (self.__doc__ or "").strip())
        self.field = field
        self.more = dict(more or {})
        if problem is not None:
            self.problem = problem


class Invalid(SkError):
    """What was asked for cannot be done with these values."""

    problem = "invalid"


class Forbidden(SkError):
    """You may not do this."""

    problem = "forbidden"


class NotFound(SkError):
    """There is no such thing, or it is not yours."""

    problem = "not-found"


class Conflict(SkError):
    """Somebody else was quicker, or it exists already."""

    problem = "conflict"


class Unavailable(SkError):
    """Something this needs cannot be reached right now. Nothing was lost; try again."""

    problem = "unavailable"


class Damaged(Exception):
    """Something does not open: another key, another place, or not the bytes that were written; it never says which."""
