"""What a job gives up before it reads the first byte of a stranger's.

So has whatever takes it over hardly anything to reach for. What the limits promise, and what they do not, says
docs/adr/0016-a-process-for-each-document.md. Of ours nothing is imported here.
"""

import resource
import signal

MEMORY_BYTES = 1024 * 1024 * 1024
AFTER_SECONDS = 10


def confine(cpu_seconds: int, after_seconds: int = AFTER_SECONDS) -> None:
    """Give up what is not needed: from now on nothing can be opened, no file, no socket, no pipe; nothing can grow.

    So long after the last second of computing it ends in any case, also if nobody is left to kill it.
    """
    for limit, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),  # what is open stays open: the two ends to web
    ):
        resource.setrlimit(limit, (most, most))
    signal.alarm(cpu_seconds + after_seconds)
