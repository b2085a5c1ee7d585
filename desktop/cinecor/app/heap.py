"""How the C library keeps memory: few heaps for the threads of a process, and what they leave free given back.

Threads that read, outline and measure get a heap each by themselves, and leave holes there that nothing fills for
minutes: a tenth of the process. Elsewhere than on glibc nothing is asked.
"""

import ctypes
import sys
from functools import cache
from typing import Final

_ARENA_MAX: Final = -8  # M_ARENA_MAX of malloc.h
_HEAPS: Final = 2


def share_heaps() -> None:
    """Let the threads that are yet to be started share two heaps."""
    library = _glibc()
    if library is not None:
        library.mallopt(_ARENA_MAX, _HEAPS)


def give_back_heap() -> None:
    """Give what all heaps hold free back to the system; it takes some milliseconds."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
