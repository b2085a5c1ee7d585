"""`take_lock`: a lock on an open file that the system lets go of when its holder dies."""

import sys


def take_lock(handle: int) -> bool:
    """Take the lock of an open file and return whether that was possible; closing the file lets go of it.

    Raises `OSError` when the file system knows no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
