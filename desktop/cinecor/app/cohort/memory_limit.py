"""`limit_memory`: a process may use so much memory and no more; what asks for more fails, alone."""

import os
import sys

from cinecor.errors import UsageError
from cinecor.message import Message

_CANNOT = Message("memory_unlimited", "This system limits no process's memory; leave --limit-memory out.")
_KEPT_FREE = 0.2  # of the machine's memory, for the system and everybody else


def require_memory_limit() -> None:
    """Raise `UsageError` where the system does not limit the memory of a process."""
    if sys.platform != "linux":
        raise UsageError(_CANNOT)


def limit_memory(limit_bytes: int) -> None:
    """Let this process use no more than so many bytes of its own. Raises `UsageError` where the system cannot."""
    require_memory_limit()
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    limit = limit_bytes if most == resource.RLIM_INFINITY else min(limit_bytes, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


def memory_share(processes: int) -> int:
    """Return the bytes that each of so many processes may use of this machine's memory, or of its container's."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:  # noqa: PTH123  not a path of anybody's
            total = min(total, int(file.read()))
    except (OSError, ValueError):  # no such file, or "max"
        pass
    return int(total * (1 - _KEPT_FREE)) // processes
