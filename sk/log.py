"""Logs: JSON lines on standard error; a constant name of what happened, and data as fields. Ids, never names."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        level, event = record.levelname.lower(), record.getMessage()
        line: dict[str, Any] = {"at": at, "level": level, "logger": record.name, "event": event}
        line |= {name: value for name, value in vars(record).items() if name not in STANDARD and name not in line}
        if record.exc_info and record.exc_info[1]:
            line["traceback"] = _places(record.exc_info[1])
        return json.dumps(line, default=str, ensure_ascii=False)


def _places(error: BaseException) -> list[str]:
    """Return what went wrong where, from the cause on: types and places, for a message may repeat what it is about."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    stack = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in stack]
    return [*(_places(before) if before else ()), *places, type(error).__qualname__]


def set_up_logging(level: str) -> None:
    """Send everything to standard error. `level` is that of our own logs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("sk").setLevel(level)
    # Libraries say below a warning what our own logs say better, some of it with addresses, paths and commands.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # repeats lines that it cannot parse, tokens too
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd's: repeats what a stranger says
    root = logging.getLogger()
    root.setLevel(max(root.level, logging.WARNING))
